"""Another realm on the same Keycloak, which ours trusts for identities: a real provider of genuine tokens."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from keycloak import KeycloakAdmin

_BROKER = "broker"
_OTHER = "another-application"
_SECRET = secrets.token_urlsafe(32)
PASSWORD = "Passw0rd!there"


@dataclass(frozen=True, slots=True)
class ExternalRealm:
    """Gives tokens to its people, as a provider does to a page that has sent them there.

    Attributes:
        name: of the realm.
        url: issuer.
        http: connections to Keycloak.
        administrator: of that realm.
    """

    name: str
    url: str
    http: httpx.Client
    administrator: KeycloakAdmin

    @property
    def config(self) -> dict[str, str]:
        """What our realm has to know of it."""
        protocol = f"{self.url}/protocol/openid-connect"
        return {
            "clientId": _BROKER,
            "clientSecret": _SECRET,
            "issuer": self.url,
            "useJwksUrl": "true",
            "jwksUrl": f"{protocol}/certs",
            "userInfoUrl": f"{protocol}/userinfo",
            "authorizationUrl": f"{protocol}/auth",
            "tokenUrl": f"{protocol}/token",
        }

    def admit(self, email: str, *, verified: bool = True) -> str:
        """Give somebody an account there; return its id, the `sub` of its tokens."""
        account = {
            "username": email,
            "email": email,
            "emailVerified": verified,
            "firstName": "Erin",
            "lastName": "Extern",
            "enabled": True,
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
        }
        return str(self.administrator.create_user(account, exist_ok=False))

    def tokens(self, email: str, client: str = _BROKER) -> dict[str, Any]:
        """Sign somebody in there."""
        credentials = {"client_id": client, "client_secret": _SECRET, "username": email, "password": PASSWORD}
        form = {"grant_type": "password", "scope": "openid", **credentials}
        answer = self.http.post(f"/realms/{self.name}/protocol/openid-connect/token", data=form)
        told: dict[str, Any] = answer.raise_for_status().json()
        return told

    def id_token(self, email: str) -> str:
        """Sign somebody in there; return the ID token for us."""
        return str(self.tokens(email)["id_token"])

    def others_tokens(self, email: str) -> dict[str, Any]:
        """Sign somebody in to another application of that realm."""
        return self.tokens(email, _OTHER)


@contextmanager
def made(admin: KeycloakAdmin, http: httpx.Client, administrator: KeycloakAdmin) -> Iterator[ExternalRealm]:
    """Make the realm, and delete it in the end.

    Args:
        admin: makes realms.
        http: connections to Keycloak.
        administrator: becomes the realm's own.
    """
    name = f"external-{secrets.token_hex(4)}"
    # Our realm gives the address by which a browser comes back to it.
    granted = {"secret": _SECRET, "directAccessGrantsEnabled": True, "redirectUris": ["*"]}
    clients = [{"clientId": each, **granted} for each in (_BROKER, _OTHER)]
    admin.create_realm({"realm": name, "enabled": True, "clients": clients})
    administrator.change_current_realm(name)
    try:
        yield ExternalRealm(name, f"{str(http.base_url).rstrip('/')}/realms/{name}", http, administrator)
    finally:
        admin.delete_realm(name)
