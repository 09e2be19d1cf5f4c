"""Which identities at other providers belong to whom."""

from collections.abc import Collection
from dataclasses import dataclass, field
from http import HTTPStatus

from pydantic import BaseModel, TypeAdapter

from gateway.domain.errors import AccountNotFound
from gateway.keycloak.admin import Admin
from gateway.keycloak.endpoints import is_id
from gateway.keycloak.written import Written


@dataclass(frozen=True, slots=True)
class IdentityLink:
    """An identity by which a person may sign in.

    Attributes:
        alias: the realm's name of the identity provider.
        subject: how the provider calls the person (`sub`).
    """

    alias: str
    subject: str = field(repr=False)


class _Link(Written):
    identity_provider: str
    user_id: str


class _Holder(BaseModel):
    id: str


_LINKS = TypeAdapter(list[_Link])
_HOLDERS = TypeAdapter(list[_Holder])


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
        return [IdentityLink(each.identity_provider, each.user_id) for each in answer.read("identity links", _LINKS)]

    async def holders(self, link: IdentityLink) -> list[str]:
        """List the accounts that an identity is linked to; nothing in Keycloak keeps them from being several.

        Returns:
            Keycloak user ids.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        params = {"idpAlias": link.alias, "idpUserId": link.subject, "briefRepresentation": "true", "max": "2"}
        answer = await self._admin.get("users", params=params)
        found = answer.read("holders of an identity", _HOLDERS)
        # A database may take `a` for `A`: only the very subject counts (security S2).
        return [each.id for each in found if link in await self.of(each.id)]

    async def add(self, account_id: str, link: IdentityLink, shown: str) -> bool:
        """Link an identity to an account; whether it is free is `holders`' to tell.

        Args:
            account_id: Keycloak user id.
            link: the identity.
            shown: what Keycloak's console calls it.

        Returns:
            False when the account has an identity of that provider already, this one or another.

        Raises:
            AccountNotFound: there is no such account.
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            raise AccountNotFound
        representation = {"identityProvider": link.alias, "userId": link.subject, "userName": shown}
        answer = await self._admin.post("users", account_id, "federated-identity", link.alias, json=representation)
        if answer.is_missing:
            raise AccountNotFound
        answer.require("identity link", HTTPStatus.NO_CONTENT, HTTPStatus.CONFLICT)
        return answer.status == HTTPStatus.NO_CONTENT

    async def remove_all(self, account_id: str, *, but: Collection[str] = ()) -> None:
        """Take all links from an account, but those to these providers; asking again is safe.

        Args:
            account_id: Keycloak user id.
            but: aliases.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        for link in await self.of(account_id):
            if link.alias in but:
                continue
            answer = await self._admin.delete("users", account_id, "federated-identity", link.alias)
            answer.require("end of an identity link", HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)
