"""People put into organizations and their groups."""

from http import HTTPStatus

from pydantic import BaseModel, TypeAdapter

from gateway.domain.errors import AccountNotFound
from gateway.domain.organizations import Organization
from gateway.keycloak.admin import Admin
from gateway.keycloak.endpoints import is_id


class _Group(BaseModel):
    id: str
    path: str


# Keycloak tells an account that is not there by 400, an organization by 404 (seen on 26.7.5).
_GONE = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
_GROUPS = TypeAdapter(list[_Group])


class Memberships:
    """The realm's memberships; asking again for one that is there is safe."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    async def join(self, organization_id: str, account_id: str) -> bool:
        """Make an account a member of an organization.

        Returns:
            False when one of them is not there (any more).

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(organization_id) or not is_id(account_id):
            return False
        answer = await self._admin.post("organizations", organization_id, "members", json=account_id)
        answer.require("new member", HTTPStatus.CREATED, HTTPStatus.CONFLICT, *_GONE)
        return answer.status not in _GONE

    async def join_group(self, organization: Organization, account_id: str, group_name: str) -> None:
        """Put a member into the organization's top-level group of that name, if there is one.

        Args:
            organization: which.
            account_id: Keycloak user id of a member.
            group_name: exact.

        Raises:
            AccountNotFound: there is no such account.
            Unavailable: Keycloak cannot be asked.
        """
        if not is_id(account_id):
            raise AccountNotFound
        group = await self._group(organization, group_name)
        if group is not None:
            path = ("organizations", organization.id, "groups", group.id, "members", account_id)
            answer = await self._admin.put(*path, json={})
            answer.require("membership of a group", HTTPStatus.NO_CONTENT, HTTPStatus.CONFLICT)

    async def _group(self, organization: Organization, name: str) -> _Group | None:
        params = {"search": name, "exact": "true"}
        answer = await self._admin.get("organizations", organization.id, "groups", params=params)
        if answer.is_missing:  # a Keycloak without organization groups
            return None
        found = answer.read("groups of an organization", _GROUPS)
        return next((each for each in found if each.path == f"/{name}"), None)
