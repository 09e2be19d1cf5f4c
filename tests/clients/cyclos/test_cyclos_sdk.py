"""What the published client makes of the gateway (contract section 2)."""

from collections.abc import Mapping

from tests.clients.cyclos.sdk import Sdk
from tests.servers.people import OrganizationMaker, PersonMaker
from tests.surfaces.cyclos.further import activation_code

_WRONG = "Wr0ng!word"


def test_a_session_is_begun_used_and_ended(sdk: Sdk, make_person: PersonMaker) -> None:
    person, program = make_person(), sdk.program("a session")
    told = program.login(person.username, person.password)
    assert told["user"] == {"id": person.id, "display": "Test Person", "shortDisplay": person.username}
    assert (told["principal"], len(told["session_token"])) == (person.username, 64)
    assert (told["expired_password"], told["pending_agreements"]) == (False, False)
    assert program.current_user()["user"]["id"] == person.id
    assert program.done("auth", "logout") is None
    assert "user" not in program.current_user()
    program.done("auth", "set_session_token", token=told["session_token"])
    assert program.refused(401, "auth", "current_user")["code"] == "loggedOut"
    assert program.refused(401, "auth", "logout")["code"] == "loggedOut"


def test_a_login_while_the_client_remembers_a_session_is_of_its_password(sdk: Sdk, make_person: PersonMaker) -> None:
    one, other, program = make_person(), make_person(), sdk.program("two people")
    program.login(one.username, one.password)
    assert program.refused(401, "auth", "login", username=other.username, password=_WRONG)["code"] == "login"
    assert program.current_user()["user"]["id"] == one.id
    assert program.login(other.email, other.password)["principal"] == other.email
    assert program.current_user()["user"]["id"] == other.id


def test_an_access_client_is_activated_and_acts(
    sdk: Sdk, make_person: PersonMaker, variables: Mapping[str, str]
) -> None:
    person, program = make_person(), sdk.program("a till")
    program.login(person.username, person.password)
    code = activation_code(variables, person, "till 3")
    assert program.refused(404, "webservices", "activate_client", code="AAAAAAAAAAAA")["code"] is None
    error = program.refused(422, "webservices", "activate_client", code=code, prefix="\u00e9")
    assert (error["code"], list(error["properties"])) == ("validation", ["prefix"])
    made = program.done("webservices", "activate_client", code=code, prefix="shop-7:")
    assert made["name"] == "till 3"
    assert made["access_client"]["id"] == made["id"]
    assert program.done("auth", "logout") is None

    till = sdk.program("the till itself")
    till.done("auth", "set_access_client_token", token=f"shop-7:{made['token']}")
    told = till.current_user()
    assert (told["user"]["id"], told["access_client"]["name"]) == (person.id, "till 3")
    till.done("auth", "set_access_client_token", token=made["token"])
    assert till.refused(401, "auth", "current_user")["code"] == "invalidAccessClient"


def test_a_network_is_a_part_of_the_address(
    sdk: Sdk, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    organization = make_organization()
    member, stranger = make_person(organizations=[organization]), make_person()
    program = sdk.program("a member", organization.alias)
    assert program.login(member.username, member.password)["user"]["id"] == member.id
    assert program.current_user()["user"]["id"] == member.id
    wrong = {"username": stranger.username, "password": stranger.password}
    assert program.refused(401, "auth", "login", **wrong)["code"] == "login"
    assert sdk.program("nobody", "nowhere").refused(401, "auth", "current_user")["code"] == "invalidNetwork"


def test_a_guest_is_told_what_he_lacks(sdk: Sdk) -> None:
    guest = sdk.program("a guest")
    assert "user" not in guest.current_user()
    assert guest.refused(401, "auth", "logout")["code"] == "missingAuthorization"
