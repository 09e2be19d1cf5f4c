"""Keycloak Organizations: who belongs to which, and to which of its groups."""

from http import HTTPStatus

from pydantic import BaseModel, TypeAdapter

from gateway.domain.organizations import Organization
from gateway.keycloak.admin import Admin
from gateway.keycloak.endpoints import is_alias, is_id


class _Organization(BaseModel):
    id: str
    alias: str

    def organization(self) -> Organization:
        return Organization(id=self.id, alias=self.alias)


class _Group(BaseModel):
    name: str


_ORGANIZATION = TypeAdapter(_Organization)
_ORGANIZATIONS = TypeAdapter(list[_Organization])
_GROUPS = TypeAdapter(list[_Group])


class Organizations:
    """The realm's organizations."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    async def of_member(self, account_id: str) -> list[Organization]:
        """List the organizations an account belongs to.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return []
        answer = await self._admin.get("organizations", "members", account_id, "organizations")
        if answer.is_missing:
            return []
        return [each.organization() for each in answer.read("organizations of a user", _ORGANIZATIONS)]

    async def find(self, alias_or_id: str) -> Organization | None:
        """Find an organization by its exact alias or id.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if is_id(alias_or_id):
            return await self._get(alias_or_id)
        if not is_alias(alias_or_id):
            return None
        raise NotImplementedError

    async def _get(self, organization_id: str) -> Organization | None:
        answer = await self._admin.get("organizations", organization_id)
        if answer.is_missing:
            return None
        return answer.read("organization", _ORGANIZATION).organization()

    async def has_member(self, organization: Organization, account_id: str) -> bool:
        """Say whether an account belongs to an organization.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return False
        answer = await self._admin.get("organizations", organization.id, "members", account_id)
        answer.require("member of an organization", HTTPStatus.OK, HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
        return answer.is_ok

    async def is_in_group(self, organization: Organization, account_id: str, group_name: str) -> bool:
        """Say whether a member belongs to the organization's group of that name; no groups, no.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return False
        answer = await self._admin.get("organizations", organization.id, "members", account_id, "groups")
        if answer.is_missing:
            return False
        return any(group.name == group_name for group in answer.read("groups of a member", _GROUPS))
