"""Another realm on the same Keycloak, with a client and a person of the same names as ours."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from keycloak import KeycloakAdmin

_SECRET = secrets.token_urlsafe(32)
_PASSWORD = "Passw0rd!x"


@dataclass(frozen=True, slots=True)
class ForeignRealm:
    """Gives genuine tokens that are not ours.

    Attributes:
        name: of the realm.
        http: connections to Keycloak.
    """

    name: str
    http: httpx.Client

    def tokens(self) -> dict[str, Any]:
        """Sign its only person in, at its own client `gateway`."""
        credentials = {"client_id": "gateway", "client_secret": _SECRET, "username": "alice", "password": _PASSWORD}
        form = {"grant_type": "password", "scope": "openid", **credentials}
        answer = self.http.post(f"/realms/{self.name}/protocol/openid-connect/token", data=form)
        told: dict[str, Any] = answer.raise_for_status().json()
        return told


@contextmanager
def made(admin: KeycloakAdmin, http: httpx.Client) -> Iterator[ForeignRealm]:
    """Make the realm, and delete it in the end."""
    name = f"foreign-{secrets.token_hex(4)}"
    admin.create_realm(_representation(name))
    try:
        yield ForeignRealm(name, http)
    finally:
        admin.delete_realm(name)


def _representation(name: str) -> dict[str, Any]:
    audience = {"included.client.audience": "gateway", "access.token.claim": "true"}
    client = {
        "clientId": "gateway",
        "secret": _SECRET,
        "directAccessGrantsEnabled": True,
        "protocolMappers": [
            {
                "name": "audience",
                "protocol": "openid-connect",
                "protocolMapper": "oidc-audience-mapper",
                "config": audience,
            }
        ],
    }
    alice = {
        "username": "alice",
        "email": "alice@foreign.example.test",
        "firstName": "Alice",
        "lastName": "Foreign",
        "enabled": True,
        "credentials": [{"type": "password", "value": _PASSWORD}],
    }
    return {"realm": name, "enabled": True, "clients": [client], "users": [alice]}
