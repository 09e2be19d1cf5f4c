"""What is told of refusals where a password was to be changed (security S49)."""

import secrets

import pytest

from tests.servers.gateway import ServedGateway
from tests.surfaces import counted
from tests.surfaces.logged import awaited, told_of
from tests.surfaces.toan.answers import refusal
from tests.surfaces.toan.client import NOBODY, Toan
from tests.surfaces.toan.people import Member, Members
from tests.surfaces.witness import Witness

_TOO_SHORT = "Ab1!"
_NEW = "N3w!password"


def _counted(gateway: ServedGateway, event: str) -> float:
    return counted.security_events(gateway, event, outcome="refused", reason="policy", surface="toan")


def test_own_new_password_that_breaks_a_rule_is_told(gateway: ServedGateway, member: Member) -> None:
    before = _counted(gateway, "password_changed")
    refusal(member.toan.change(member.person.password, _TOO_SHORT, org=member.org.alias), 400)
    (told,) = awaited(gateway, "password_changed", member.person.id)
    assert (told["outcome"], told["reason"], told["level"]) == ("refused", "policy", "warning")
    assert _counted(gateway, "password_changed") == before + 1


def test_anothers_new_password_that_breaks_a_rule_is_told_with_who_set_it(
    gateway: ServedGateway, administrator: Member
) -> None:
    target = administrator.colleague
    before = _counted(gateway, "password_set")
    refusal(administrator.toan.change_of_user(target.id, _TOO_SHORT, org=administrator.org.alias), 400)
    (told,) = awaited(gateway, "password_set", target.id)
    assert (told["outcome"], told["reason"], told["actor"]) == ("refused", "policy", administrator.person.id)
    assert _counted(gateway, "password_set") == before + 1


def test_who_may_not_set_a_password_is_told_with_whose(gateway: ServedGateway, member: Member) -> None:
    target = member.colleague
    before = counted.security_events(gateway, "administration", outcome="refused", reason="rights", surface="toan")
    refusal(member.toan.change_of_user(target.id.upper(), _NEW, org=member.org.alias), 403)
    (told,) = awaited(gateway, "administration", target.id)
    assert (told["outcome"], told["reason"], told["actor"]) == ("refused", "rights", member.person.id)
    assert (told["address"], told["level"]) == ("127.0.0.1", "warning")
    after = counted.security_events(gateway, "administration", outcome="refused", reason="rights", surface="toan")
    assert after == before + 1


def test_who_reaches_for_another_organizations_member_is_told(
    gateway: ServedGateway, members: Members, administrator: Member
) -> None:
    stranger = members.plain().person
    refusal(administrator.toan.change_of_user(stranger.id, _NEW, org=administrator.org.alias), 404)
    (told,) = awaited(gateway, "administration", stranger.id)
    assert (told["outcome"], told["reason"], told["actor"]) == ("refused", "target", administrator.person.id)


def test_a_target_that_is_no_id_is_not_repeated(gateway: ServedGateway, administrator: Member) -> None:
    sent = f"marked-{secrets.token_hex(4)}"
    answer = administrator.toan.change_of_user(sent, _NEW, org=administrator.org.alias)
    refusal(answer, 404)
    (told,) = told_of(gateway, answer, "administration")
    assert (told["account"], told["actor"]) == ("none", administrator.person.id)
    assert sent not in gateway.log


def test_what_an_administrator_may_do_is_no_refusal(gateway: ServedGateway, administrator: Member) -> None:
    answer = administrator.toan.change_of_user(administrator.colleague.id, _NEW, org=administrator.org.alias)
    assert answer.status_code == 200
    assert [each["outcome"] for each in told_of(gateway, answer, "password_set")] == ["done"]
    assert not told_of(gateway, answer, "administration")


def test_a_token_that_is_none_is_told_without_an_account(gateway: ServedGateway, toan: Toan, member: Member) -> None:
    token = member.tokens.access_token
    for bearer in ("none.at.all", f"{token[:-4]}AAAA", member.tokens.refresh_token):
        answer = toan.bearing(bearer).change("x", _NEW, org=member.org.alias)
        refusal(answer, 401)
        (told,) = told_of(gateway, answer, "bearer")
        assert (told["outcome"], told["reason"], told["account"]) == ("refused", "token", "none")


@pytest.mark.parametrize("by_keycloak", [False, True])
def test_a_token_that_outlives_its_session_is_told_with_whose(
    gateway: ServedGateway, toan: Toan, member: Member, witness: Witness, *, by_keycloak: bool
) -> None:
    if by_keycloak:
        witness.end_session(member.tokens.session_state, offline=False)
    else:
        assert toan.logout(member.tokens.refresh_token).status_code == 200
    answer = member.toan.change_of_user(NOBODY, _NEW, org=member.org.alias)
    refusal(answer, 401)
    (told,) = told_of(gateway, answer, "bearer")
    assert (told["outcome"], told["reason"], told["account"]) == ("refused", "ended", member.person.id)


def test_a_request_without_a_token_is_no_event(gateway: ServedGateway, toan: Toan) -> None:
    answer = toan.change("x", _NEW, org="acme")
    refusal(answer, 401)
    assert told_of(gateway, answer, "bearer") == []
