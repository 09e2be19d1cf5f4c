"""Which identities at other providers belong to whom."""

from dataclasses import dataclass
from http import HTTPStatus

from pydantic import BaseModel, TypeAdapter

from gateway.keycloak.admin import Admin
from gateway.keycloak.endpoints import is_id


@dataclass(frozen=True, slots=True)
class IdentityLink:
    """An identity by which a person may sign in.

    Attributes:
        alias: the realm's name of the identity provider.
        subject: how the provider calls the person (`sub`).
    """

    alias: str
    subject: str


class _Link(BaseModel):
    identityProvider: str  # noqa: N815 - Keycloak's spelling
    userId: str  # noqa: N815 - the same


_LINKS = TypeAdapter(list[_Link])


class IdentityLinks:
    """The links between the realm's accounts and identities elsewhere."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    async def of(self, account_id: str) -> list[IdentityLink]:
        """List an account's links; none for an unknown account.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return []
        answer = await self._admin.get("users", account_id, "federated-identity")
        if answer.is_missing:
            return []
        return [IdentityLink(each.identityProvider, each.userId) for each in answer.read("identity links", _LINKS)]

    async def remove_all(self, account_id: str) -> None:
        """Take all links from an account; asking again is safe.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        for link in await self.of(account_id):
            answer = await self._admin.delete("users", account_id, "federated-identity", link.alias)
            answer.require("end of an identity link", HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)
