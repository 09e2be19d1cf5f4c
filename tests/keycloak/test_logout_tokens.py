"""Logout tokens, by which Keycloak tells what it has ended."""

import pytest

from gateway.domain.errors import TokenRefused
from gateway.domain.tokens import EndedSession
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings
from tests.keycloak.signing import Claims, RealmKey, now
from tests.keycloak.tokens_apart import encoded

LOGOUT = "http://schemas.openid.net/event/backchannel-logout"
WRONG_LOGOUTS: dict[str, Claims] = {
    "another realm": {"iss": "http://127.0.0.1/realms/other"},
    "for another client": {"aud": "account"},
    "no event": {"events": {}},
    "another event": {"events": {"http://schemas.openid.net/event/other": {}}},
    "event is no object": {"events": {LOGOUT: True}},
    "events are a list": {"events": [LOGOUT]},
    "no events": {"events": None},
    "a nonce": {"nonce": "n"},
    "expired": {"exp": 1},
    "no expiry": {"exp": None},
    "issued in the future": {"iat": 4102444800},
    "no id": {"jti": None},
    "neither person nor session": {"sid": None, "sub": None},
    "session is a number": {"sid": 7},
    "ID token": {"typ": "ID"},
    "access token": {"typ": "Bearer"},
}


@pytest.fixture
def logout_claims(settings: KeycloakSettings) -> Claims:
    return {
        "iss": f"{settings.url.rstrip('/')}/realms/{settings.realm}",
        "aud": "gateway",
        "sub": "a-person",
        "sid": "a-session",
        "jti": "a-token",
        "iat": now(),
        "exp": now() + 120,
        "typ": "Logout",
        "events": {LOGOUT: {}},
    }


async def test_logout_token_tells_what_ended(keycloak: Realm, key: RealmKey, logout_claims: Claims) -> None:
    token = await keycloak.access_tokens.verify_logout_token(key.signed(logout_claims, typ="logout+jwt"))
    assert token.ended == EndedSession("a-session", "a-person")
    assert token.token_id == "a-token"


@pytest.mark.parametrize(
    ("left_out", "ended"), [("sid", EndedSession("", "a-person")), ("sub", EndedSession("a-session", ""))]
)
async def test_logout_token_may_name_the_person_or_the_session_alone(
    keycloak: Realm, key: RealmKey, logout_claims: Claims, left_out: str, ended: EndedSession
) -> None:
    del logout_claims[left_out]
    token = await keycloak.access_tokens.verify_logout_token(key.signed(logout_claims, typ="logout+jwt"))
    assert token.ended == ended


@pytest.mark.parametrize("wrong", WRONG_LOGOUTS.values(), ids=WRONG_LOGOUTS)
async def test_wrong_logout_token_is_refused(
    keycloak: Realm, key: RealmKey, logout_claims: Claims, wrong: Claims
) -> None:
    forged = {name: value for name, value in {**logout_claims, **wrong}.items() if value is not None}
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify_logout_token(key.signed(forged, typ="logout+jwt"))


async def test_access_token_is_no_logout_token(keycloak: Realm, key: RealmKey, logout_claims: Claims) -> None:
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify_logout_token(key.signed(logout_claims))
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify(key.signed(logout_claims, typ="logout+jwt"))


async def test_logout_token_unsigned_is_refused(keycloak: Realm, logout_claims: Claims) -> None:
    forged = f"{encoded({'alg': 'none', 'typ': 'logout+jwt', 'kid': 'x'})}.{encoded(logout_claims)}.AA"
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify_logout_token(forged)
