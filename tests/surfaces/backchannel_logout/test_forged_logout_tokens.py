"""Logout tokens that are none of the realm's for us: 400, and every session lives on (section 2.6)."""

from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.servers.gateway import ServedGateway
from tests.surfaces import logged
from tests.surfaces import realm_key as realm_keys
from tests.surfaces.backchannel_logout.wire_shapes import EVENT, Claims, is_taken, post, require_refused
from tests.surfaces.foreign_realm import ForeignRealm
from tests.surfaces.realm_key import RealmKey

WRONG_CLAIMS: dict[str, Claims] = {
    "issuer": {"iss": "http://127.0.0.1:1/realms/demo"},
    "no issuer": {"iss": None},
    "audience": {"aud": "another-client"},
    "no audience": {"aud": None},
    "audience of another kind": {"aud": {"gateway": True}},
    "no event": {"events": None},
    "other event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "event of another kind": {"events": {EVENT: True}},
    "events of another kind": {"events": [EVENT]},
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


@pytest.mark.parametrize("fault", WRONG_CLAIMS)
def test_wrong_claim_is_refused(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any], fault: str
) -> None:
    changed = {name: value for name, value in {**claims, **WRONG_CLAIMS[fault]}.items() if value is not None}
    require_refused(post(http, realm_key.signed(changed)))
    assert is_taken(http, held)


@pytest.mark.parametrize("fault", WRONG_HEADERS)
def test_wrong_header_is_refused(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any], fault: str
) -> None:
    require_refused(post(http, realm_key.signed(claims, **WRONG_HEADERS[fault])))
    assert is_taken(http, held)


def test_key_that_is_not_the_realms_is_refused(
    http: httpx.Client, realm_key: RealmKey, claims: Claims, held: Mapping[str, Any]
) -> None:
    own = RealmKey(realm_keys.drawn(), realm_key.kid)
    require_refused(post(http, own.signed(claims)))
    assert is_taken(http, held)


@pytest.mark.parametrize("kind", ["access_token", "id_token", "refresh_token"])
def test_token_of_another_kind_is_refused(http: httpx.Client, held: Mapping[str, Any], kind: str) -> None:
    require_refused(post(http, held[kind]))
    assert is_taken(http, held)


def test_token_of_another_realm_is_refused(http: httpx.Client, foreign_realm: ForeignRealm) -> None:
    require_refused(post(http, foreign_realm.tokens()["access_token"]))


@pytest.mark.parametrize("token", ["", "x", "..", "a.b.c", "é", "\0", "x" * 9000])
def test_what_is_no_token_is_refused(http: httpx.Client, token: str) -> None:
    require_refused(post(http, token))


def test_refusal_is_told_with_where_it_came_from(gateway: ServedGateway, http: httpx.Client) -> None:
    answer = post(http, "none.at.all")
    require_refused(answer)
    request_id = answer.headers["x-request-id"]
    (told,) = [each for each in logged.events_of(gateway, "sessions_ended", "none") if each["request_id"] == request_id]
    assert (told["outcome"], told["reason"], told["address"]) == ("refused", "by_keycloak", "127.0.0.1")
