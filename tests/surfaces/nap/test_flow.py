"""What a flow waits for, and its completion (contract sections 4.2 and 4.3)."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.generators import KEY, Generator
from tests.servers.people import OrganizationMaker, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.nap.client import Nap, flow_id, refusal, tokens, unwrapped
from tests.surfaces.nap.people import Member, Members
from tests.surfaces.parallel import at_once
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.pipeshub.client import refusal as refused_by_pipeshub
from tests.surfaces.waiting import until
from tests.surfaces.witness import Witness, claims


@pytest.fixture
def member(members: Members) -> Member:
    """A member of two organizations."""
    return members(2)


@pytest.fixture
def begun(tenants: Nap, member: Member) -> str:
    """That member's flow."""
    return flow_id(tenants.login(*member.credentials))


def test_a_flow_tells_what_there_is_to_choose_from(tenants: Nap, member: Member, begun: str) -> None:
    told = tenants.flow(begun).json()
    fixed = {"id": begun, "type": "login", "userId": member.person.id, "email": member.person.email}
    choices = {(each["id"], each["name"], each["slug"]) for each in told["orgs"]}
    assert choices == {(each.id, each.name, each.alias) for each in member.organizations}
    assert told == {
        **fixed,
        "mfaRequired": False,
        "mfaVerified": False,
        "orgs": told["orgs"],
        "createdAt": told["createdAt"],
        "expiresAt": told["expiresAt"],
    }


def test_the_life_of_a_flow_is_ten_minutes(tenants: Nap, begun: str) -> None:
    told = tenants.flow(begun).json()
    created, expires = (datetime.strptime(told[name], "%Y-%m-%dT%H:%M:%SZ") for name in ("createdAt", "expiresAt"))  # noqa: DTZ007 - both are UTC
    assert expires - created == timedelta(minutes=10)
    assert abs(datetime.now(UTC).replace(tzinfo=None) - created) < timedelta(minutes=1)  # noqa: TID251 - Redis' clock


def test_reading_neither_ends_nor_changes_a_flow(tenants: Nap, member: Member, begun: str) -> None:
    assert len({tenants.flow(begun).content for _ in range(3)}) == 1
    tokens(tenants.complete(begun, orgId=member.organizations[0].id))


def test_where_to_return_to_is_told_again_as_it_came(tenants: Nap, member: Member) -> None:
    place = "javascript:alert(1)//é\u2028 <b>"
    begun = flow_id(tenants.login(*member.credentials, flowReturnTo=place))
    assert tenants.flow(begun).json()["returnTo"] == place


def test_a_description_is_told_where_there_is_one(tenants: Nap, members: Members, witness: Witness) -> None:
    member = members(2)
    described, plain = member.organizations
    witness.describe_organization(described.id, "Ours, since <1990>")
    told = {each["id"]: each for each in tenants.flow(flow_id(tenants.login(*member.credentials))).json()["orgs"]}
    assert told[described.id]["description"] == "Ours, since <1990>"
    assert "description" not in told[plain.id]


@pytest.mark.parametrize("unknown", ["x", "A" * 43, "%00", "..%20", "%C3%A9", "null", "a" * 4000, "%2e%2e"])
def test_an_unknown_flow_is_a_400_that_nobody_sleeps_on(tenants: Nap, unknown: str) -> None:
    answer = tenants.flow(unknown)
    refusal(answer, 400)
    assert "retry-after" not in answer.headers
    refusal(tenants.complete(unknown, orgId="x", code="123456"), 400)


def test_a_sign_in_of_another_surface_is_no_flow(tenants: Nap, member: Member) -> None:
    begun = tenants.http.post("/userAccount/initAuth", json={"email": member.person.email})
    refusal(tenants.flow(begun.headers["x-session-token"]), 400)


def test_a_flow_is_no_sign_in_of_another_surface(tenants: Nap, member: Member, begun: str, witness: Witness) -> None:
    page = Pipeshub(tenants.http)
    refused_by_pipeshub(page.by_password(begun, member.person.password), 404, "SESSION_EXPIRED")
    assert not witness.sessions(member.person.id)
    tokens(tenants.complete(begun, orgId=member.organizations[0].id))


@pytest.mark.parametrize("name", ["id", "alias"])
def test_the_tokens_are_for_the_chosen_organization_only(
    tenants: Nap, member: Member, begun: str, witness: Witness, name: str
) -> None:
    chosen = member.organizations[1]
    answer = tenants.complete(begun, orgId=getattr(chosen, name))
    told = tokens(answer)
    assert answer.json().keys() == {"message", "requireEmailVerification", "tokens"}
    access = claims(unwrapped(told["session_token"]))
    assert (access["sub"], access["organization"]) == (member.person.id, [chosen.alias])
    assert witness.sessions(member.person.id) == {told["session_id"]}


def test_a_completed_flow_is_gone(tenants: Nap, member: Member, begun: str) -> None:
    tokens(tenants.complete(begun, orgId=member.organizations[0].id))
    refusal(tenants.flow(begun), 400)
    refusal(tenants.complete(begun, orgId=member.organizations[0].id), 400)


def test_two_completions_at_once_are_one(tenants: Nap, members: Members, witness: Witness) -> None:
    member = members(2)
    begun = flow_id(tenants.login(*member.credentials))
    chosen = member.organizations[0].id
    answers = at_once([lambda: tenants.complete(begun, orgId=chosen)] * 12)
    assert sorted(each.status_code for each in answers) == [200] + [400] * 11
    assert len(witness.sessions(member.person.id)) == 1


@pytest.mark.parametrize("given", [{}, {"orgId": None}, {"orgId": ""}, {"orgId": "unknown"}, {"code": "123456"}])
def test_without_one_of_the_organizations_a_flow_goes_on(
    tenants: Nap, member: Member, begun: str, given: dict[str, object]
) -> None:
    refusal(tenants.complete(begun, **given), 400)
    tokens(tenants.complete(begun, orgId=member.organizations[0].id))


def test_an_organization_of_others_is_not_on_offer(
    tenants: Nap, begun: str, make_organization: OrganizationMaker
) -> None:
    organization = make_organization()
    for name in (organization.id, organization.alias, "*"):
        refusal(tenants.complete(begun, orgId=name), 400)


@pytest.mark.parametrize("given", [{"orgId": 1}, {"orgId": ["x"]}, {"code": 123456}, {"code": True}])
def test_an_answer_of_another_type_is_a_400(tenants: Nap, begun: str, given: dict[str, object]) -> None:
    refusal(tenants.complete(begun, **given), 400)


def test_who_has_left_the_organization_meanwhile_gets_nothing(
    tenants: Nap, member: Member, begun: str, witness: Witness
) -> None:
    left = member.organizations[0]
    witness.leave(member.person.id, left.id)
    refusal(tenants.complete(begun, orgId=left.id), 401)
    assert not witness.sessions(member.person.id)


def test_an_organization_that_was_switched_off_meanwhile_gives_nothing(
    tenants: Nap, member: Member, begun: str, witness: Witness
) -> None:
    witness.disable_organization(member.organizations[0].id)
    refusal(tenants.complete(begun, orgId=member.organizations[0].id), 401)


@pytest.mark.parametrize(
    "changed", [{"enabled": False}, {"emailVerified": False}, {"requiredActions": ["UPDATE_PASSWORD"]}]
)
def test_an_account_that_has_changed_meanwhile_gets_nothing(
    tenants: Nap, member: Member, begun: str, witness: Witness, changed: dict[str, object]
) -> None:
    witness.admin.update_user(member.person.id, {**witness.admin.get_user(member.person.id), **changed})
    refusal(tenants.complete(begun, orgId=member.organizations[0].id), 401)
    assert not witness.sessions(member.person.id)


def test_a_deleted_account_gets_nothing(tenants: Nap, member: Member, begun: str, witness: Witness) -> None:
    witness.admin.delete_user(member.person.id)
    refusal(tenants.complete(begun, orgId=member.organizations[0].id), 401)


def test_a_new_password_ends_a_flow(tenants: Nap, member: Member, begun: str) -> None:
    org = member.organizations[0]
    login = tenants.http.post(
        "/api/iam/login", json={"user": member.person.username, "password": member.person.password}
    )
    changed = tenants.http.post(
        "/api/iam/password/change",
        json={"current_password": member.person.password, "new_password": "An0ther!word"},
        headers={"authorization": f"Bearer {login.json()['access_token']}", "x-org": org.alias},
    )
    assert changed.status_code == 200, changed.text
    refusal(tenants.flow(begun), 400)
    refusal(tenants.complete(begun, orgId=org.id), 400)


def test_a_code_signs_in_where_nobody_chooses(nap: Nap, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person(totp=KEY)
    begun = flow_id(nap.login(person.email, person.password))
    told = nap.flow(begun).json()
    assert (told["mfaRequired"], told["mfaVerified"], "orgs" in told) == (True, False, False)
    granted = tokens(nap.complete(begun, code=Generator().code()))
    assert witness.sessions(person.id) == {granted["session_id"]}


@pytest.mark.parametrize("organizations", [1, 2])
def test_a_security_key_that_nobody_can_be_asked_for_is_not_skipped(
    tenants: Nap, members: Members, witness: Witness, organizations: int
) -> None:
    member = members(organizations, factors=["webauthn"])
    refusal(tenants.login(*member.credentials), 401)
    until(lambda: witness.sessions(member.person.id) == set())


def test_a_code_is_as_good_as_a_security_key(nap: Nap, make_person: PersonMaker) -> None:
    person = make_person(totp=KEY, factors=["webauthn"])
    tokens(nap.complete(flow_id(nap.login(person.email, person.password)), code=Generator().code()))


def test_a_code_signs_in_to_the_one_organization(tenants: Nap, members: Members) -> None:
    member = members(1, totp=KEY)
    begun = flow_id(tenants.login(*member.credentials))
    assert "orgs" not in tenants.flow(begun).json()
    told = tokens(tenants.complete(begun, code=Generator().code()))
    assert claims(unwrapped(told["session_token"]))["organization"] == [member.organizations[0].alias]


def test_a_code_and_a_choice_go_together(tenants: Nap, members: Members) -> None:
    member, generator = members(2, totp=KEY), Generator()
    chosen = member.organizations[1]
    begun = flow_id(tenants.login(*member.credentials))
    told = tenants.flow(begun).json()
    assert (told["mfaRequired"], len(told["orgs"])) == (True, 2)
    for given in ({"orgId": chosen.id}, {"orgId": chosen.id, "code": ""}, {"code": generator.wrong_code()}):
        refusal(tenants.complete(begun, **given), 400)
    told = tokens(tenants.complete(begun, orgId=chosen.alias, code=generator.code()))
    assert claims(unwrapped(told["session_token"]))["organization"] == [chosen.alias]


@pytest.mark.parametrize("wrong", ["000", "x", "123 456", "\uff11\uff12\uff13\uff14\uff15\uff16", "\x01", "9" * 64])
def test_what_is_no_code_is_a_wrong_one(nap: Nap, make_person: PersonMaker, wrong: str) -> None:
    person = make_person(totp=KEY)
    begun = flow_id(nap.login(person.email, person.password))
    refusal(nap.complete(begun, code=wrong), 401)
    tokens(nap.complete(begun, code=Generator().code()))


def test_a_code_works_once(nap: Nap, make_person: PersonMaker) -> None:
    person = make_person(totp=KEY)
    first, second = (flow_id(nap.login(person.email, person.password)) for _ in range(2))
    code = Generator().code()
    tokens(nap.complete(first, code=code))
    refusal(nap.complete(second, code=code), 401)


def test_of_two_completions_with_one_code_one_signs_in(nap: Nap, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person(totp=KEY)
    begun, code = flow_id(nap.login(person.email, person.password)), Generator().code()
    answers = at_once([lambda: nap.complete(begun, code=code)] * 4)
    statuses = sorted(each.status_code for each in answers)
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {400, 401}
    assert len(witness.sessions(person.id)) == 1


def test_a_code_generator_of_another_person_is_of_no_use(nap: Nap, make_person: PersonMaker) -> None:
    person = make_person(totp=KEY)
    begun = flow_id(nap.login(person.email, person.password))
    refusal(nap.complete(begun, code=Generator("another-key-of-20-ch").code()), 401)


@pytest.mark.parametrize("enrolled", [{"totp": KEY}, {"factors": ["webauthn"]}], ids=["generator", "security key"])
def test_a_factor_that_was_enrolled_meanwhile_is_not_skipped(
    tenants: Nap, members: Members, member: Member, begun: str, witness: Witness, enrolled: dict[str, Any]
) -> None:
    members.make_person.enrol(member.person, **enrolled)
    refusal(tenants.complete(begun, orgId=member.organizations[0].id), 401)
    assert not witness.sessions(member.person.id)


def test_a_generator_that_is_gone_ends_the_way(nap: Nap, members: Members, witness: Witness) -> None:
    gone = members(0, totp=KEY)
    begun = flow_id(nap.login(*gone.credentials))
    witness.remove_generators(gone.person.id)
    refusal(nap.complete(begun, code="123456"), 401)
    tokens(nap.login(*gone.credentials))


@pytest.fixture(scope="module")
def lenient(nap_apart: Apart) -> Iterator[Nap]:
    """A gateway whose lock-out bears more than a flow does, and whose flows are short."""
    variables = nap_apart(LOCKOUT__MAX_FAILURES="20", NAP__FLOW_LIFETIME="6")
    with served_gateway(variables) as served, served.client() as client:
        yield Nap(client)


def test_the_fifth_wrong_code_ends_a_flow(lenient: Nap, make_person: PersonMaker) -> None:
    person, generator = make_person(totp=KEY), Generator()
    begun = flow_id(lenient.login(person.email, person.password))
    for _ in range(5):
        refusal(lenient.complete(begun, code=generator.wrong_code()), 401)
    refusal(lenient.flow(begun), 400)
    refusal(lenient.complete(begun, code=generator.code()), 400)


def test_a_flow_ends_with_its_life_however_it_is_used(lenient: Nap, make_person: PersonMaker) -> None:
    person = make_person(totp=KEY)
    begun = flow_id(lenient.login(person.email, person.password))
    time.sleep(3)
    assert lenient.flow(begun).status_code == 200
    refusal(lenient.complete(begun, code=Generator().wrong_code()), 401)
    time.sleep(3.5)
    refusal(lenient.flow(begun), 400)
    refusal(lenient.complete(begun, code=Generator().code()), 400)


def test_wrong_codes_and_wrong_passwords_lock_together(nap: Nap, make_person: PersonMaker, witness: Witness) -> None:
    person, generator = make_person(totp=KEY), Generator()
    begun = flow_id(nap.login(person.email, person.password))
    answers: list[httpx.Response] = [nap.complete(begun, code=generator.wrong_code()) for _ in range(3)]
    answers += [nap.login(person.email, "Wr0ng!word") for _ in range(2)]
    for answer in answers:
        refusal(answer, 401)
    refusal(nap.complete(begun, code=generator.code()), 401)
    refusal(nap.login(person.email, person.password), 401)
    assert not witness.sessions(person.id)


def test_a_right_password_does_not_buy_more_guesses_at_the_code(nap: Nap, make_person: PersonMaker) -> None:
    person, generator = make_person(totp=KEY), Generator()
    for _ in range(5):
        begun = flow_id(nap.login(person.email, person.password))
        refusal(nap.complete(begun, code=generator.wrong_code()), 401)
    refusal(nap.login(person.email, person.password), 401)
    refusal(nap.complete(begun, code=generator.code()), 401)


def test_a_complete_sign_in_clears_the_count(nap: Nap, make_person: PersonMaker) -> None:
    person, generator = make_person(totp=KEY), Generator()
    for _ in range(2):
        for _ in range(3):
            refusal(nap.login(person.email, "Wr0ng!word"), 401)
        tokens(nap.complete(flow_id(nap.login(person.email, person.password)), code=generator.code()))


def test_of_many_guesses_at_once_five_are_evaluated(nap: Nap, make_person: PersonMaker, witness: Witness) -> None:
    person, generator = make_person(totp=KEY), Generator()
    begun = flow_id(nap.login(person.email, person.password))
    wrong = generator.wrong_code()
    with witness.realm_with(eventsEnabled=True):
        answers = at_once([lambda: nap.complete(begun, code=wrong)] * 20)
        # Whoever waits too long for a place is told to come again; nothing of his was evaluated.
        assert {each.status_code for each in answers} <= {400, 401, 429}
        assert witness.failed_sign_ins(person.id) == 5
    refusal(nap.login(person.email, person.password), 401)
    assert not witness.sessions(person.id)
