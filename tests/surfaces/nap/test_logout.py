"""Log out (contract section 4.4): one session ends, and no other."""

import time

import pytest

from tests.servers.people import Person, PersonMaker
from tests.surfaces.foreign_realm import ForeignRealm
from tests.surfaces.nap.client import Nap, refusal, wrapped
from tests.surfaces.realm_key import RealmKey
from tests.surfaces.toan.forging import FORGERIES
from tests.surfaces.witness import Witness, claims


def _signed_in(witness: Witness, person: Person) -> tuple[str, str, str]:
    """Return the wrapped tokens of a new session, and its id."""
    told = witness.verified(person.username)
    return wrapped(told["access_token"]), wrapped(told["refresh_token"]), told["session_state"]


def test_a_session_token_ends_its_session_only(nap: Nap, witness: Witness, person: Person) -> None:
    session_token, _, ended = _signed_in(witness, person)
    _, _, other = _signed_in(witness, person)
    _require_success(nap, session_token, None)
    assert ended not in witness.sessions(person.id)
    assert other in witness.sessions(person.id)


def test_a_refresh_token_ends_its_session_only(nap: Nap, witness: Witness, person: Person) -> None:
    _, refresh_token, ended = _signed_in(witness, person)
    _, _, other = _signed_in(witness, person)
    _require_success(nap, None, refresh_token)
    assert witness.sessions(person.id) == {other} - {ended}


def test_beside_a_session_token_a_refresh_token_is_not_looked_at(
    nap: Nap, witness: Witness, person: Person, make_person: PersonMaker
) -> None:
    another = make_person()
    session_token, _, ended = _signed_in(witness, person)
    _, refresh_token, kept = _signed_in(witness, another)
    _require_success(nap, session_token, refresh_token)
    assert ended not in witness.sessions(person.id)
    assert kept in witness.sessions(another.id)


@pytest.mark.parametrize("useless", ["", "garbage", wrapped("a.b.c")])
def test_a_useless_session_token_leaves_it_to_the_refresh_token(
    nap: Nap, witness: Witness, person: Person, useless: str
) -> None:
    _, refresh_token, ended = _signed_in(witness, person)
    _require_success(nap, useless, refresh_token)
    assert ended not in witness.sessions(person.id)


def test_logging_out_again_is_fine(nap: Nap, witness: Witness, person: Person) -> None:
    session_token, refresh_token, _ = _signed_in(witness, person)
    for _ in range(2):
        _require_success(nap, session_token, None)
    for _ in range(2):
        _require_success(nap, None, refresh_token)


def test_a_session_that_keycloak_has_ended_is_fine(nap: Nap, witness: Witness, person: Person) -> None:
    session_token, refresh_token, session = _signed_in(witness, person)
    witness.end_session(session)
    _require_success(nap, session_token, None)
    _require_success(nap, None, refresh_token)


@pytest.mark.parametrize("blank", [None, ""])
def test_no_token_at_all_is_a_bad_request(nap: Nap, blank: str | None) -> None:
    refusal(nap.logout(blank, blank), 400)


@pytest.mark.parametrize("garbage", ["garbage", ".", "a.b.c", "====", "é", "x" * 15000, wrapped("a.b.c"), wrapped("é")])
def test_garbage_is_refused(nap: Nap, garbage: str) -> None:
    for given in ((garbage, None), (None, garbage), (garbage, garbage)):
        refusal(nap.logout(*given), 401)


def test_tokens_that_are_not_wrapped_are_refused(nap: Nap, witness: Witness, person: Person) -> None:
    told = witness.verified(person.username)
    refusal(nap.logout(told["access_token"], told["refresh_token"]), 401)
    assert told["session_state"] in witness.sessions(person.id)


@pytest.mark.parametrize("spelling", ["{}=", "{}==", "{} x", "+{}", "{}é"])
def test_another_spelling_of_a_wrapped_token_is_refused(
    nap: Nap, witness: Witness, person: Person, spelling: str
) -> None:
    _, refresh_token, session = _signed_in(witness, person)
    refusal(nap.logout(None, spelling.format(refresh_token)), 401)
    assert session in witness.sessions(person.id)


def test_one_kind_of_token_is_not_taken_for_the_other(nap: Nap, witness: Witness, person: Person) -> None:
    told = witness.verified(person.username)
    refusal(nap.logout(None, wrapped(told["access_token"])), 401)
    refusal(nap.logout(wrapped(told["refresh_token"]), None), 401)
    refusal(nap.logout(wrapped(told["id_token"]), wrapped(told["id_token"])), 401)
    assert told["session_state"] in witness.sessions(person.id)


def test_a_token_of_another_client_is_refused(nap: Nap, witness: Witness, person: Person) -> None:
    foreign = witness.tokens("gateway-check", grant_type="password", username=person.username, password=person.password)
    refusal(nap.logout(wrapped(foreign["access_token"]), wrapped(foreign["refresh_token"])), 401)
    assert foreign["session_state"] in witness.sessions(person.id)


def test_a_token_of_another_realm_is_refused(nap: Nap, foreign_realm: ForeignRealm) -> None:
    told = foreign_realm.tokens()
    refusal(nap.logout(wrapped(told["access_token"]), wrapped(told["refresh_token"])), 401)


def test_an_expired_refresh_token_is_refused(nap: Nap, witness: Witness, person: Person) -> None:
    with witness.client_with("gateway-verified", client__session__idle__timeout="1"):
        _, refresh_token, _ = _signed_in(witness, person)
        told = claims(witness.verified(person.username)["refresh_token"])
    time.sleep(told["exp"] - told["iat"] + 1)
    refusal(nap.logout(None, refresh_token), 401)


def test_an_expired_session_token_is_refused(nap: Nap, witness: Witness, person: Person, realm_key: RealmKey) -> None:
    genuine = claims(witness.verified(person.username)["access_token"])
    earlier = {name: genuine[name] - 7200 for name in ("iat", "exp")}
    refusal(nap.logout(wrapped(realm_key.signed({**genuine, **earlier}, typ="JWT")), None), 401)
    assert genuine["sid"] in witness.sessions(person.id)


@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_session_token_is_refused(nap: Nap, witness: Witness, person: Person, kind: str) -> None:
    told = witness.verified(person.username)
    refusal(nap.logout(wrapped(FORGERIES[kind](told)), None), 401)
    assert told["session_state"] in witness.sessions(person.id)


def _require_success(nap: Nap, session_token: str | None, refresh_token: str | None) -> None:
    answer = nap.logout(session_token, refresh_token)
    assert (answer.status_code, answer.json()) == (200, {"success": True, "message": "Signed out"})
