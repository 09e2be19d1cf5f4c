"""A signing key of the realm that the tests hold too: what it signs is genuine, whatever it says."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from joserfc import jwk, jws
from keycloak import KeycloakAdmin


@dataclass(frozen=True, slots=True)
class RealmKey:
    """Signs as the realm does.

    Attributes:
        key: private key.
        kid: the id under which the realm publishes it.
    """

    key: jwk.RSAKey
    kid: str

    def signed(self, claims: Mapping[str, Any], **header: object) -> str:
        """Sign claims; a header given as None is left out."""
        head = {"alg": "RS256", "kid": self.kid, "typ": "logout+jwt", **header}
        registry = jws.JWSRegistry(algorithms=["RS256"], strict_check_header=False)
        given = {name: value for name, value in head.items() if value is not None}
        return jws.serialize_compact(given, json.dumps(claims).encode(), self.key, registry=registry)


def drawn() -> jwk.RSAKey:
    """Draw a key."""
    return jwk.RSAKey.generate_key(2048)


@contextmanager
def added(admin: KeycloakAdmin, realm: str) -> Iterator[RealmKey]:
    """Add a key that the realm publishes, and never signs with by itself; take it away in the end."""
    key = drawn()
    config = {"privateKey": [key.as_pem(private=True).decode()], "priority": ["-1"], "algorithm": ["RS256"]}
    component = admin.create_component(
        {
            "name": f"tests-{secrets.token_hex(4)}",
            "providerId": "rsa",
            "providerType": "org.keycloak.keys.KeyProvider",
            "parentId": admin.get_realm(realm)["id"],
            "config": {**config, "enabled": ["true"], "active": ["true"]},
        }
    )
    try:
        (kid,) = [each["kid"] for each in admin.get_keys()["keys"] if each.get("providerId") == component]
        yield RealmKey(key, kid)
    finally:
        admin.delete_component(component)
