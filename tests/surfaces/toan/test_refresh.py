"""Exchange a refresh token (contract section 3.2)."""

import time

import httpx
import pytest

from tests.servers.people import PersonMaker
from tests.surfaces.foreign_realm import ForeignRealm
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.answers import refusal, tokens
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.tampering import tampered
from tests.surfaces.witness import Witness, claims


def test_ordinary_token_gives_new_tokens_of_the_same_session(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    before = toan.sign_in(person.username, person.password)
    answer = toan.refresh(before.refresh_token)
    after = tokens(answer)
    assert after.session_state == before.session_state
    assert after.access_token != before.access_token
    assert claims(after.access_token)["sub"] == person.id
    assert claims(after.refresh_token)["typ"] == "Refresh"
    assert answer.headers["cache-control"] == "no-store"


def test_offline_token_gives_an_offline_token(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    before = toan.sign_in(person.username, person.password, remember_me=True)
    after = tokens(toan.refresh(before.refresh_token))
    assert claims(after.refresh_token)["typ"] == "Offline"
    assert after.session_state == claims(after.access_token)["sid"]


def test_scope_stays_what_was_granted(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    before = toan.sign_in(person.username, person.password)
    after = tokens(toan.refresh(before.refresh_token))
    assert sorted(after.scope.split()) == sorted(before.scope.split())


def test_token_of_a_person_the_gateway_verified_itself_is_taken(
    toan: Toan, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person()
    after = tokens(toan.refresh(witness.verified(person.username)["refresh_token"]))
    assert claims(after.access_token)["azp"] == "gateway-verified"


@pytest.mark.parametrize("bearer", ["garbage", "Bearer x", "Basic dTpw"])
def test_bearer_has_no_influence(toan: Toan, make_person: PersonMaker, bearer: str) -> None:
    person = make_person()
    before = toan.sign_in(person.username, person.password)
    tokens(toan.bearing(bearer).refresh(before.refresh_token))


def test_bearer_of_somebody_else_has_no_influence(toan: Toan, make_person: PersonMaker) -> None:
    own, other = (toan.sign_in(each.username, each.password) for each in (make_person(), make_person()))
    after = tokens(toan.bearing(other.access_token).refresh(own.refresh_token))
    assert after.session_state == own.session_state
    tokens(toan.refresh(other.refresh_token))


def test_expired_bearer_has_no_influence(toan: Toan, make_person: PersonMaker, expired: str) -> None:
    person = make_person()
    tokens(toan.bearing(expired).refresh(toan.sign_in(person.username, person.password).refresh_token))


@pytest.fixture
def garbage(toan: Toan) -> httpx.Response:
    """What everybody else is to be told, too."""
    answer = toan.refresh("garbage")
    refusal(answer, 401)
    return answer


@pytest.mark.parametrize("token", ["", " ", ".", "..", "a.b.c", "x" * 9000, "é.é.é", "null", "{}"])
def test_what_is_no_token_is_refused(toan: Toan, garbage: httpx.Response, token: str) -> None:
    _require_same(toan.refresh(token), garbage)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_tampered_token_is_refused(toan: Toan, make_person: PersonMaker, garbage: httpx.Response, part: int) -> None:
    person = make_person()
    genuine = toan.sign_in(person.username, person.password).refresh_token
    _require_same(toan.refresh(tampered(genuine, part)), garbage)
    tokens(toan.refresh(genuine))


def test_access_token_is_refused(toan: Toan, make_person: PersonMaker, garbage: httpx.Response) -> None:
    person = make_person()
    _require_same(toan.refresh(toan.sign_in(person.username, person.password).access_token), garbage)


def test_id_token_is_refused(toan: Toan, make_person: PersonMaker, witness: Witness, garbage: httpx.Response) -> None:
    person = make_person()
    _require_same(toan.refresh(witness.verified(person.username)["id_token"]), garbage)


def test_token_of_another_client_is_refused(
    toan: Toan, make_person: PersonMaker, witness: Witness, garbage: httpx.Response
) -> None:
    person = make_person()
    foreign = witness.tokens("gateway-check", grant_type="password", username=person.username, password=person.password)
    assert witness.refreshes(foreign["refresh_token"], "gateway-check")
    _require_same(toan.refresh(foreign["refresh_token"]), garbage)


def test_token_of_another_realm_is_refused(toan: Toan, foreign_realm: ForeignRealm, garbage: httpx.Response) -> None:
    token = foreign_realm.tokens()["refresh_token"]
    assert claims(token)["azp"] == "gateway"
    _require_same(toan.refresh(token), garbage)


def test_expired_token_is_refused(
    toan: Toan, make_person: PersonMaker, witness: Witness, garbage: httpx.Response
) -> None:
    person = make_person()
    with witness.client_with("gateway", client__session__idle__timeout="1", client__session__max__lifespan="1"):
        token = toan.sign_in(person.username, person.password).refresh_token
    time.sleep(claims(token)["exp"] - claims(token)["iat"] + 1)
    _require_same(toan.refresh(token), garbage)


def test_token_of_a_session_signed_out_is_refused(
    toan: Toan, make_person: PersonMaker, garbage: httpx.Response
) -> None:
    person = make_person()
    token = toan.sign_in(person.username, person.password).refresh_token
    toan.logout(token)
    _require_same(toan.refresh(token), garbage)


def test_token_of_a_session_ended_in_keycloak_is_refused(
    toan: Toan, make_person: PersonMaker, witness: Witness, garbage: httpx.Response
) -> None:
    person = make_person()
    before = toan.sign_in(person.username, person.password)
    witness.end_session(before.session_state)
    _require_same(toan.refresh(before.refresh_token), garbage)


@pytest.mark.parametrize("remember_me", [False, True])
def test_token_of_a_disabled_person_is_refused(
    toan: Toan, make_person: PersonMaker, witness: Witness, garbage: httpx.Response, *, remember_me: bool
) -> None:
    person = make_person()
    token = toan.sign_in(person.username, person.password, remember_me=remember_me).refresh_token
    witness.admin.disable_user(person.id)
    _require_same(toan.refresh(token), garbage)


@pytest.mark.parametrize("remember_me", [False, True])
def test_token_of_a_deleted_person_is_refused(
    toan: Toan, make_person: PersonMaker, witness: Witness, garbage: httpx.Response, *, remember_me: bool
) -> None:
    person = make_person()
    token = toan.sign_in(person.username, person.password, remember_me=remember_me).refresh_token
    witness.admin.delete_user(person.id)
    _require_same(toan.refresh(token), garbage)


def test_used_token_works_on_by_default(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    old = toan.sign_in(person.username, person.password).refresh_token
    tokens(toan.refresh(old))
    tokens(toan.refresh(old))


def test_used_token_is_refused_and_kills_the_session_when_the_realm_revokes(
    toan: Toan, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person()
    with witness.realm_with(revokeRefreshToken=True):
        old = toan.sign_in(person.username, person.password).refresh_token
        newest = tokens(toan.refresh(old)).refresh_token
        refusal(toan.refresh(old), 401)
        refusal(toan.refresh(newest), 401)


@pytest.mark.parametrize("revoking", [False, True])
def test_token_used_at_once_never_fails_otherwise_than_by_401(
    toan: Toan, make_person: PersonMaker, witness: Witness, *, revoking: bool
) -> None:
    person = make_person()
    with witness.realm_with(revokeRefreshToken=revoking):
        token = toan.sign_in(person.username, person.password).refresh_token
        answers = at_once([lambda: toan.refresh(token)] * 12)
    assert {each.status_code for each in answers} <= ({200, 401} if revoking else {200})
    assert answers[0].status_code == 200 or revoking


def _require_same(answer: httpx.Response, garbage: httpx.Response) -> None:
    assert (answer.status_code, answer.content) == (garbage.status_code, garbage.content)
    assert sorted(answer.headers) == sorted(garbage.headers)
