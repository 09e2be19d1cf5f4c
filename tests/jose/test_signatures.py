"""Whose signature it is; what a forger tries with a whole gateway is in tests/keycloak/test_forged_access_tokens.py."""

from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from gateway.domain.errors import TokenRefused
from gateway.jose.signatures import Signatures

RSA = RSAKey.generate_key(2048)
EC = ECKey.generate_key("P-256")
ALGORITHMS = ("RS256", "PS256", "ES256")
CLAIMS = b'{"sub":"ann"}'


def _signed(key: Key, algorithm: str, **header: object) -> str:
    members = {"alg": algorithm, "kid": "one", "typ": "JWT", **header}
    given = {name: value for name, value in members.items() if value is not None}
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    return jws.serialize_compact(given, CLAIMS, key, registry=registry)


async def _claims(token: str, key: Key | None, *types: str | None, algorithms: tuple[str, ...] = ALGORITHMS) -> Any:  # noqa: ANN401 - whatever was claimed
    asked: list[str] = []

    async def key_of(key_id: str) -> Key | None:
        asked.append(key_id)
        return key

    claims = await Signatures(algorithms).claims_of(token, key_of, types or ("JWT",))
    assert asked == ["one"]
    return claims


@pytest.mark.parametrize(
    ("key", "algorithm"), [(RSA, "RS256"), (RSA, "PS256"), (EC, "ES256")], ids=["RS256", "PS256", "ES256"]
)
async def test_the_claims_of_whoever_signed_are_read(key: Key, algorithm: str) -> None:
    assert await _claims(_signed(key, algorithm), key) == {"sub": "ann"}


async def test_another_s_signature_is_refused() -> None:
    for key in (RSAKey.generate_key(2048), EC, None):
        with pytest.raises(TokenRefused):
            await _claims(_signed(RSA, "RS256"), key)


async def test_an_algorithm_that_is_not_wanted_is_refused() -> None:
    with pytest.raises(TokenRefused):
        await _claims(_signed(RSA, "PS256"), RSA, algorithms=("RS256",))
    with pytest.raises(TokenRefused):
        await _claims(_signed(OctKey.generate_key(256), "HS256"), RSA)


async def test_a_key_for_one_algorithm_verifies_no_other() -> None:
    bound = RSAKey.import_key({**RSA.as_dict(private=False), "alg": "RS256"})
    assert await _claims(_signed(RSA, "RS256"), bound) == {"sub": "ann"}
    with pytest.raises(TokenRefused):
        await _claims(_signed(RSA, "PS256"), bound)


@pytest.mark.parametrize(
    ("said", "types", "is_read"),
    [
        ("JWT", ("JWT",), True),
        ("at+jwt", ("JWT", "at+jwt"), True),
        (None, ("JWT", None), True),
        (None, ("JWT",), False),
        ("jwt", ("JWT",), False),
        ("logout+jwt", ("JWT", None), False),
    ],
    ids=str,
)
async def test_only_tokens_of_the_types_asked_for_are_read(
    said: object, types: tuple[str | None, ...], *, is_read: bool
) -> None:
    token = _signed(RSA, "RS256", typ=said)
    if is_read:
        assert await _claims(token, RSA, *types) == {"sub": "ann"}
    else:
        with pytest.raises(TokenRefused):
            await _claims(token, RSA, *types)


@pytest.mark.parametrize("header", [{"jku": "http://x"}, {"jwk": {}}, {"x5u": "http://x"}, {"x5c": []}], ids=str)
async def test_a_token_that_brings_its_own_key_is_refused(header: dict[str, object]) -> None:
    with pytest.raises(TokenRefused):
        await _claims(_signed(RSA, "RS256", **header), RSA)
