"""What proves something, and the refusal of what proves nothing: short, made-up or unusable secrets (security S44)."""

import base64
import json
from typing import Annotated, Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from pydantic import AfterValidator, SecretStr

MIN_SECRET_BYTES = 32
MIN_RSA_BITS = 2048
_FEWEST_CHARACTERS = 8
"""Fewer different ones have not been drawn at random: 32 hexadecimal digits do it once in 25 million times."""
_MADE_UP = ("changeme", "change-me", "change_me", "password", "secret", "default", "example", "placeholder", "12345678")

_IN_KEYCLOAK = "regenerate it in Keycloak (Clients → Credentials)"
_BY_COMMAND = 'make one: python -c "import secrets; print(secrets.token_urlsafe(32))"'
_NOT_A_PRIVATE_KEY = (
    f"must be an unencrypted private key in PEM or JWK, EC on the curve P-256 or RSA of {MIN_RSA_BITS} bits or more; "
    "line breaks of a PEM survive in a file better than in a variable"
)


def decode_key(key: SecretStr) -> bytes:
    """Return the bytes of one of `secret_keys`; empty when it is neither base64url nor base64."""
    text = key.get_secret_value()
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return b""


def require_random(secret: str, remedy: str, *, whose: str = "") -> None:
    """Demand a secret that nobody guesses.

    Args:
        secret: what proves something.
        remedy: how to get a better one.
        whose: what to say before the fault, when the setting holds more than the secret.

    Raises:
        ValueError: it is short or made up; the text does not repeat it.
    """
    if len(secret.encode("utf-8", "surrogatepass")) < MIN_SECRET_BYTES:
        raise ValueError(f"{whose}shorter than {MIN_SECRET_BYTES} bytes; {remedy}")
    if _is_made_up(secret):
        raise ValueError(f"{whose}not random: a guesser tries such values first; {remedy}")


def _client_secret(secret: SecretStr) -> SecretStr:
    require_random(secret.get_secret_value(), _IN_KEYCLOAK)
    return secret


def _secret_key(key: SecretStr) -> SecretStr:
    if len(decode_key(key)) < MIN_SECRET_BYTES:
        raise ValueError(f"not base64url of {MIN_SECRET_BYTES} bytes or more; {_BY_COMMAND}")
    if _is_made_up(key.get_secret_value()):
        raise ValueError(f"not random; {_BY_COMMAND}")
    return key


def _is_made_up(secret: str) -> bool:
    text = secret.lower()
    repeats = text in (text + text)[1:-1]
    return repeats or len(set(text)) < _FEWEST_CHARACTERS or any(word in text for word in _MADE_UP)


def _private_key(secret: SecretStr) -> SecretStr:
    """Accept what Keycloak can verify; the algorithm follows from the key (RFC 7523, RFC 7518 section 3.1)."""
    text = secret.get_secret_value().strip()
    try:
        key = _from_jwk(text) if text.startswith("{") else load_pem_private_key(text.encode(), password=None)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, UnsupportedAlgorithm):
        raise ValueError(_NOT_A_PRIVATE_KEY) from None
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return secret
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= MIN_RSA_BITS:
        return secret
    raise ValueError(_NOT_A_PRIVATE_KEY)


def _from_jwk(text: str) -> ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey:
    """Read a JWK (RFC 7518 section 6.2.2 and 6.3.2; RSA with its primes)."""
    jwk: dict[str, Any] = json.loads(text)
    if jwk["kty"] == "EC" and jwk["crv"] == "P-256":
        point = ec.EllipticCurvePublicNumbers(_integer(jwk["x"]), _integer(jwk["y"]), ec.SECP256R1())
        return ec.EllipticCurvePrivateNumbers(_integer(jwk["d"]), point).private_key()
    if jwk["kty"] != "RSA":
        raise ValueError(_NOT_A_PRIVATE_KEY)
    public = rsa.RSAPublicNumbers(_integer(jwk["e"]), _integer(jwk["n"]))
    p, q, d, dp, dq, qi = (_integer(jwk[name]) for name in ("p", "q", "d", "dp", "dq", "qi"))
    return rsa.RSAPrivateNumbers(p, q, d, dp, dq, qi, public).private_key()


def _integer(text: str) -> int:
    return int.from_bytes(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))


def _shared_secret(secret: SecretStr) -> SecretStr:
    """Accept what can key an HMAC with SHA-256 (RFC 7518 section 3.2)."""
    require_random(secret.get_secret_value(), _BY_COMMAND)
    return secret


SharedSecret = Annotated[SecretStr, AfterValidator(_shared_secret)]
ClientSecret = Annotated[SecretStr, AfterValidator(_client_secret)]
SecretKey = Annotated[SecretStr, AfterValidator(_secret_key)]
PrivateKey = Annotated[SecretStr, AfterValidator(_private_key)]
