"""Change one's own password, and what becomes of the sessions (contract section 3.6)."""

from functools import partial

import httpx
import pytest

from tests.servers.people import OrganizationMaker, Person, PersonMaker
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.answers import refusal, require_done, tokens
from tests.surfaces.toan.client import CHANGE, Toan
from tests.surfaces.toan.people import Member
from tests.surfaces.witness import Witness

_NEW = "N3w!password"


@pytest.fixture
def changed(member: Member) -> Member:
    """Somebody who has changed his password."""
    require_done(member.toan.change(member.person.password, _NEW, org=member.org.alias))
    return member


def test_new_password_works_and_the_old_one_does_not(toan: Toan, changed: Member) -> None:
    toan.sign_in(changed.person.username, _NEW)
    refusal(toan.login(changed.person.username, changed.person.password), 401)


def test_new_password_is_permanent(changed: Member, witness: Witness) -> None:
    assert witness.admin.get_user(changed.person.id)["requiredActions"] == []


def test_organization_may_be_named_by_id(member: Member, witness: Witness) -> None:
    require_done(member.toan.change(member.person.password, _NEW, org=member.org.id))
    assert witness.password_is(member.person.username, _NEW)


def test_own_session_stays(changed: Member, toan: Toan) -> None:
    tokens(toan.refresh(changed.tokens.refresh_token))
    require_done(changed.toan.change(_NEW, "An0ther!word", org=changed.org.alias))


@pytest.mark.parametrize("remember_me", [False, True])
def test_other_sessions_end(toan: Toan, member: Member, *, remember_me: bool) -> None:
    person = member.person
    other = toan.sign_in(person.username, person.password, remember_me=remember_me)
    require_done(member.toan.change(person.password, _NEW, org=member.org.alias))
    refusal(toan.refresh(other.refresh_token), 401)
    refusal(toan.bearing(other.access_token).change(_NEW, "An0ther!word", org=member.org.alias), 401)


def test_own_offline_session_stays_and_the_ordinary_ones_end(toan: Toan, member: Member) -> None:
    person = member.person
    kept = toan.sign_in(person.username, person.password, remember_me=True)
    others = [toan.sign_in(person.username, person.password, remember_me=each) for each in (False, True)]
    require_done(toan.bearing(kept.access_token).change(person.password, _NEW, org=member.org.alias))
    tokens(toan.refresh(kept.refresh_token))
    for each in (*others, member.tokens):
        refusal(toan.refresh(each.refresh_token), 401)


def test_own_offline_session_stays_after_it_was_refreshed(toan: Toan, member: Member) -> None:
    person = member.person
    kept = toan.sign_in(person.username, person.password, remember_me=True)
    renewed = tokens(toan.refresh(kept.refresh_token))
    require_done(toan.bearing(renewed.access_token).change(person.password, _NEW, org=member.org.alias))
    for each in (kept, renewed):
        tokens(toan.refresh(each.refresh_token))
    refusal(toan.refresh(member.tokens.refresh_token), 401)


def test_person_with_an_action_due_can_change_it(member: Member, witness: Witness) -> None:
    witness.admin.update_user(member.person.id, {"requiredActions": ["UPDATE_PASSWORD"]})
    require_done(member.toan.change(member.person.password, _NEW, org=member.org.alias))
    assert witness.password_is(member.person.username, _NEW)


def test_sessions_of_other_clients_end(member: Member, witness: Witness) -> None:
    other = witness.verified(member.person.username)
    require_done(member.toan.change(member.person.password, _NEW, org=member.org.alias))
    assert not witness.refreshes(other["refresh_token"], "gateway-verified")


def test_verifying_leaves_no_session_behind(changed: Member, witness: Witness) -> None:
    assert witness.sessions(changed.person.id) == {changed.tokens.session_state}
    assert witness.offline_sessions(changed.person.id) == set()


def test_other_peoples_sessions_stay(toan: Toan, member: Member) -> None:
    colleague = toan.sign_in(member.colleague.username, member.colleague.password)
    require_done(member.toan.change(member.person.password, _NEW, org=member.org.alias))
    tokens(toan.refresh(colleague.refresh_token))


def test_session_begun_after_it_is_not_ended(toan: Toan, changed: Member) -> None:
    later = toan.sign_in(changed.person.username, _NEW)
    require_done(toan.bearing(later.access_token).change(_NEW, "An0ther!word", org=changed.org.alias))


def test_person_with_a_second_factor_can_change_it(
    toan: Toan, make_person: PersonMaker, make_organization: OrganizationMaker, witness: Witness
) -> None:
    person = make_person(totp="a-key-of-twenty-char")
    org = make_organization(members=[person])
    bearer = witness.verified(person.username)["access_token"]
    require_done(toan.bearing(bearer).change(person.password, _NEW, org=org.alias))
    assert witness.password_is(person.username, _NEW)
    assert witness.admin.get_user(person.id)["totp"]


def test_name_in_the_request_is_not_looked_at(member: Member, witness: Witness) -> None:
    other = member.colleague
    body = {"current_password": member.person.password, "new_password": _NEW}
    further = {"user": other.username, "username": other.username, "user_id": other.id}
    require_done(member.toan.post(CHANGE, {**body, **further}, {"x-org": member.org.alias}))
    assert witness.password_is(other.username, other.password)
    assert witness.password_is(member.person.username, _NEW)


@pytest.mark.parametrize("attempt", range(8))
def test_of_two_changes_at_once_exactly_one_password_works(member: Member, witness: Witness, attempt: int) -> None:
    person, org = member.person, member.org.alias
    news = ["F1rst!password", "Sec0nd!password"]
    answers = at_once([partial(member.toan.change, person.password, new, org=org) for new in news])
    _require_one(answers, witness, person, news)


@pytest.mark.parametrize("attempt", range(4))
def test_of_two_changes_at_once_from_two_sessions_exactly_one_password_works(
    toan: Toan, member: Member, witness: Witness, attempt: int
) -> None:
    person, org = member.person, member.org.alias
    other = toan.bearing(toan.sign_in(person.username, person.password).access_token)
    news = ["F1rst!password", "Sec0nd!password"]
    calls = zip((member.toan, other), news, strict=True)
    answers = at_once([partial(caller.change, person.password, new, org=org) for caller, new in calls])
    _require_one(answers, witness, person, news)


def _require_one(answers: list[httpx.Response], witness: Witness, person: Person, news: list[str]) -> None:
    statuses = {each.status_code for each in answers}
    assert 200 in statuses
    assert statuses <= {200, 400, 401}
    works = [witness.password_is(person.username, new) for new in news]
    assert sorted(works) == [False, True]
    assert answers[works.index(True)].status_code == 200
    assert not witness.password_is(person.username, person.password)
