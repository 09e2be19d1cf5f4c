"""What keeps the gateway from working with a realm, found out by trying it."""

from collections.abc import AsyncIterator
from http import HTTPStatus
from uuid import uuid4

from pydantic import BaseModel, TypeAdapter

from gateway.keycloak.admin import Admin
from gateway.keycloak.administrators import REALM_MANAGEMENT
from gateway.keycloak.answers import Answer
from gateway.keycloak.clients import Client, Clients
from gateway.keycloak.connection import PASSWORD_CHECK, Connection
from gateway.keycloak.endpoints import Endpoints

_CLIENT_TROUBLE = ("invalid_client", "unauthorized_client")
_NO_GRANTS = "Client not allowed for direct access grants"
_NO_SERVICE_ACCOUNT = "Client not enabled to retrieve service account"


class _Discovery(BaseModel):
    issuer: str


class _Access(BaseModel):
    manage: bool = False


class _Person(BaseModel):
    access: _Access = _Access()


_DISCOVERY = TypeAdapter(_Discovery)
_PERSON = TypeAdapter(_Person)
_FOUND = TypeAdapter(list[object])


class Setup:
    """Tries what the gateway needs of the realm and of its own clients there."""

    def __init__(
        self, connection: Connection, endpoints: Endpoints, clients: Clients, admin: Admin, issuer: str
    ) -> None:
        self._connection = connection
        self._endpoints = endpoints
        self._clients = clients
        self._admin = admin
        self._issuer = issuer

    async def faults(self) -> list[str]:
        """List what is wrong, each a sentence with its remedy; empty when all is well.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        answer = await self._connection.request("GET", self._endpoints.discovery)
        if answer.is_missing:
            return [f"Keycloak has no realm `{self._endpoints.name}`: import it, or set GATEWAY_KEYCLOAK__REALM"]
        found = [fault async for fault in self._issuer_faults(answer)]
        for client in self._clients.signing_in:
            found += [fault async for fault in self._grant_faults(client)]
        return found + [fault async for fault in self._admin_faults()]

    async def _issuer_faults(self, answer: Answer) -> AsyncIterator[str]:
        issuer = answer.read("discovery", _DISCOVERY).issuer
        if issuer != self._issuer:
            yield (
                f"Keycloak signs as `{issuer}`, but tokens of `{self._issuer}` are expected: "
                "set GATEWAY_KEYCLOAK__ISSUER to the former"
            )

    async def _grant_faults(self, client: Client) -> AsyncIterator[str]:
        """Ask for a person nobody is: only a client that may ask at all is told that the credentials are wrong."""
        form = {"grant_type": "password", "username": str(uuid4()), "password": str(uuid4())}
        answer = await self._asked_as(client, form)
        if _is_refused(answer):
            yield _refused(client)
        elif answer.error[1] == _NO_GRANTS:
            yield f"The client `{client.id}` may not sign people in: switch on its `Direct access grants` in Keycloak"

    async def _admin_faults(self) -> AsyncIterator[str]:
        client = self._clients.admin
        answer = await self._asked_as(client, {"grant_type": "client_credentials"})
        if _is_refused(answer):
            yield _refused(client)
        elif answer.error[1] == _NO_SERVICE_ACCOUNT:
            yield f"The client `{client.id}` has no service account: switch on its `Service account roles` in Keycloak"
        else:
            async for fault in self._role_faults():
                yield fault

    async def _role_faults(self) -> AsyncIterator[str]:
        if not await self._manages_users():
            yield self._lacking("manage-users", "nobody can be found, and no password set")
        if (await self._admin.get("organizations", params={"max": "1"})).status == HTTPStatus.FORBIDDEN:
            yield self._lacking("manage-organizations", "nobody's organization can be looked up")
        providers = await self._admin.get("identity-provider", "instances", params={"max": "1"})
        if providers.status == HTTPStatus.FORBIDDEN:
            yield self._lacking("view-identity-providers", "nobody can sign in by an identity provider")
        answer = await self._admin.get("clients", params={"clientId": REALM_MANAGEMENT})
        if not answer.is_ok or not answer.read("clients", _FOUND):
            yield self._lacking("view-clients", "nobody can be told from an administrator of the realm")

    async def _manages_users(self) -> bool:
        # Whom it may manage is told with each user; the one user that is there for certain is itself.
        own_id = (await self._admin.claims()).get("sub")
        answer = await self._admin.get("users", str(own_id))
        return answer.is_ok and answer.read("service account", _PERSON).access.manage

    def _lacking(self, role: str, consequence: str) -> str:
        return (
            f"The service account of `{self._clients.admin.id}` lacks the role `{role}` of `{REALM_MANAGEMENT}`, "
            f"so {consequence}: assign it in Keycloak"
        )

    async def _asked_as(self, client: Client, form: dict[str, str]) -> Answer:
        form = {**client.credentials(), **form}
        return await self._connection.request("POST", self._endpoints.token, form=form, terms=PASSWORD_CHECK)


def _is_refused(answer: Answer) -> bool:
    # Keycloak has the same codes for a client it does not believe and for one that may not do this.
    code, description = answer.error
    return code in _CLIENT_TROUBLE and description not in (_NO_GRANTS, _NO_SERVICE_ACCOUNT)


def _refused(client: Client) -> str:
    return f"Keycloak refuses the client `{client.id}`: see that it exists and is enabled, and {client.remedy}"
