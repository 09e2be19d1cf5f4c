"""A client generated from our document works against the gateway that the document is of."""

from tests.clients.nap.generated import GeneratedClient
from tests.servers.generators import KEY, Generator
from tests.servers.people import OrganizationMaker, Person, PersonMaker
from tests.surfaces.inviting import Inviting
from tests.surfaces.nap.newcomers import PASSWORD, Letters, newcomer


def test_a_person_goes_all_the_way_from_an_invitation_to_the_end_of_the_session(
    client: GeneratedClient, inviting: Inviting, letters: Letters, make_organization: OrganizationMaker
) -> None:
    somebody, organization = newcomer(), make_organization()
    invitation = inviting.token(somebody.email, organization.alias)
    made = client.call("api_auth_signup_post", somebody.body(inviteToken=invitation))
    assert made.keys() == {"userId", "message"}
    assert client.call("api_auth_verify_email_send_post", {"email": somebody.email})["success"]
    assert client.call("api_auth_verify_email_verify_post", {"token": letters.token(somebody.email)})["success"]
    told = client.call("api_auth_login_post", {"email": somebody.email, "password": PASSWORD})
    renewed = client.call("api_auth_refresh_post", x_nap_refresh_token=told["tokens"]["refresh_token"])
    assert renewed["tokens"]["session_id"] == told["tokens"]["session_id"]
    assert client.call("api_auth_logout_post", x_nap_session_token=renewed["tokens"]["session_token"])["success"]


def test_a_flow_is_read_and_completed(
    client: GeneratedClient, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    offered = [make_organization(), make_organization()]
    person: Person = make_person(organizations=offered, totp=KEY)
    flow = client.call("api_auth_login_post", {"email": person.email, "password": person.password})["flowId"]
    told = client.call("api_auth_flow_flow_id_get", flow_id=flow)
    assert {each["id"] for each in told["orgs"]} == {each.id for each in offered}
    answer = {"orgId": offered[0].id, "code": Generator().code()}
    assert "tokens" in client.call("api_auth_flow_flow_id_complete_post", answer, flow_id=flow)


def test_every_no_is_parsed_into_its_class(
    client: GeneratedClient, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    unverified = make_person(email_verified=False, organizations=[make_organization()])
    nobody = newcomer()
    calls = {
        ("api_auth_login_post", 400): ({"email": "nobody", "password": "x"}, {}),
        ("api_auth_login_post", 401): ({"email": nobody.email, "password": "x"}, {}),
        ("api_auth_login_post", 403): ({"email": unverified.email, "password": unverified.password}, {}),
        ("api_auth_flow_flow_id_get", 400): (None, {"flow_id": "x"}),
        ("api_auth_flow_flow_id_complete_post", 400): ({}, {"flow_id": "x"}),
        ("api_auth_logout_post", 400): (None, {}),
        ("api_auth_logout_post", 401): (None, {"x_nap_session_token": "x"}),
        ("api_auth_refresh_post", 400): (None, {"x_nap_refresh_token": ""}),
        ("api_auth_refresh_post", 401): (None, {"x_nap_refresh_token": "x"}),
        ("api_auth_signup_post", 400): (nobody.body(confirmPassword="other"), {}),
        ("api_auth_signup_post", 401): (nobody.body(), {}),
        ("api_auth_verify_email_send_post", 400): ({"email": nobody.email}, {}),
        ("api_auth_verify_email_verify_post", 400): ({"token": "x"}, {}),
    }
    for (operation, status), (body, arguments) in calls.items():
        told = client.asked(operation, body, **arguments)
        assert (told["status"], told["answer"]["code"]) == (status, status), told
        assert told["kind"] == ("HandlersUserLoginRefusal" if status == 403 else "HandlersErrorResponse")
