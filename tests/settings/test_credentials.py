import base64
import json
import secrets
from contextlib import suppress
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr, TypeAdapter, ValidationError

from gateway.settings import decode_key
from gateway.settings.credentials import ClientSecret, PrivateKey, SecretKey
from tests.settings.environments import one_for_all_examples
from tests.settings.keys import ec_key, encrypted_pem, jwk, pem, public_pem, rsa_key

_CLIENT_SECRET: TypeAdapter[SecretStr] = TypeAdapter(ClientSecret)
_SECRET_KEY: TypeAdapter[SecretStr] = TypeAdapter(SecretKey)
_PRIVATE_KEY: TypeAdapter[SecretStr] = TypeAdapter(PrivateKey)


def _refusal(adapter: TypeAdapter[SecretStr], value: object) -> str:
    with pytest.raises(ValidationError) as error:
        adapter.validate_python(value)
    (one,) = error.value.errors()
    return one["msg"]


@pytest.mark.parametrize("entropy", [24, 32, 64])
def test_random_secrets_are_accepted(entropy: int) -> None:
    for _ in range(100):
        for secret in (secrets.token_urlsafe(entropy), secrets.token_hex(entropy)):
            assert _CLIENT_SECRET.validate_python(secret).get_secret_value() == secret


def test_short_secrets_are_refused() -> None:
    assert "shorter than 32 bytes" in _refusal(_CLIENT_SECRET, secrets.token_hex(16)[:31])


@pytest.mark.parametrize(
    "made_up",
    [
        "a" * 40,
        "k8Jq-Zw3xB" * 4,
        "0123456789abcdef" * 3,
        "gateway-secret-gateway-secret-gateway-2",
        "ChangeMe-ChangeMe-ChangeMe-0xyzkvq",
        "my-very-long-PASSWORD-for-the-gateway-7",
        "abcabcabcabcabcabcabcabcabcabcabcabcabcabd",
        "qwertyuiop-asdfghjkl-zxcvbnm-12345678",
    ],
)
def test_secrets_that_somebody_thought_up_are_refused(made_up: str) -> None:
    assert "not random" in _refusal(_CLIENT_SECRET, made_up)


@pytest.mark.parametrize("encode", [base64.urlsafe_b64encode, base64.b64encode])
def test_secret_keys_are_base64_in_either_alphabet_with_or_without_padding(encode: Any) -> None:  # noqa: ANN401 - either function
    key = bytes([251, 255, *secrets.token_bytes(30)])
    for text in (encode(key).decode(), encode(key).decode().rstrip("=")):
        assert decode_key(_SECRET_KEY.validate_python(text)) == key


@pytest.mark.parametrize("text", ["q7Zk3W-x0vB", "not base64 at all, though it is long enough", "Ü" * 50])
def test_weak_secret_keys_are_refused_with_the_command_that_makes_one(text: str) -> None:
    assert "secrets.token_urlsafe(32)" in _refusal(_SECRET_KEY, text)


def test_a_secret_key_of_zeros_is_refused() -> None:
    assert "not random" in _refusal(_SECRET_KEY, base64.urlsafe_b64encode(bytes(32)).decode())


@one_for_all_examples
@given(st.text())
def test_no_text_makes_decoding_a_key_fail(text: str) -> None:
    assert isinstance(decode_key(SecretStr(text)), bytes)


_GOOD = {
    "ec": pem(ec_key()),
    "ec-sec1": pem(ec_key(), PrivateFormat.TraditionalOpenSSL),
    "rsa": pem(rsa_key()),
    "rsa-pkcs1": pem(rsa_key(), PrivateFormat.TraditionalOpenSSL),
    "ec-jwk": jwk(ec_key()),
    "rsa-jwk": jwk(rsa_key()),
    "ec-jwk-with-further-members": jwk(ec_key(), kid="one", use="sig", alg="ES256"),
    "ec-between-blank-lines": "\n" + pem(ec_key()) + "\n\n",
}


@pytest.mark.parametrize("text", list(_GOOD.values()), ids=list(_GOOD))
def test_keys_that_keycloak_can_verify_are_accepted(text: str) -> None:
    assert _PRIVATE_KEY.validate_python(text).get_secret_value() == text


_BAD = {
    "rsa-1024": pem(rsa_key(1024)),
    "ec-p384": pem(ec_key(ec.SECP384R1())),
    "ed25519": pem(ed25519.Ed25519PrivateKey.generate()),
    "encrypted": encrypted_pem(ec_key()),
    "public": public_pem(ec_key()),
    "on-one-line": pem(ec_key()).replace("\n", "\\n"),
    "cut-off": pem(ec_key())[:100],
    "jwk-p384": jwk(ec_key(), crv="P-384"),
    "jwk-oct": jwk(ec_key(), kty="oct"),
    "jwk-off-the-curve": jwk(ec_key(), d="AQAB", x="AQAB"),
    "jwk-rsa-inconsistent": jwk(rsa_key(), d="AQAB"),
    "jwk-rsa-1024": jwk(rsa_key(1024)),
    "jwk-rsa-number": json.dumps({"kty": "RSA", "n": 3}),
    "jwk-ec-public": json.dumps({"kty": "EC", "crv": "P-256", "x": "AQAB", "y": "AQAB"}),
    "no-json": "{" * 2000,
    "nested": '{"a":' * 100_000,
    "nothing": "{}",
    "no-key": "hello",
}


@pytest.mark.parametrize("text", list(_BAD.values()), ids=list(_BAD))
def test_other_keys_are_refused_and_not_quoted(text: str) -> None:
    refusal = _refusal(_PRIVATE_KEY, text)
    assert refusal.startswith("Value error, must be an unencrypted private key in PEM or JWK")
    assert text[:20] not in refusal


@one_for_all_examples
@given(st.text(), st.sampled_from(["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]))
def test_no_text_makes_reading_a_key_fail_otherwise_than_with_a_refusal(text: str, label: str) -> None:
    for form in (text, f"-----BEGIN {label}-----\n{text}\n-----END {label}-----", "{" + text):
        with pytest.raises(ValidationError):
            _PRIVATE_KEY.validate_python(form)


@one_for_all_examples
@given(
    st.sampled_from([jwk(rsa_key()), jwk(ec_key())]),
    st.dictionaries(
        st.sampled_from(["kty", "crv", "n", "e", "p", "qi", "x", "y"]), st.text() | st.integers(), min_size=1
    ),
)
def test_no_member_makes_reading_a_jwk_fail_otherwise_than_with_a_refusal(
    good: str, members: dict[str, object]
) -> None:
    changed = json.dumps({**json.loads(good), **members})
    with suppress(ValidationError):
        assert _PRIVATE_KEY.validate_python(changed).get_secret_value() == changed
