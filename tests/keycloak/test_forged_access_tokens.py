"""Access tokens that a forger has signed, or would have judged by his own rules."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from gateway.domain.errors import TokenRefused
from gateway.keycloak.realm import Realm
from tests.keycloak.people import RealmUnderTest
from tests.keycloak.signing import RealmKey, add_key, signed_by
from tests.keycloak.tokens_apart import claims_of, encoded, part_of, respelled, with_claims, with_header

WRONG_HEADERS: dict[str, dict[str, object]] = {
    "key inside": {"jwk": {"kty": "RSA", "n": "AQAB", "e": "AQAB"}},
    "key elsewhere": {"jku": "http://127.0.0.1:1/keys"},
    "certificate elsewhere": {"x5u": "http://127.0.0.1:1/certificate"},
    "certificate inside": {"x5c": ["AA=="]},
    "critical": {"crit": ["exp"], "exp": 1},
    "critical and empty": {"crit": []},
    "compressed": {"zip": "DEF"},
    "not encoded": {"b64": False, "crit": ["b64"]},
    "no algorithm": {"alg": None},
    "algorithm none": {"alg": "none"},
    "algorithm None": {"alg": "None"},
    "algorithm RS512": {"alg": "RS512"},
    "algorithm of another kind of key": {"alg": "ES256"},
    "another algorithm of the same key": {"alg": "PS256"},
    "algorithm list": {"alg": ["RS256"]},
    "algorithm in lower case": {"alg": "rs256"},
    "no key id": {"kid": None},
    "key id list": {"kid": ["a"]},
    "key id number": {"kid": 1},
    "key id as path": {"kid": "../../../../dev/null"},
    "logout token": {"typ": "logout+jwt"},
    "type list": {"typ": ["JWT"]},
}
MALFORMED: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "blank": lambda _: " ",
    "dots": lambda _: "..",
    "two parts": lambda token: token.rpartition(".")[0],
    "four parts": lambda token: f"{token}.AA",
    "five parts, as encrypted": lambda token: f"{token}.AA.AA",
    "signature cut off": lambda token: f"{token.rpartition('.')[0]}.",
    "signature cut short": lambda token: token[:-4],
    "signature changed": lambda token: token[:-10] + ("A" if token[-10] != "A" else "B") + token[-9:],
    "padding": lambda token: f"{token}==",
    "blank before": lambda token: f" {token}",
    "line break after": lambda token: f"{token}\n",
    "NUL after": lambda token: f"{token}\0",
    "lone surrogate": lambda token: f"{token}\ud800",
    "full-width digits": lambda token: f"{token}\uff11",
    "second spelling of the last character": respelled,
    "too long": lambda token: with_claims(token, padding="x" * 8192),
    "header over 1 KiB": lambda token: with_header(token, padding="x" * 1024),
    "header is no JSON": lambda token: f"{encoded(b'x')}.{token.partition('.')[2]}",
    "header is a list": lambda token: f"{encoded(b'[]')}.{token.partition('.')[2]}",
    "header nested too deep": lambda token: f"{encoded(b'[' * 1000)}.{token.partition('.')[2]}",
    "claims changed": lambda token: with_claims(token, sub="00000000-0000-0000-0000-000000000000"),
    "headers swapped": lambda token: with_header(token, typ="at+jwt"),
}


@pytest.mark.parametrize("header", WRONG_HEADERS.values(), ids=WRONG_HEADERS)
async def test_token_that_dictates_how_it_is_judged_is_refused(
    keycloak: Realm, key: RealmKey, access_token: str, header: dict[str, object]
) -> None:
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify(key.signed(claims_of(access_token), **header))


@pytest.mark.parametrize("forge", MALFORMED.values(), ids=MALFORMED)
async def test_malformed_token_is_refused(keycloak: Realm, access_token: str, forge: Callable[[str], str]) -> None:
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify(forge(access_token))


async def test_public_key_does_for_no_shared_secret(keycloak: Realm, key: RealmKey, access_token: str) -> None:
    public = key.key.as_pem(private=False)
    for algorithm, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
        header = {"alg": algorithm, "typ": "JWT", "kid": key.id}
        signed = f"{encoded(header)}.{access_token.split('.')[1]}"
        forged = f"{signed}.{encoded(hmac.digest(public, signed.encode(), digest))}"
        with pytest.raises(TokenRefused):
            await keycloak.access_tokens.verify(forged)


async def test_key_signs_by_its_own_algorithm_only(keycloak: Realm, key: RealmKey, access_token: str) -> None:
    header = {"alg": "PS256", "typ": "JWT", "kid": key.id}
    forged = jwt.encode(header, claims_of(access_token), key.key, algorithms=["PS256"])
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify(forged)


async def test_key_of_the_forger_is_not_taken_for_the_realms(keycloak: Realm, access_token: str) -> None:
    header = part_of(access_token, 0)
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify(signed_by(RSAKey.generate_key(2048), header, claims_of(access_token)))


async def test_encryption_key_of_the_realm_signs_nothing(
    keycloak: Realm, realm: RealmUnderTest, access_token: str
) -> None:
    key = add_key(realm, "rsa-enc")
    try:
        with pytest.raises(TokenRefused):
            await keycloak.access_tokens.verify(key.signed(claims_of(access_token)))
    finally:
        realm.admin.delete_component(key.component)


async def test_nobody_asks_for_keys_where_the_token_says(keycloak: Realm, key: RealmKey, access_token: str) -> None:
    calls = []
    listener = await asyncio.start_server(lambda *streams: calls.append(streams), "127.0.0.1", 0)
    async with listener:
        address = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/keys"
        for header in ({"jku": address}, {"x5u": address}, {"kid": address}, {"jku": address, "kid": "unknown"}):
            with pytest.raises(TokenRefused):
                await keycloak.access_tokens.verify(key.signed(claims_of(access_token), **header))
        await asyncio.sleep(0.1)
    assert calls == []
