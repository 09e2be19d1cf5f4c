"""Who may administer the realm."""

from pydantic import BaseModel, TypeAdapter

from gateway.keycloak.admin import Admin
from gateway.keycloak.answers import Answer
from gateway.keycloak.endpoints import is_id
from gateway.keycloak.errors import unexpected

REALM_MANAGEMENT = "realm-management"
"""Keycloak's client whose roles administer the realm."""


class _Client(BaseModel):
    id: str


class _Role(BaseModel):
    name: str


_CLIENTS = TypeAdapter(list[_Client])
_ROLES = TypeAdapter(list[_Role])


class Administrators:
    """The accounts that may."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin
        self._realm_management: str | None = None

    async def include(self, account_id: str) -> bool:
        """Say whether an account holds any role of `realm-management`: directly, by a group or inside another role.

        The service account has to be allowed to view that client; Keycloak tells nothing about its roles otherwise.

        Raises:
            Unavailable: Keycloak cannot be asked, or does not tell.
        """
        if not is_id(account_id):
            return False
        answer = await self._roles(account_id)
        if answer.is_missing:
            # The account has gone; or the realm was made anew, and the client has another id: no reason to trust.
            self._realm_management = None
            answer = await self._roles(account_id)
        return not answer.is_missing and bool(answer.read("roles of a user", _ROLES))

    async def _roles(self, account_id: str) -> Answer:
        client = await self._realm_management_id()
        return await self._admin.get("users", account_id, "role-mappings", "clients", client, "composite")

    async def _realm_management_id(self) -> str:
        if self._realm_management is None:
            answer = await self._admin.get("clients", params={"clientId": REALM_MANAGEMENT})
            clients = answer.read("the client realm-management", _CLIENTS)
            if not clients:
                raise unexpected("the client realm-management, to be viewed by the service account", answer.status)
            self._realm_management = clients[0].id
        return self._realm_management
