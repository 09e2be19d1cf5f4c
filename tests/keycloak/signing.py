"""A signing key of the realm whose private half the tests know, so that they can sign whatever they like."""

import time
from dataclasses import dataclass
from typing import Any

import httpx
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc.jwk import RSAKey

from tests.keycloak.people import RealmUnderTest
from tests.keycloak.tokens_apart import encoded

Claims = dict[str, Any]


def now() -> int:
    """Return the second of Keycloak's clock, which is the machine's."""
    return int(time.time())  # noqa: TID251 - Keycloak reads the machine's clock as well


@dataclass(frozen=True)
class RealmKey:
    """A key that the realm lists.

    Attributes:
        id: its `kid`.
        key: with its private half.
        component: Keycloak's id of the key provider.
    """

    id: str
    key: RSAKey
    component: str

    def signed(self, claims: dict[str, Any] | bytes, **header: object) -> str:
        """Sign claims with RS256, under whatever header."""
        members = {"alg": "RS256", "typ": "JWT", "kid": self.id, **header}
        return signed_by(self.key, {name: value for name, value in members.items() if value is not None}, claims)


def signed_by(key: RSAKey, header: dict[str, Any] | bytes, claims: dict[str, Any] | bytes) -> str:
    """Sign with RS256 by hand: a library would refuse to write most of what a forger writes."""
    signed = f"{encoded(header)}.{encoded(claims)}"
    private = key.private_key
    assert isinstance(private, rsa.RSAPrivateKey)
    return f"{signed}.{encoded(private.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


def add_key(realm: RealmUnderTest, kind: str = "rsa", *, priority: int = -1) -> RealmKey:
    """Give the realm a key; with a negative priority Keycloak lists it and signs with its own.

    Args:
        realm: which.
        kind: Keycloak's key provider: `rsa` to sign, `rsa-enc` to encrypt.
        priority: among the realm's keys.
    """
    key = RSAKey.generate_key(2048)
    config = {"privateKey": [key.as_pem(private=True).decode()], "priority": [str(priority)]}
    if kind == "rsa-enc":
        config["algorithm"] = ["RSA-OAEP"]
    component = realm.admin.create_component(
        {
            "name": f"test {kind} {id(key)}",
            "providerId": kind,
            "providerType": "org.keycloak.keys.KeyProvider",
            "parentId": (realm.admin.get_realm(realm.name) or {})["id"],
            "config": {**config, "active": ["true"], "enabled": ["true"]},
        }
    )
    return RealmKey(_listed_id(realm, key), key, component)


def _listed_id(realm: RealmUnderTest, key: RSAKey) -> str:
    modulus = key.as_dict(private=False)["n"]
    keys = httpx.get(f"{realm.issuer}/protocol/openid-connect/certs", timeout=30).json()["keys"]
    found: str = next(each["kid"] for each in keys if each["n"] == modulus)
    return found
