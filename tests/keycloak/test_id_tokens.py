"""ID tokens, as `access_tokens.py` verifies them."""

from typing import Any

import pytest
from joserfc.jwk import RSAKey

from gateway.domain.errors import TokenRefused, Unavailable
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings
from tests.keycloak.codes import exchanged
from tests.keycloak.opening import Clock, opened
from tests.keycloak.people import PersonMaker
from tests.keycloak.signing import RealmKey, signed_by
from tests.keycloak.tokens_apart import claims_of, part_of

NONCE = "the-nonce"


@pytest.fixture
async def id_token(keycloak: Realm, make_person: PersonMaker) -> str:
    return (await exchanged(keycloak, make_person())).id_token


async def test_an_id_token_tells_who_signed_in_and_no_provider(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person()
    token = (await exchanged(keycloak, person)).id_token
    verified = await keycloak.access_tokens.verify_id_token(token, NONCE)
    assert (verified.account_id, verified.provider) == (person.id, None)


async def test_what_the_realm_signs_anew_is_accepted(keycloak: Realm, key: RealmKey, id_token: str) -> None:
    """Else the forgeries below would be refused for the key and for nothing else."""
    claims = {**claims_of(id_token), "identity_provider": "saml"}
    verified = await keycloak.access_tokens.verify_id_token(key.signed(claims), NONCE)
    assert (verified.account_id, verified.provider) == (claims["sub"], "saml")
    several = key.signed({**claims, "aud": ["gateway", "other"], "identity_provider": ["saml"]})
    assert (await keycloak.access_tokens.verify_id_token(several, NONCE)).provider is None


FORGED: dict[str, dict[str, object]] = {
    "issuer": {"iss": "http://127.0.0.1:1/realms/other"},
    "no issuer": {"iss": None},
    "access token": {"typ": "Bearer"},
    "no type": {"typ": None},
    "audience": {"aud": "other"},
    "no audience": {"aud": None},
    "for another client": {"aud": ["other", "gateway"], "azp": "other"},
    "for the verified client": {"aud": ["gateway", "gateway-verified"], "azp": "gateway-verified"},
    "no client": {"azp": None},
    "nonce": {"nonce": "another"},
    "nonce in upper case": {"nonce": "THE-NONCE"},
    "nonce list": {"nonce": [NONCE]},
    "no nonce": {"nonce": None},
    "expired": {"exp": 1},
    "no end": {"exp": None},
    "issued later": {"iat": 2**40},
    "not yet": {"nbf": 2**40},
    "nobody": {"sub": None},
}


@pytest.mark.parametrize("changes", FORGED.values(), ids=FORGED)
async def test_a_token_that_says_something_else_is_refused(
    keycloak: Realm, key: RealmKey, id_token: str, changes: dict[str, object]
) -> None:
    claims: dict[str, Any] = {**claims_of(id_token), **changes}
    forged = key.signed({name: value for name, value in claims.items() if value is not None})
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify_id_token(forged, NONCE)


async def test_a_key_of_the_forgers_is_not_taken_for_the_realms(keycloak: Realm, id_token: str) -> None:
    forged = signed_by(RSAKey.generate_key(2048), part_of(id_token, 0), claims_of(id_token))
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify_id_token(forged, NONCE)


@pytest.mark.parametrize("header", [{"typ": "logout+jwt"}, {"alg": "none"}, {"kid": None}, {"jku": "http://x"}])
async def test_a_token_of_another_form_is_refused(
    keycloak: Realm, key: RealmKey, id_token: str, header: dict[str, object]
) -> None:
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify_id_token(key.signed(claims_of(id_token), **header), NONCE)


async def test_an_empty_nonce_fits_no_token(keycloak: Realm, key: RealmKey, id_token: str) -> None:
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify_id_token(key.signed({**claims_of(id_token), "nonce": ""}), "")


async def test_access_and_refresh_tokens_are_no_id_tokens(keycloak: Realm, make_person: PersonMaker) -> None:
    tokens = (await exchanged(keycloak, make_person())).tokens
    for token in (tokens.access_token, tokens.refresh_token, ""):
        with pytest.raises(TokenRefused):
            await keycloak.access_tokens.verify_id_token(token, NONCE)


async def test_an_id_token_grows_old(settings: KeycloakSettings, id_token: str) -> None:
    async with opened(settings, Clock(ahead=3700)) as later:
        with pytest.raises(TokenRefused):
            await later.access_tokens.verify_id_token(id_token, NONCE)


async def test_without_keys_nothing_is_verified(unreachable: Realm, id_token: str) -> None:
    with pytest.raises(Unavailable):
        await unreachable.access_tokens.verify_id_token(id_token, NONCE)
