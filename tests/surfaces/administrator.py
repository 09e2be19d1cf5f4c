"""Changes of the realm that last for a while."""

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self

import httpx
from keycloak import KeycloakAdmin


@dataclass(frozen=True, slots=True)
class Administrator:
    """Changes the realm as its administrator might, and puts everything back.

    Attributes:
        admin: administrator of the realm.
        http: connections to Keycloak.
        realm: name of the realm.
        secrets: client id → its secret.
    """

    admin: KeycloakAdmin
    http: httpx.Client
    realm: str
    secrets: Mapping[str, str]

    @contextmanager
    def own_detection(self) -> Iterator[None]:
        """Have Keycloak lock accounts by itself, after two failures, for a while."""
        limits = {"failureFactor": 2, "waitIncrementSeconds": 60, "quickLoginCheckMilliSeconds": 0}
        with self.realm_with(bruteForceProtected=True, **limits):
            yield

    @contextmanager
    def other_client(self, *, audience: bool) -> Iterator[Self]:
        """Make a client that is none of the gateway's, for a while.

        Args:
            audience: whether its tokens name the gateway in `aud`.

        Yields:
            One like this, who knows the secret of the client `other`.
        """
        secret = secrets.token_urlsafe(32)
        client = self.admin.create_client(
            {
                "clientId": "other",
                "secret": secret,
                "directAccessGrantsEnabled": True,
                "protocolMappers": [_audience_mapper("gateway" if audience else "account")],
            }
        )
        try:
            yield replace(self, secrets={"other": secret})
        finally:
            self.admin.delete_client(client)

    @contextmanager
    def realm_with(self, **settings: object) -> Iterator[None]:
        """Change settings of the realm for a while."""
        before = self.admin.get_realm(self.realm)
        self.admin.update_realm(self.realm, settings)
        try:
            yield
        finally:
            self.admin.update_realm(self.realm, {name: before.get(name) for name in settings})

    @contextmanager
    def client_with(self, client: str, **attributes: str) -> Iterator[None]:
        """Change attributes of a client for a while; `__` in a name stands for a dot."""
        client_uuid = self.uuid_of(client)
        before = self.admin.get_client(client_uuid)["attributes"]
        changed = {name.replace("__", "."): value for name, value in attributes.items()}
        self.admin.update_client(client_uuid, {"attributes": {**before, **changed}})
        try:
            yield
        finally:
            restored = {**dict.fromkeys(changed, ""), **before}
            self.admin.update_client(client_uuid, {"attributes": restored})

    @contextmanager
    def client_without_scope(self, client: str, scope: str) -> Iterator[None]:
        """Take an optional scope from a client for a while."""
        client_uuid = self.uuid_of(client)
        scopes = {each["name"]: each["id"] for each in self.admin.get_client_optional_client_scopes(client_uuid)}
        self.admin.delete_client_optional_client_scope(client_uuid, scopes[scope])
        try:
            yield
        finally:
            self.admin.add_client_optional_client_scope(client_uuid, scopes[scope], {})

    @contextmanager
    def service_account_with(self, *roles: str) -> Iterator[None]:
        """Have the gateway's service account hold these roles of `realm-management` and no others, for a while."""
        account = str(self.admin.get_user_id("service-account-gateway-admin"))
        client = self.uuid_of("realm-management")
        before = self.admin.get_client_roles_of_user(account, client)
        self.admin.delete_client_roles_of_user(account, client, before)
        self.admin.assign_client_role(account, client, [self.management_role(each) for each in roles])
        try:
            yield
        finally:
            self.admin.assign_client_role(account, client, before)

    @contextmanager
    def any_username(self) -> Iterator[None]:
        """Allow user names of whatever characters, for a while."""
        attributes = [
            {**each, "validations": {}} if each["name"] == "username" else each for each in self.profile_attributes()
        ]
        with self.profile_with(attributes):
            yield

    @contextmanager
    def profile_with(self, attributes: list[dict[str, Any]]) -> Iterator[None]:
        """Change what people's profiles hold and have to hold, for a while."""
        path = f"admin/realms/{self.realm}/users/profile"
        before = self.admin.connection.raw_get(path).json()
        self.put(path, {**before, "attributes": attributes})
        try:
            yield
        finally:
            self.put(path, before)

    def profile_attributes(self) -> list[dict[str, Any]]:
        """Return what people's profiles hold."""
        path = f"admin/realms/{self.realm}/users/profile"
        found: list[dict[str, Any]] = self.admin.connection.raw_get(path).json()["attributes"]
        return found

    def put(self, path: str, representation: Mapping[str, object]) -> None:
        """Replace what is at a path."""
        answer = self.admin.connection.raw_put(path, data=json.dumps(representation))
        assert answer.ok, answer.text

    def uuid_of(self, client: str) -> str:
        """Tell Keycloak's own id of a client."""
        found = self.admin.get_client_id(client)
        assert found, client
        return found

    def management_role(self, role: str) -> dict[str, Any]:
        """Return a role of `realm-management`."""
        return dict(self.admin.get_client_role(self.uuid_of("realm-management"), role))


def _audience_mapper(audience: str) -> dict[str, Any]:
    return {
        "name": "audience",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {"included.client.audience": audience, "access.token.claim": "true"},
    }
