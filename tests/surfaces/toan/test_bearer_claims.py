"""Tokens that the realm has signed, of a live session, and that are none of ours all the same (security S25)."""

from typing import Any

import pytest

from tests.surfaces.realm_key import RealmKey
from tests.surfaces.toan.answers import refusal
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.people import Member
from tests.surfaces.witness import claims

WRONG_CLAIMS: dict[str, dict[str, Any]] = {
    "issuer": {"iss": "http://127.0.0.1:1/realms/demo"},
    "no issuer": {"iss": None},
    "no type": {"typ": None},
    "type of an ID token": {"typ": "ID"},
    "type of a refresh token": {"typ": "Refresh"},
    "type of an offline token": {"typ": "Offline"},
    "type of a logout token": {"typ": "Logout"},
    "type in another case": {"typ": "bearer"},
    "no audience": {"aud": None},
    "audience": {"aud": "account"},
    "audiences": {"aud": ["account", "gateway-verified"]},
    "audience of another kind": {"aud": {"gateway": 1}},
    "client": {"azp": "account-console"},
    "checking client": {"azp": "gateway-check"},
    "no client": {"azp": None},
    "expired": {"exp": 1},
    "no expiry": {"exp": None},
    "expiry of another kind": {"exp": "4102444800"},
    "from the future": {"iat": 4102444800},
    "no time": {"iat": None},
    "not yet": {"nbf": 4102444800},
    "no session": {"sid": None},
    "no subject": {"sub": None},
    "subject of another kind": {"sub": 1},
    "unknown session": {"sid": "AAAAAAAAAAAAAAAAAAAAAAAA"},
}
WRONG_HEADERS: dict[str, dict[str, Any]] = {
    "logout token": {"typ": "logout+jwt"},
    "other type": {"typ": "x"},
    "no key id": {"kid": None},
    "unknown key id": {"kid": "unknown"},
    "key inside": {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}},
    "key by address": {"jku": "http://127.0.0.1:9/keys"},
    "certificate inside": {"x5c": ["AA"]},
    "certificate by address": {"x5u": "http://127.0.0.1:9/certificate"},
    "long": {"x": "x" * 1024},
}


@pytest.fixture(scope="module")
def genuine(steady: Member) -> dict[str, Any]:
    """What a genuine token of a live session says."""
    return claims(steady.tokens.access_token)


def _is_taken(toan: Toan, token: str) -> bool:
    """Say whether a bearer is taken; a member of no organization is refused only after that."""
    answer = toan.bearing(token).change("x", "N3w!password", org="nowhere")
    refusal(answer, 403 if answer.status_code != 401 else 401)
    return answer.status_code != 401


@pytest.mark.parametrize("kind", ["JWT", "at+jwt", None])
def test_genuine_claims_are_taken(toan: Toan, realm_key: RealmKey, genuine: dict[str, Any], kind: str | None) -> None:
    assert _is_taken(toan, realm_key.signed(genuine, typ=kind))


@pytest.mark.parametrize("fault", WRONG_CLAIMS)
def test_wrong_claim_is_refused(toan: Toan, realm_key: RealmKey, genuine: dict[str, Any], fault: str) -> None:
    changed = {name: value for name, value in {**genuine, **WRONG_CLAIMS[fault]}.items() if value is not None}
    assert not _is_taken(toan, realm_key.signed(changed, typ="JWT"))


@pytest.mark.parametrize("fault", WRONG_HEADERS)
def test_wrong_header_is_refused(toan: Toan, realm_key: RealmKey, genuine: dict[str, Any], fault: str) -> None:
    assert not _is_taken(toan, realm_key.signed(genuine, **{"typ": "JWT", **WRONG_HEADERS[fault]}))


@pytest.mark.parametrize(("ahead", "taken"), [(5, True), (60, False)])
def test_clocks_may_differ_by_ten_seconds(
    toan: Toan, steady: Member, realm_key: RealmKey, ahead: int, *, taken: bool
) -> None:
    fresh = claims(toan.sign_in(steady.person.username, steady.person.password).access_token)
    token = realm_key.signed({**fresh, "iat": fresh["iat"] + ahead}, typ="JWT")
    assert _is_taken(toan, token) is taken
