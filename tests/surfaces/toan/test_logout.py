"""End the one session a token belongs to (contract section 3.3)."""

import httpx
import pytest

from tests.servers.people import PersonMaker
from tests.surfaces.foreign_realm import ForeignRealm
from tests.surfaces.toan.answers import refusal, require_done, tokens
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.tampering import tampered
from tests.surfaces.witness import Witness


@pytest.mark.parametrize("remember_me", [False, True])
def test_session_of_the_token_ends(
    toan: Toan, make_person: PersonMaker, witness: Witness, *, remember_me: bool
) -> None:
    person = make_person()
    signed_in = toan.sign_in(person.username, person.password, remember_me=remember_me)
    require_done(toan.logout(signed_in.refresh_token))
    refusal(toan.refresh(signed_in.refresh_token), 401)
    assert witness.sessions(person.id) | witness.offline_sessions(person.id) == set()


@pytest.mark.parametrize("remember_me", [False, True])
def test_other_sessions_stay(toan: Toan, make_person: PersonMaker, *, remember_me: bool) -> None:
    person = make_person()
    ended = toan.sign_in(person.username, person.password, remember_me=remember_me)
    others = [toan.sign_in(person.username, person.password, remember_me=each) for each in (False, True)]
    require_done(toan.logout(ended.refresh_token))
    for each in others:
        tokens(toan.refresh(each.refresh_token))


def test_other_people_stay_signed_in(toan: Toan, make_person: PersonMaker) -> None:
    ended, other = (toan.sign_in(each.username, each.password) for each in (make_person(), make_person()))
    require_done(toan.logout(ended.refresh_token))
    tokens(toan.refresh(other.refresh_token))


def test_access_token_is_no_longer_taken(toan: Toan, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person()
    signed_in = toan.sign_in(person.username, person.password)
    require_done(toan.logout(signed_in.refresh_token))
    refusal(toan.bearing(signed_in.access_token).change(person.password, "N3w!password", org="any"), 401)
    assert witness.password_is(person.username, person.password)


@pytest.mark.parametrize("remember_me", [False, True])
def test_same_token_again_is_fine(toan: Toan, make_person: PersonMaker, *, remember_me: bool) -> None:
    person = make_person()
    token = toan.sign_in(person.username, person.password, remember_me=remember_me).refresh_token
    for _ in range(3):
        require_done(toan.logout(token))


def test_genuine_token_whose_session_is_gone_is_fine(toan: Toan, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person()
    signed_in = toan.sign_in(person.username, person.password)
    witness.end_session(signed_in.session_state)
    require_done(toan.logout(signed_in.refresh_token))


def test_older_token_of_the_session_ends_it_too(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    old = toan.sign_in(person.username, person.password).refresh_token
    new = tokens(toan.refresh(old)).refresh_token
    require_done(toan.logout(old))
    refusal(toan.refresh(new), 401)


def test_token_of_a_person_the_gateway_verified_itself_is_taken(
    toan: Toan, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person()
    require_done(toan.logout(witness.verified(person.username)["refresh_token"]))
    assert witness.sessions(person.id) == set()


@pytest.mark.parametrize("bearer", ["garbage", "Bearer x", "Basic dTpw"])
def test_bearer_has_no_influence(toan: Toan, make_person: PersonMaker, bearer: str) -> None:
    person = make_person()
    token = toan.sign_in(person.username, person.password).refresh_token
    require_done(toan.bearing(bearer).logout(token))


def test_bearer_of_somebody_else_has_no_influence(toan: Toan, make_person: PersonMaker) -> None:
    own, other = (toan.sign_in(each.username, each.password) for each in (make_person(), make_person()))
    require_done(toan.bearing(other.access_token).logout(own.refresh_token))
    refusal(toan.refresh(own.refresh_token), 401)
    tokens(toan.refresh(other.refresh_token))


def test_expired_bearer_has_no_influence(toan: Toan, make_person: PersonMaker, expired: str) -> None:
    person = make_person()
    require_done(toan.bearing(expired).logout(toan.sign_in(person.username, person.password).refresh_token))


@pytest.fixture
def garbage(toan: Toan) -> httpx.Response:
    """What everybody else is to be told, too."""
    answer = toan.logout("garbage")
    refusal(answer, 401)
    return answer


@pytest.mark.parametrize("token", ["", " ", ".", "..", "a.b.c", "x" * 9000, "é.é.é"])
def test_what_is_no_token_is_refused(toan: Toan, garbage: httpx.Response, token: str) -> None:
    _require_same(toan.logout(token), garbage)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_tampered_token_is_refused_and_nothing_ends(
    toan: Toan, make_person: PersonMaker, garbage: httpx.Response, part: int
) -> None:
    person = make_person()
    genuine = toan.sign_in(person.username, person.password).refresh_token
    _require_same(toan.logout(tampered(genuine, part)), garbage)
    tokens(toan.refresh(genuine))


@pytest.mark.parametrize("kind", ["access_token", "id_token"])
def test_token_of_another_kind_is_refused_and_nothing_ends(
    toan: Toan, make_person: PersonMaker, witness: Witness, garbage: httpx.Response, kind: str
) -> None:
    person = make_person()
    signed_in = witness.verified(person.username)
    _require_same(toan.logout(signed_in[kind]), garbage)
    tokens(toan.refresh(signed_in["refresh_token"]))


def test_token_of_another_client_is_refused_and_nothing_ends(
    toan: Toan, make_person: PersonMaker, witness: Witness, garbage: httpx.Response
) -> None:
    person = make_person()
    foreign = witness.tokens("gateway-check", grant_type="password", username=person.username, password=person.password)
    _require_same(toan.logout(foreign["refresh_token"]), garbage)
    assert witness.refreshes(foreign["refresh_token"], "gateway-check")


def test_token_of_another_realm_is_refused(toan: Toan, foreign_realm: ForeignRealm, garbage: httpx.Response) -> None:
    _require_same(toan.logout(foreign_realm.tokens()["refresh_token"]), garbage)


def _require_same(answer: httpx.Response, garbage: httpx.Response) -> None:
    assert (answer.status_code, answer.content) == (garbage.status_code, garbage.content)
