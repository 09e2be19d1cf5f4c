"""In which organization one may change one's own password (contract sections 3.5 and 3.6)."""

from collections.abc import Iterator

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import OrganizationMaker, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.toan.answers import problems, refusal, require_done
from tests.surfaces.toan.client import CHANGE, Toan, admin_path
from tests.surfaces.toan.people import Member, Members
from tests.surfaces.witness import Witness

_NEW = "N3w!password"
_WRONG = "Wr0ng!word"


def test_strangers_and_unknown_ones_are_refused_alike(
    member: Member, make_organization: OrganizationMaker, witness: Witness
) -> None:
    other = make_organization()
    names = [
        other.alias,
        other.id,
        "nowhere",
        "00000000-0000-4000-8000-000000000000",
        "%",
        "../acme",
        member.org.alias[:-1],
    ]
    answers = [member.toan.change(member.person.password, _NEW, org=name) for name in names]
    assert {refusal(each, 403) for each in answers} == {refusal(answers[0], 403)}
    assert witness.password_is(member.person.username, member.person.password)


def test_organization_is_checked_before_the_current_password(member: Member, toan: Toan) -> None:
    for _ in range(6):
        refusal(member.toan.change(_WRONG, _NEW, org="nowhere"), 403)
    toan.sign_in(member.person.username, member.person.password)


def test_former_member_is_refused(member: Member, witness: Witness) -> None:
    witness.admin.organization_user_remove(member.person.id, member.org.id)
    refusal(member.toan.change(member.person.password, _NEW, org=member.org.alias), 403)


@pytest.mark.parametrize("override", ["alias", "id"])
def test_override_is_not_for_members(member: Member, override: str) -> None:
    named = getattr(member.org, override)
    refusal(member.toan.change(member.person.password, _NEW, org=member.org.alias, override=named), 403)


def test_override_is_not_for_organization_administrators(members: Members) -> None:
    caller = members.administrator()
    refusal(caller.toan.change(caller.person.password, _NEW, org=caller.org.alias, override=caller.org.alias), 403)


@pytest.mark.parametrize("name", ["alias", "id"])
def test_platform_administrator_may_override(members: Members, witness: Witness, name: str) -> None:
    caller = members.platform_administrator()
    named = getattr(caller.org, name)
    require_done(caller.toan.change(caller.person.password, _NEW, org="anything", override=named))
    assert witness.password_is(caller.person.username, _NEW)
    assert witness.password_is(caller.colleague.username, caller.colleague.password)


def test_override_must_exist(members: Members) -> None:
    caller = members.platform_administrator()
    refusal(caller.toan.change(caller.person.password, _NEW, org=caller.org.alias, override="nowhere"), 403)


def test_platform_administrator_must_be_a_member_without_override(members: Members) -> None:
    caller = members.platform_administrator()
    refusal(caller.toan.change(caller.person.password, _NEW, org=caller.org.alias), 403)


@pytest.mark.parametrize("override", [None, "acme"])
def test_missing_header_is_told(member: Member, override: str | None) -> None:
    answer = member.toan.change(member.person.password, _NEW, org=None, override=override)
    assert [(each.loc, each.type) for each in problems(answer)] == [(("header", "x-org"), "missing")]


@pytest.mark.parametrize("override", [{}, {"x-org-override": "acme"}])
def test_empty_header_is_told(member: Member, override: dict[str, str]) -> None:
    body = {"current_password": member.person.password, "new_password": _NEW}
    answer = member.toan.post(CHANGE, body, {"x-org": "", **override})
    assert [each.loc for each in problems(answer)] == [("header", "x-org")]


def test_empty_override_is_none(administrator: Member, witness: Witness) -> None:
    caller = administrator
    headers = {"x-org": caller.org.alias, "x-org-override": ""}
    require_done(caller.toan.post(admin_path(caller.colleague.id), {"new_password": _NEW}, headers))
    assert witness.password_is(caller.colleague.username, _NEW)
    body = {"current_password": caller.person.password, "new_password": _NEW}
    require_done(caller.toan.post(CHANGE, body, headers))
    assert witness.password_is(caller.person.username, _NEW)


def test_empty_header_of_an_administrator_is_told(steady: Member) -> None:
    answer = steady.toan.post(admin_path(steady.colleague.id), {"new_password": _NEW}, {"x-org": ""})
    assert [each.loc for each in problems(answer)] == [("header", "x-org")]


def test_organization_that_is_switched_off_is_none(administrator: Member, witness: Witness) -> None:
    caller = administrator
    witness.disable_organization(caller.org.id)
    refusal(caller.toan.change(caller.person.password, _NEW, org=caller.org.alias), 403)
    refusal(caller.toan.change_of_user(caller.colleague.id, _NEW, org=caller.org.alias), 403)
    for person in (caller.person, caller.colleague):
        assert witness.password_is(person.username, person.password)


def test_switched_off_organization_is_nowhere_for_a_platform_administrator(members: Members, witness: Witness) -> None:
    caller = members.platform_administrator()
    witness.disable_organization(caller.org.id)
    refusal(caller.toan.change_of_user(caller.colleague.id, _NEW, org=caller.org.alias), 404)
    assert witness.password_is(caller.colleague.username, caller.colleague.password)


def test_nobody_administers_himself_wherever_he_says_he_is(platform_administrator: Member) -> None:
    caller = platform_administrator
    refusal(caller.toan.change_of_user(caller.person.id, _NEW, org="nowhere"), 403)


@pytest.fixture(scope="module")
def unchecked(apart: Apart) -> Iterator[httpx.Client]:
    """A gateway that does not look at organizations."""
    with served_gateway(apart(TOAN__ORG_CHECK="off")) as served, served.client() as client:
        yield client


def test_unchecked_name_is_not_looked_up(unchecked: httpx.Client, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person()
    toan = Toan(unchecked)
    caller = toan.bearing(toan.sign_in(person.username, person.password).access_token)
    require_done(caller.change(person.password, _NEW, org="nowhere", override="nowhere else"))
    assert witness.password_is(person.username, _NEW)


def test_unchecked_name_must_be_there(unchecked: httpx.Client, make_person: PersonMaker) -> None:
    person = make_person()
    toan = Toan(unchecked)
    caller = toan.bearing(toan.sign_in(person.username, person.password).access_token)
    assert problems(caller.change(person.password, _NEW, org=None))[0].loc == ("header", "x-org")


def test_organization_administrators_have_no_rights_without_organizations(
    unchecked: httpx.Client, members: Members, witness: Witness
) -> None:
    caller = members.administrator()
    toan = Toan(unchecked).bearing(caller.tokens.access_token)
    refusal(toan.change_of_user(caller.colleague.id, _NEW, org=caller.org.alias), 403)
    assert witness.password_is(caller.colleague.username, caller.colleague.password)


@pytest.mark.parametrize("override", [None, "nowhere else"])
def test_platform_administrators_have_rights_without_organizations(
    unchecked: httpx.Client, members: Members, make_person: PersonMaker, witness: Witness, override: str | None
) -> None:
    caller, target = members.platform_administrator(), make_person()
    toan = Toan(unchecked).bearing(caller.tokens.access_token)
    require_done(toan.change_of_user(target.id, _NEW, org="nowhere", override=override))
    assert witness.password_is(target.username, _NEW)


def test_own_password_is_no_administrators_business_without_organizations(
    unchecked: httpx.Client, members: Members, witness: Witness
) -> None:
    caller = members.platform_administrator()
    toan = Toan(unchecked).bearing(caller.tokens.access_token)
    refusal(toan.change_of_user(caller.person.id, _NEW, org="nowhere"), 403)
    assert witness.password_is(caller.person.username, caller.person.password)


@pytest.mark.parametrize("override", [None, "nowhere else"])
def test_organization_must_be_named_by_administrators_without_organizations(
    unchecked: httpx.Client, members: Members, witness: Witness, override: str | None
) -> None:
    caller = members.platform_administrator()
    toan = Toan(unchecked).bearing(caller.tokens.access_token)
    told = problems(toan.change_of_user(caller.colleague.id, _NEW, org=None, override=override))
    assert [(each.loc, each.type) for each in told] == [(("header", "x-org"), "missing")]
    assert witness.password_is(caller.colleague.username, caller.colleague.password)


def test_realm_without_organizations_is_served_where_they_are_not_looked_at(
    unchecked: httpx.Client, make_person: PersonMaker, witness: Witness
) -> None:
    person, administrator, target = make_person(), make_person(), make_person()
    witness.give_management_role(administrator.id, "manage-users")
    toan = Toan(unchecked)
    with witness.realm_with(organizationsEnabled=False):
        caller = toan.bearing(toan.sign_in(person.username, person.password).access_token)
        require_done(caller.change(person.password, _NEW, org="anything"))
        caller = toan.bearing(toan.sign_in(administrator.username, administrator.password).access_token)
        require_done(caller.change_of_user(target.id, _NEW, org="anything"))
    for each in (person, target):
        assert witness.password_is(each.username, _NEW)
