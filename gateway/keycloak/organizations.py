"""Keycloak Organizations: who belongs to which, and to which of its groups."""

from http import HTTPStatus

from pydantic import BaseModel, TypeAdapter

from gateway.domain.organizations import Organization
from gateway.keycloak.admin import Admin
from gateway.keycloak.endpoints import is_alias, is_id


class _Organization(BaseModel):
    id: str
    alias: str
    enabled: bool = True


class _Group(BaseModel):
    path: str


_ORGANIZATION = TypeAdapter(_Organization)
_ORGANIZATIONS = TypeAdapter(list[_Organization])
_GROUPS = TypeAdapter(list[_Group])


class Organizations:
    """The realm's organizations; one that is switched off is not there."""

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
        return _enabled(answer.read("organizations of a user", _ORGANIZATIONS))

    async def find(self, alias_or_id: str) -> Organization | None:
        """Find an organization by its exact alias or id.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if is_id(alias_or_id):
            return await self._get(alias_or_id)
        if not is_alias(alias_or_id):
            return None
        # `search` looks at names and domains only; `q` finds the alias, and exactly (seen on 26.7.5).
        answer = await self._admin.get("organizations", params={"q": f"alias:{alias_or_id}"})
        if answer.is_missing:
            return None
        found = _enabled(answer.read("organization by alias", _ORGANIZATIONS))
        return next((each for each in found if each.alias == alias_or_id), None)

    async def _get(self, organization_id: str) -> Organization | None:
        answer = await self._admin.get("organizations", organization_id)
        if answer.is_missing:
            return None
        return next(iter(_enabled([answer.read("organization", _ORGANIZATION)])), None)

    async def has_member(self, organization: Organization, account_id: str) -> bool:
        """Say whether an account belongs to an organization.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return False
        answer = await self._admin.get("organizations", organization.id, "members", account_id)
        answer.require("member of an organization", HTTPStatus.OK, HTTPStatus.NOT_FOUND)
        return answer.is_ok

    async def is_in_group(self, organization: Organization, account_id: str, group_name: str) -> bool:
        """Say whether a member belongs to the organization's top-level group of that name.

        False on a Keycloak without organization groups.

        Args:
            organization: which.
            account_id: Keycloak user id.
            group_name: exact; a group of that name inside another one is another group.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            return False
        answer = await self._admin.get("organizations", organization.id, "members", account_id, "groups")
        if answer.is_missing:
            return False
        groups = answer.read("groups of a member", _GROUPS)
        return any(group.path == f"/{group_name}" for group in groups)


def _enabled(organizations: list[_Organization]) -> list[Organization]:
    return [Organization(id=each.id, alias=each.alias) for each in organizations if each.enabled]
