"""Which current and which new passwords are taken (contract section 3.6)."""

import pytest

from tests.servers.people import OrganizationMaker, PersonMaker
from tests.surfaces.toan.answers import refusal, require_done, tokens
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.people import Member
from tests.surfaces.witness import Witness

_NEW = "N3w!password"
_WRONG = "Wr0ng!word"


@pytest.mark.parametrize("current", ["", _WRONG, "x" * 10000, "\U0001d4abassw0rd!x", "\x01"])
def test_wrong_current_password_is_refused(member: Member, witness: Witness, current: str) -> None:
    refusal(member.toan.change(current, _NEW, org=member.org.alias), 400)
    assert witness.password_is(member.person.username, member.person.password)
    assert witness.sessions(member.person.id) == {member.tokens.session_state}


def test_locked_person_is_told_the_same_as_a_wrong_password(toan: Toan, member: Member, witness: Witness) -> None:
    wrong = member.toan.change(_WRONG, _NEW, org=member.org.alias)
    for _ in range(4):
        toan.login(member.person.username, _WRONG)
    locked = member.toan.change(member.person.password, _NEW, org=member.org.alias)
    assert refusal(locked, 400) == refusal(wrong, 400)
    assert witness.password_is(member.person.username, member.person.password)


def test_person_locked_by_keycloak_itself_is_told_the_same_as_a_wrong_password(
    member: Member, witness: Witness
) -> None:
    wrong = member.toan.change(_WRONG, _NEW, org=member.org.alias)
    with witness.own_detection():
        witness.lock(member.person.username)
        locked = member.toan.change(member.person.password, _NEW, org=member.org.alias)
        assert witness.is_locked(member.person.id)
    assert refusal(locked, 400) == refusal(wrong, 400)
    witness.unlock(member.person.id)
    assert witness.password_is(member.person.username, member.person.password)


def test_person_without_a_password_is_told_the_same_as_a_wrong_one(
    toan: Toan,
    member: Member,
    make_person: PersonMaker,
    make_organization: OrganizationMaker,
    witness: Witness,
) -> None:
    person = make_person(password=None)
    org = make_organization(members=[person])
    bearer = witness.verified(person.username)["access_token"]
    answer = toan.bearing(bearer).change(_WRONG, _NEW, org=org.alias)
    assert answer.content == member.toan.change(_WRONG, _NEW, org=member.org.alias).content
    refusal(answer, 400)
    assert not witness.password_is(person.username, _NEW)


@pytest.mark.parametrize(
    ("new", "rule"),
    [
        ("Sh0rt!x", "8"),
        ("l0wer!case", "upper"),
        ("UPP3R!CASE", "lower"),
        ("No!digits", "digit"),
        ("N0special", ""),
        ("", ""),
        (" ", ""),
    ],
)
def test_new_password_that_breaks_a_rule_is_refused(member: Member, witness: Witness, new: str, rule: str) -> None:
    detail = refusal(member.toan.change(member.person.password, new, org=member.org.alias), 400)
    assert rule in detail
    assert "invalidPassword" not in detail
    assert witness.password_is(member.person.username, member.person.password)


def test_new_password_that_is_the_current_one_is_refused(member: Member, witness: Witness) -> None:
    current = member.person.password
    refusal(member.toan.change(current, current, org=member.org.alias), 400)
    assert witness.password_is(member.person.username, current)


@pytest.mark.parametrize("length", [257, 10000])
def test_overlong_new_password_is_refused(member: Member, witness: Witness, length: int) -> None:
    refusal(member.toan.change(member.person.password, "Aa1!" + "x" * (length - 4), org=member.org.alias), 400)
    assert witness.password_is(member.person.username, member.person.password)


@pytest.mark.parametrize(
    "new", ["Aa1!" + "x" * 252, " Aa1!xxxx ", "Aa1!zoë\u0301Å\U0001d4ab\U00010348", "Aa1!\u202ex\u200by"]
)
def test_new_password_is_set_exactly_as_sent(member: Member, toan: Toan, witness: Witness, new: str) -> None:
    require_done(member.toan.change(member.person.password, new, org=member.org.alias))
    assert witness.password_is(member.person.username, new)
    toan.sign_in(member.person.username, new)


@pytest.mark.parametrize("character", ["\0", "\x01", "\x0b", "\x1b", "\r", "\n", "\x7f", "\x85", "\u2028", "\ufffe"])
def test_control_character_in_a_new_password_is_set_exactly_or_refused(
    member: Member, witness: Witness, character: str
) -> None:
    new = f"Aa1!xx{character}xx"
    answer = member.toan.change(member.person.password, new, org=member.org.alias)
    assert answer.status_code in (200, 400, 422), answer.text
    assert witness.password_is(member.person.username, new) == (answer.status_code == 200)
    assert witness.password_is(member.person.username, member.person.password) == (answer.status_code != 200)


@pytest.mark.parametrize("character", ["\0", "\x01", "\x1b", "\n"])
def test_control_character_in_the_current_password_makes_it_another(
    member: Member, witness: Witness, character: str
) -> None:
    answer = member.toan.change(f"{member.person.password}{character}", _NEW, org=member.org.alias)
    assert answer.status_code in (400, 422), answer.text
    assert witness.password_is(member.person.username, member.person.password)


@pytest.mark.parametrize("new", ["weak", "", "Aa1!" + "x" * 300, "Passw0rd!x"])
def test_refused_new_password_ends_no_session_and_begins_none(
    toan: Toan, member: Member, witness: Witness, new: str
) -> None:
    other = toan.sign_in(member.person.username, member.person.password)
    refusal(member.toan.change(member.person.password, new, org=member.org.alias), 400)
    assert witness.sessions(member.person.id) == {member.tokens.session_state, other.session_state}
    assert witness.offline_sessions(member.person.id) == set()
    tokens(toan.refresh(other.refresh_token))


def test_current_name_is_the_one_that_keycloak_has_now(member: Member, witness: Witness) -> None:
    renamed = f"renamed-{member.person.username}"
    witness.rename(member.person.id, renamed)
    require_done(member.toan.change(member.person.password, _NEW, org=member.org.alias))
    assert witness.password_is(renamed, _NEW)
