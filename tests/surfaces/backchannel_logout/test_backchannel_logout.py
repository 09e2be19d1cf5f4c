"""OpenID Connect Back-Channel Logout 1.0: Keycloak's own call, and everybody else's attempts at it."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.servers.gateway import ServedGateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces import logged
from tests.surfaces import realm_key as realm_keys
from tests.surfaces.foreign_realm import ForeignRealm
from tests.surfaces.realm_key import RealmKey
from tests.surfaces.toan.client import Toan
from tests.surfaces.witness import Witness
from tests.surfaces.witness import claims as claims_of

_PATH = "/backchannel-logout"
_EVENT = "http://schemas.openid.net/event/backchannel-logout"

Claims = dict[str, Any]


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody."""
    return make_person()


@pytest.fixture
def held(witness: Witness, person: Person) -> Mapping[str, Any]:
    """The tokens of a session that lives on in Keycloak, so that only the gateway can refuse it."""
    return witness.verified(person.username)


@pytest.fixture
def claims(witness: Witness, person: Person, held: Mapping[str, Any]) -> Claims:
    """What Keycloak would say when that session ends."""
    now = claims_of(held["access_token"])["iat"]
    return {
        "iss": f"{str(witness.http.base_url).rstrip('/')}/realms/{witness.realm}",
        "aud": "gateway",
        "sub": person.id,
        "sid": held["session_state"],
        "iat": now,
        "exp": now + 120,
        "jti": secrets.token_hex(8),
        "typ": "Logout",
        "events": {_EVENT: {}},
    }


def _post(http: httpx.Client, token: str) -> httpx.Response:
    return http.post(_PATH, data={"logout_token": token})


def _refused(answer: httpx.Response, status: int = 400) -> None:
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    assert set(answer.json()) == {"error", "error_description"}


def _is_taken(http: httpx.Client, held: Mapping[str, Any]) -> bool:
    """Say whether the gateway still takes a bearer; a member of no organization is refused only after that."""
    answer = Toan(http).bearing(held["access_token"]).change("x", "N3w!password", org="nowhere")
    assert answer.status_code in (401, 403), answer.text
    return answer.status_code == 403


# TestKeycloakItself: Posts to the served gateway when a session ends.


@pytest.fixture(autouse=True)
def told(gateway: ServedGateway, witness: Witness) -> Iterator[None]:
    """Keycloak knows where the gateway is."""
    with witness.client_with("gateway", backchannel__logout__url=f"{gateway.url}{_PATH}"):
        yield


@pytest.mark.parametrize("remember_me", [False, True])
def test_session_ended_by_an_administrator_is_told(
    gateway: ServedGateway, http: httpx.Client, witness: Witness, person: Person, *, remember_me: bool
) -> None:
    signed_in = Toan(http).sign_in(person.username, person.password, remember_me=remember_me)
    witness.end_session(signed_in.session_state, offline=remember_me)
    (event,) = logged.awaited(gateway, "sessions_ended", person.id)
    assert (event["outcome"], event["reason"]) == ("done", "by_keycloak")


def test_sign_out_everywhere_is_told_for_each_session(
    gateway: ServedGateway, http: httpx.Client, witness: Witness, person: Person
) -> None:
    for _ in range(3):
        Toan(http).sign_in(person.username, person.password)
    witness.admin.user_logout(person.id)
    logged.awaited(gateway, "sessions_ended", person.id, times=3)


# TestGenuine: A logout token of the realm's for one of our clients.


def test_session_is_refused_from_then_on(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any], witness: Witness
) -> None:
    assert _is_taken(http, held)
    answer = _post(http, realm_key.signed(claims))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert not _is_taken(http, held)
    assert witness.refreshes(held["refresh_token"], "gateway-verified")


def test_other_sessions_are_not_concerned(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, witness: Witness, person: Person
) -> None:
    other = witness.verified(person.username)
    assert _post(http, realm_key.signed(claims)).status_code == 200
    assert _is_taken(http, other)


def test_without_a_session_the_person_is_meant(
    gateway: ServedGateway, http: httpx.Client, realm_key: RealmKey, claims: Claims, witness: Witness, person: Person
) -> None:
    del claims["sid"]
    assert _post(http, realm_key.signed(claims)).status_code == 200
    (event,) = logged.events_of(gateway, "sessions_ended", person.id)
    assert event["reason"] == "by_keycloak"
    # Whoever signs in afterwards is not concerned; whom it concerns is tested where the deny list is kept.
    assert _is_taken(http, witness.verified(person.username))


@pytest.mark.parametrize("audience", ["gateway-verified", ["gateway"], ["other", "gateway"]])
def test_audience_may_be_either_client_and_a_list(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any], audience: object
) -> None:
    assert _post(http, realm_key.signed({**claims, "aud": audience})).status_code == 200
    assert not _is_taken(http, held)


def test_without_a_subject_the_session_ends(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any]
) -> None:
    del claims["sub"]
    assert _post(http, realm_key.signed(claims)).status_code == 200
    assert not _is_taken(http, held)


def test_repeated_is_fine_and_counts_once(
    gateway: ServedGateway, http: httpx.Client, realm_key: RealmKey, claims: Claims, person: Person
) -> None:
    token = realm_key.signed(claims)
    assert [_post(http, token).status_code for _ in range(3)] == [200] * 3
    assert len(logged.events_of(gateway, "sessions_ended", person.id)) == 1


WRONG_CLAIMS: dict[str, Claims] = {
    "issuer": {"iss": "http://127.0.0.1:1/realms/demo"},
    "no issuer": {"iss": None},
    "audience": {"aud": "another-client"},
    "no audience": {"aud": None},
    "audience of another kind": {"aud": {"gateway": True}},
    "no event": {"events": None},
    "other event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "event of another kind": {"events": {_EVENT: True}},
    "events of another kind": {"events": [_EVENT]},
    "nonce": {"nonce": "x"},
    "neither session nor subject": {"sid": None, "sub": None},
    "session of another kind": {"sid": 1},
    "no id": {"jti": None},
    "empty id": {"jti": ""},
    "expired": {"exp": 1},
    "no expiry": {"exp": None},
    "expiry of another kind": {"exp": "2099"},
    "from the future": {"iat": 4102444800, "exp": 4102444900},
    "no time": {"iat": None},
    "not yet": {"nbf": 4102444800},
}
WRONG_HEADERS: dict[str, dict[str, object]] = {
    "JWT": {"typ": "JWT"},
    "access token": {"typ": "at+jwt"},
    "no type": {"typ": None},
    "no key id": {"kid": None},
    "unknown key id": {"kid": "unknown"},
    "key in the header": {"jwk": {"kty": "oct", "k": "AA"}},
}


# TestForged: 400, and every session lives on.


@pytest.mark.parametrize("fault", WRONG_CLAIMS)
def test_wrong_claim_is_refused(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any], fault: str
) -> None:
    changed = {name: value for name, value in {**claims, **WRONG_CLAIMS[fault]}.items() if value is not None}
    _refused(_post(http, realm_key.signed(changed)))
    assert _is_taken(http, held)


@pytest.mark.parametrize("fault", WRONG_HEADERS)
def test_wrong_header_is_refused(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any], fault: str
) -> None:
    _refused(_post(http, realm_key.signed(claims, **WRONG_HEADERS[fault])))
    assert _is_taken(http, held)


def test_key_that_is_not_the_realms_is_refused(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any]
) -> None:
    own = RealmKey(realm_keys.drawn(), realm_key.kid)
    _refused(_post(http, own.signed(claims)))
    assert _is_taken(http, held)


@pytest.mark.parametrize("kind", ["access_token", "id_token", "refresh_token"])
def test_token_of_another_kind_is_refused(http: httpx.Client, held: Mapping[str, Any], kind: str) -> None:
    _refused(_post(http, held[kind]))
    assert _is_taken(http, held)


def test_token_of_another_realm_is_refused(http: httpx.Client, foreign_realm: ForeignRealm) -> None:
    _refused(_post(http, foreign_realm.tokens()["access_token"]))


@pytest.mark.parametrize("token", ["", "x", "..", "a.b.c", "é", "\0", "x" * 9000])
def test_what_is_no_token_is_refused(http: httpx.Client, token: str) -> None:
    _refused(_post(http, token))


# TestRequest: A form with one member, posted.


def test_missing_member_is_refused(http: httpx.Client) -> None:
    _refused(http.post(_PATH, data={"token": "x"}))
    _refused(http.post(_PATH))


@pytest.mark.parametrize("place", ["json", "query", "text"])
def test_token_elsewhere_is_refused(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any], place: str
) -> None:
    token = realm_key.signed(claims)
    sent: dict[str, Callable[[], httpx.Response]] = {
        "json": lambda: http.post(_PATH, json={"logout_token": token}),
        "query": lambda: http.post(_PATH, params={"logout_token": token}),
        "text": lambda: http.post(_PATH, content=f"logout_token={token}", headers={"content-type": "text/plain"}),
    }
    answer = sent[place]()
    _refused(answer, answer.status_code)
    assert answer.status_code in (400, 415)
    assert _is_taken(http, held)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_method_is_told_what_is_allowed(http: httpx.Client, method: str) -> None:
    answer = http.request(method, _PATH)
    _refused(answer, 405)
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("path", [f"{_PATH}/", f"{_PATH}/x"])
def test_path_below_is_unknown(http: httpx.Client, path: str) -> None:
    _refused(http.post(path), 404)


def test_long_body_is_refused(http: httpx.Client) -> None:
    _refused(_post(http, "x" * 70000), 413)
