"""Private keys of every kind that an operator may come with."""

import base64
import json
from collections.abc import Mapping
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@cache
def rsa_key(bits: int = 2048) -> rsa.RSAPrivateKey:
    """Make one; once a run, since it takes its time."""
    return rsa.generate_private_key(65537, bits)


def ec_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    """Make one, on P-256 unless said otherwise."""
    return ec.generate_private_key(curve or ec.SECP256R1())


def pem(
    key: Key, form: PrivateFormat = PrivateFormat.PKCS8, encryption: KeySerializationEncryption | None = None
) -> str:
    """Write a private key as PEM."""
    return key.private_bytes(Encoding.PEM, form, encryption or NoEncryption()).decode()


def encrypted_pem(key: Key) -> str:
    """Write a private key as PEM that asks for a password."""
    return pem(key, encryption=BestAvailableEncryption(b"open sesame"))


def public_pem(key: Key) -> str:
    """Write only the public half."""
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def jwk(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, **changed: str) -> str:
    """Write a private key as JWK (RFC 7518 section 6)."""
    members = _of_rsa(key) if isinstance(key, rsa.RSAPrivateKey) else _of_ec(key)
    return json.dumps({**members, **changed})


def _of_rsa(key: rsa.RSAPrivateKey) -> Mapping[str, str]:
    own = key.private_numbers()
    numbers = {"n": own.public_numbers.n, "e": own.public_numbers.e, "d": own.d, "p": own.p, "q": own.q}
    numbers |= {"dp": own.dmp1, "dq": own.dmq1, "qi": own.iqmp}
    return {"kty": "RSA", **{name: _base64url(number) for name, number in numbers.items()}}


def _of_ec(key: ec.EllipticCurvePrivateKey) -> Mapping[str, str]:
    own = key.private_numbers()
    numbers = {"x": own.public_numbers.x, "y": own.public_numbers.y, "d": own.private_value}
    return {"kty": "EC", "crv": "P-256", **{name: _base64url(number, 32) for name, number in numbers.items()}}


def _base64url(number: int, size: int = 0) -> str:
    size = size or (number.bit_length() + 7) // 8
    return base64.urlsafe_b64encode(number.to_bytes(size)).rstrip(b"=").decode()
