"""What a flow waits for, and its completion (contract sections 4.2 and 4.3)."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.servers.people import OrganizationMaker
from tests.surfaces.nap.client import Nap, flow_id, refusal, tokens, unwrapped
from tests.surfaces.nap.people import Member, Members
from tests.surfaces.parallel import at_once
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
