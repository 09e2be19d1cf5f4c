"""What toan needs of its service account, and nothing beyond (contract section 3.7)."""

from collections.abc import Iterator

import pytest

from tests.servers.gateway import served_gateway
from tests.surfaces.conftest import Apart
from tests.surfaces.toan.answers import refusal, require_done
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.people import Member, Members
from tests.surfaces.witness import Witness

_NEW = "N3w!password"
_LEAST = ("manage-users", "view-organizations", "view-clients", "view-identity-providers")


@pytest.fixture(scope="module")
def least(apart: Apart, witness: Witness) -> Iterator[Toan]:
    """A gateway, started while its service account has the least roles."""
    with witness.service_account_with(*_LEAST), served_gateway(apart()) as served, served.client() as client:
        yield Toan(client)


def _bearing(least: Toan, member: Member) -> Toan:
    return least.bearing(member.tokens.access_token)


def test_member_changes_his_password(least: Toan, member: Member, witness: Witness) -> None:
    person = member.person
    other = least.sign_in(person.username, person.password, remember_me=True)
    require_done(_bearing(least, member).change(person.password, _NEW, org=member.org.alias))
    assert witness.password_is(person.username, _NEW)
    refusal(least.refresh(other.refresh_token), 401)


def test_organization_administrator_sets_a_members_password(
    least: Toan, administrator: Member, witness: Witness
) -> None:
    target = administrator.colleague
    require_done(_bearing(least, administrator).change_of_user(target.id, _NEW, org=administrator.org.alias))
    assert witness.password_is(target.username, _NEW)


def test_platform_administrators_are_told_from_others(least: Toan, administrator: Member, witness: Witness) -> None:
    witness.give_management_role(administrator.colleague.id, "view-users")
    calls = _bearing(least, administrator)
    refusal(calls.change_of_user(administrator.colleague.id, _NEW, org=administrator.org.alias), 403)


@pytest.mark.parametrize("override", [False, True])
def test_platform_administrator_sets_a_members_password(
    least: Toan, members: Members, witness: Witness, *, override: bool
) -> None:
    caller = members.platform_administrator()
    named = (None, caller.org.alias) if override else (caller.org.id, None)
    call = _bearing(least, caller).change_of_user
    require_done(call(caller.colleague.id, _NEW, org=named[0] or "anything", override=named[1]))
    assert witness.password_is(caller.colleague.username, _NEW)
