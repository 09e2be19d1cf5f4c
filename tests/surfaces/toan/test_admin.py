"""Who may set whose password (contract section 3.7)."""

from collections.abc import Callable

import pytest

from tests.servers.people import OrganizationMaker, PersonMaker
from tests.surfaces.toan.answers import refusal, require_done
from tests.surfaces.toan.client import NOBODY, Toan
from tests.surfaces.toan.people import Member, Members, require_unchanged
from tests.surfaces.witness import Witness

_NEW = "N3w!password"


@pytest.mark.parametrize("name", ["alias", "id"])
def test_organization_administrator_sets_a_members_password(administrator: Member, toan: Toan, name: str) -> None:
    target = administrator.colleague
    require_done(administrator.toan.change_of_user(target.id, _NEW, org=getattr(administrator.org, name)))
    toan.sign_in(target.username, _NEW)
    refusal(toan.login(target.username, target.password), 401)


def test_id_in_capitals_is_the_same_member(administrator: Member, witness: Witness) -> None:
    target = administrator.colleague
    require_done(administrator.toan.change_of_user(target.id.upper(), _NEW, org=administrator.org.alias))
    assert witness.password_is(target.username, _NEW)


def test_other_organizations_member_is_not_found(administrator: Member, members: Members, witness: Witness) -> None:
    stranger = members.plain()
    refusal(administrator.toan.change_of_user(stranger.person.id, _NEW, org=administrator.org.alias), 404)
    require_unchanged(witness, stranger.person)


def test_other_organization_is_refused(administrator: Member, members: Members, witness: Witness) -> None:
    elsewhere = members.plain()
    refusal(administrator.toan.change_of_user(elsewhere.person.id, _NEW, org=elsewhere.org.alias), 403)
    require_unchanged(witness, elsewhere.person)


def test_organization_where_one_is_only_a_member_is_refused(
    administrator: Member, make_organization: OrganizationMaker, witness: Witness
) -> None:
    org = make_organization(members=[administrator.person, administrator.colleague])
    refusal(administrator.toan.change_of_user(administrator.colleague.id, _NEW, org=org.alias), 403)
    require_unchanged(witness, administrator.colleague)


@pytest.mark.parametrize("override", ["own", "other"])
def test_override_of_an_organization_administrator_is_refused(
    administrator: Member, members: Members, witness: Witness, override: str
) -> None:
    elsewhere = members.plain()
    org = administrator.org if override == "own" else elsewhere.org
    for target in (administrator.colleague, elsewhere.person):
        call = administrator.toan.change_of_user
        refusal(call(target.id, _NEW, org=administrator.org.alias, override=org.alias), 403)
    require_unchanged(witness, administrator.colleague, elsewhere.person)


@pytest.mark.parametrize("role", ["manage-users", "realm-admin", "view-users", "query-groups"])
def test_platform_administrators_are_out_of_reach(administrator: Member, witness: Witness, role: str) -> None:
    witness.give_management_role(administrator.colleague.id, role)
    refusal(administrator.toan.change_of_user(administrator.colleague.id, _NEW, org=administrator.org.alias), 403)
    require_unchanged(witness, administrator.colleague)


def test_platform_administrators_by_group_are_out_of_reach(administrator: Member, witness: Witness) -> None:
    witness.give_management_role_by_group(administrator.colleague.id, "manage-users")
    refusal(administrator.toan.change_of_user(administrator.colleague.id, _NEW, org=administrator.org.alias), 403)
    require_unchanged(witness, administrator.colleague)


def test_group_of_another_name_gives_no_right(
    members: Members, make_person: PersonMaker, make_organization: OrganizationMaker, witness: Witness
) -> None:
    person, colleague = make_person(), make_person()
    org = make_organization(members=[colleague], admins=[person], group="editors")
    caller = members.signed_in(person, org, colleague)
    refusal(caller.toan.change_of_user(colleague.id, _NEW, org=org.alias), 403)
    require_unchanged(witness, colleague)


def test_realm_group_of_that_name_gives_no_right(members: Members, witness: Witness) -> None:
    caller = members.plain()
    witness.admin.create_group({"name": "admins"}, skip_exists=True)
    group = witness.admin.get_group_by_path("/admins")
    witness.admin.group_user_add(caller.person.id, group["id"])
    refusal(caller.toan.change_of_user(caller.colleague.id, _NEW, org=caller.org.alias), 403)
    require_unchanged(witness, caller.colleague)


def test_former_administrator_is_refused_at_once(administrator: Member, witness: Witness) -> None:
    witness.admin.organization_user_remove(administrator.person.id, administrator.org.id)
    refusal(administrator.toan.change_of_user(administrator.colleague.id, _NEW, org=administrator.org.alias), 403)
    require_unchanged(witness, administrator.colleague)


def test_member_is_refused(members: Members, witness: Witness) -> None:
    caller = members.plain()
    refusal(caller.toan.change_of_user(caller.colleague.id, _NEW, org=caller.org.alias), 403)
    require_unchanged(witness, caller.colleague)


def test_member_is_told_the_same_for_whatever_is_asked(members: Members) -> None:
    caller = members.plain()
    orgs, targets = (caller.org.alias, "nowhere"), (caller.colleague.id, NOBODY, "x")
    answers = [caller.toan.change_of_user(target, _NEW, org=org) for org in orgs for target in targets]
    assert len({refusal(each, 403) for each in answers}) == 1


def test_rights_count_in_tokens_issued_afterwards(members: Members, witness: Witness) -> None:
    caller = members.plain()
    witness.give_management_role(caller.person.id, "manage-users")
    refusal(caller.toan.change_of_user(caller.colleague.id, _NEW, org=caller.org.alias), 403)
    again = members.signed_in(caller.person, caller.org, caller.colleague)
    require_done(again.toan.change_of_user(caller.colleague.id, _NEW, org=caller.org.alias))


@pytest.mark.parametrize("role", ["view-users", "query-users", "manage-organizations"])
def test_lesser_management_role_gives_no_right(members: Members, witness: Witness, role: str) -> None:
    caller = members.platform_administrator(role)
    refusal(caller.toan.change_of_user(caller.colleague.id, _NEW, org=caller.org.alias), 403)
    require_unchanged(witness, caller.colleague)


@pytest.mark.parametrize("role", ["manage-users", "realm-admin"])
def test_platform_administrator_sets_a_members_password(members: Members, witness: Witness, role: str) -> None:
    caller = members.platform_administrator(role)
    require_done(caller.toan.change_of_user(caller.colleague.id, _NEW, org=caller.org.alias))
    assert witness.password_is(caller.colleague.username, _NEW)


@pytest.mark.parametrize("name", ["alias", "id"])
def test_override_is_the_effective_organization(
    platform_administrator: Member, members: Members, witness: Witness, name: str
) -> None:
    caller, elsewhere = platform_administrator, members.plain()
    override = getattr(elsewhere.org, name)
    call = caller.toan.change_of_user
    refusal(call(caller.colleague.id, _NEW, org=caller.org.alias, override=override), 404)
    require_done(call(elsewhere.person.id, _NEW, org=caller.org.alias, override=override))
    require_unchanged(witness, caller.colleague)
    assert witness.password_is(elsewhere.person.username, _NEW)


@pytest.mark.parametrize("role", ["manage-users", "realm-admin"])
def test_other_platform_administrators_are_in_reach(
    platform_administrator: Member, witness: Witness, role: str
) -> None:
    caller = platform_administrator
    witness.give_management_role(caller.colleague.id, role)
    require_done(caller.toan.change_of_user(caller.colleague.id, _NEW, org=caller.org.alias))
    assert witness.password_is(caller.colleague.username, _NEW)


def test_whatever_is_not_there_is_told_alike(platform_administrator: Member, make_person: PersonMaker) -> None:
    caller, unorganized = platform_administrator, make_person()
    call, org = caller.toan.change_of_user, caller.org.alias
    answers = [
        call(NOBODY, _NEW, org=org),
        call(unorganized.id, _NEW, org=org),
        call("no-uuid", _NEW, org=org),
        call(caller.colleague.id, _NEW, org="nowhere"),
        call(caller.colleague.id, _NEW, org=NOBODY),
        call(caller.colleague.id, _NEW, org=org, override="nowhere"),
    ]
    assert len({refusal(each, 404) for each in answers}) == 1


@pytest.mark.parametrize("spelled", [str, str.upper])
def test_organization_administrators_own_password_is_refused(
    administrator: Member, witness: Witness, spelled: Callable[[str], str]
) -> None:
    person = administrator.person
    refusal(administrator.toan.change_of_user(spelled(person.id), _NEW, org=administrator.org.alias), 403)
    require_unchanged(witness, person)


@pytest.mark.parametrize("spelled", [str, str.upper])
def test_platform_administrators_own_password_is_refused(
    members: Members,
    make_person: PersonMaker,
    make_organization: OrganizationMaker,
    witness: Witness,
    spelled: Callable[[str], str],
) -> None:
    person = make_person()
    witness.give_management_role(person.id, "manage-users")
    caller = members.signed_in(person, make_organization(members=[person]), person)
    refusal(caller.toan.change_of_user(spelled(person.id), _NEW, org=caller.org.alias), 403)
    require_unchanged(witness, person)


def test_right_that_was_taken_away_does_not_last_as_long_as_the_token(members: Members, witness: Witness) -> None:
    caller = members.platform_administrator()
    witness.take_management_role(caller.person.id, "manage-users")
    refusal(caller.toan.change_of_user(caller.colleague.id, _NEW, org="anything", override=caller.org.alias), 403)
    assert witness.password_is(caller.colleague.username, caller.colleague.password)
