"""OpenID Connect Back-Channel Logout 1.0: Keycloak's own call, and what a genuine token brings about."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx
import pytest

from tests.servers.gateway import ServedGateway
from tests.servers.people import Person
from tests.surfaces import logged
from tests.surfaces.backchannel_logout.wire_shapes import PATH, Claims, is_taken, post, require_refused
from tests.surfaces.realm_key import RealmKey
from tests.surfaces.toan.client import Toan
from tests.surfaces.witness import Witness


@pytest.fixture
def told(gateway: ServedGateway, witness: Witness) -> Iterator[None]:
    """Keycloak knows where the gateway is."""
    with witness.client_with("gateway", backchannel__logout__url=f"{gateway.url}{PATH}"):
        yield


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize("remember_me", [False, True])
def test_session_ended_by_an_administrator_is_told(
    gateway: ServedGateway, http: httpx.Client, witness: Witness, person: Person, *, remember_me: bool
) -> None:
    signed_in = Toan(http).sign_in(person.username, person.password, remember_me=remember_me)
    witness.end_session(signed_in.session_state, offline=remember_me)
    (event,) = logged.awaited(gateway, "sessions_ended", person.id)
    assert (event["outcome"], event["reason"]) == ("done", "by_keycloak")


@pytest.mark.usefixtures("told")
def test_sign_out_everywhere_is_told_for_each_session(
    gateway: ServedGateway, http: httpx.Client, witness: Witness, person: Person
) -> None:
    for _ in range(3):
        Toan(http).sign_in(person.username, person.password)
    witness.admin.user_logout(person.id)
    logged.awaited(gateway, "sessions_ended", person.id, times=3)


def test_session_is_refused_from_then_on(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any], witness: Witness
) -> None:
    assert is_taken(http, held)
    answer = post(http, realm_key.signed(claims))
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert not is_taken(http, held)
    assert witness.refreshes(held["refresh_token"], "gateway-verified")


def test_other_sessions_are_not_concerned(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, witness: Witness, person: Person
) -> None:
    other = witness.verified(person.username)
    assert post(http, realm_key.signed(claims)).status_code == 200
    assert is_taken(http, other)


def test_without_a_session_the_person_is_meant(
    gateway: ServedGateway, http: httpx.Client, realm_key: RealmKey, claims: Claims, person: Person
) -> None:
    del claims["sid"]
    assert post(http, realm_key.signed(claims)).status_code == 200
    (event,) = logged.events_of(gateway, "sessions_ended", person.id)
    assert event["reason"] == "by_keycloak"


def test_without_a_session_tokens_of_the_last_seconds_end_too(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any]
) -> None:
    del claims["sid"]
    assert is_taken(http, held)
    assert post(http, realm_key.signed(claims)).status_code == 200
    assert not is_taken(http, held)


def test_without_a_session_whoever_signs_in_afterwards_is_not_concerned(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, witness: Witness, person: Person
) -> None:
    del claims["sid"]
    token = realm_key.signed(claims)
    assert post(http, token).status_code == 200
    time.sleep(1.1)  # tokens count in whole seconds, and that of the logout ends too
    later = witness.verified(person.username)
    assert is_taken(http, later)
    assert post(http, token).status_code == 200
    assert is_taken(http, later)


@pytest.mark.parametrize("audience", ["gateway-verified", ["gateway"], ["other", "gateway"]])
def test_audience_may_be_either_client_and_a_list(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any], audience: object
) -> None:
    assert post(http, realm_key.signed({**claims, "aud": audience})).status_code == 200
    assert not is_taken(http, held)


def test_without_a_subject_the_session_ends(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any]
) -> None:
    del claims["sub"]
    assert post(http, realm_key.signed(claims)).status_code == 200
    assert not is_taken(http, held)


def test_repeated_is_fine_and_counts_once(
    gateway: ServedGateway, http: httpx.Client, realm_key: RealmKey, claims: Claims, person: Person
) -> None:
    token = realm_key.signed(claims)
    assert [post(http, token).status_code for _ in range(3)] == [200] * 3
    assert len(logged.events_of(gateway, "sessions_ended", person.id)) == 1


def test_missing_member_is_refused(http: httpx.Client) -> None:
    require_refused(http.post(PATH, data={"token": "x"}))
    require_refused(http.post(PATH))


@pytest.mark.parametrize("place", ["json", "query", "text"])
def test_token_elsewhere_is_refused(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any], place: str
) -> None:
    token = realm_key.signed(claims)
    sent: dict[str, Callable[[], httpx.Response]] = {
        "json": lambda: http.post(PATH, json={"logout_token": token}),
        "query": lambda: http.post(PATH, params={"logout_token": token}),
        "text": lambda: http.post(PATH, content=f"logout_token={token}", headers={"content-type": "text/plain"}),
    }
    answer = sent[place]()
    require_refused(answer, answer.status_code)
    assert answer.status_code in (400, 415)
    assert is_taken(http, held)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_other_method_is_told_what_is_allowed(http: httpx.Client, method: str) -> None:
    answer = http.request(method, PATH)
    require_refused(answer, 405)
    assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("path", [f"{PATH}/", f"{PATH}/x"])
def test_path_below_is_unknown(http: httpx.Client, path: str) -> None:
    require_refused(http.post(path), 404)


def test_long_body_is_refused(http: httpx.Client) -> None:
    require_refused(post(http, "x" * 70000), 413)
