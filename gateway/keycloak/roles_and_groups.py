"""Roles and groups of the realm, given to accounts."""

from collections.abc import Sequence
from http import HTTPStatus

from pydantic import Field, TypeAdapter

from gateway.domain.invitations import Grants, RoleOrGroup
from gateway.keycloak.admin import Admin
from gateway.keycloak.answers import Answer
from gateway.keycloak.endpoints import is_id
from gateway.keycloak.written import Written


class _Role(Written):
    id: str
    name: str
    client_role: bool = False
    composite: bool = False


class _Group(Written):
    id: str
    path: str
    parent_id: str | None = None
    realm_roles: list[str] = Field([])
    client_roles: dict[str, list[str]] = Field({})


_ROLE = TypeAdapter(_Role)
_ROLES = TypeAdapter(list[_Role])
_GROUP = TypeAdapter(_Group)


class RolesAndGroups:
    """The realm's roles and groups; giving one again that is there is safe."""

    def __init__(self, admin: Admin) -> None:
        self._admin = admin

    async def role(self, name: str) -> RoleOrGroup | None:
        """Find a role of the realm by its exact name.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        found = await self._role(name)
        return RoleOrGroup(found.id, found.name) if found else None

    async def group(self, id_or_path: str) -> RoleOrGroup | None:
        """Find a group of the realm by its id or its path, such as `/staff/helpdesk`.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if is_id(id_or_path):
            return _group_in(await self._admin.get("groups", id_or_path))
        names = id_or_path.strip("/").split("/")
        if not all(each.strip(".") and each.isprintable() for each in names):
            return None
        return _group_in(await self._admin.get("group-by-path", *names))

    async def has(self, grants: Grants) -> bool:
        """Say whether everything that was granted is there, and still the same.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        groups = [await self.group(each.id) for each in grants.groups]
        roles = [await self.role(each.name) for each in grants.roles]
        return all(groups) and roles == [*grants.roles]

    async def role_administers(self, name: str) -> bool:
        """Say whether a role of the realm is, or holds at any depth, one of a client, such as Keycloak's own.

        What cannot be looked at might, so it counts as if it did.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        found = await self._role(name)
        return found is None or await self._holds_client_role([found])

    async def group_administers(self, group_id: str) -> bool:
        """Say whether the members of a group hold such a role by it, or by a group that it is in.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        above: str | None = group_id
        while above is not None and is_id(above):
            answer = await self._admin.get("groups", above)
            if answer.is_missing:
                return False
            group = answer.read("group", _GROUP)
            if any(group.client_roles.values()):
                return True
            for name in group.realm_roles:
                if await self.role_administers(name):
                    return True
            above = group.parent_id
        return False

    async def give_roles(self, account_id: str, roles: Sequence[RoleOrGroup]) -> bool:
        """Give an account roles of the realm, all of them or none.

        Returns:
            False when one of them, or the account, is not there (any more).

        Raises:
            Unavailable: Keycloak cannot be asked, or does not let the service account give them.
        """
        if not roles:
            return True
        named = [{"id": each.id, "name": each.name} for each in roles]
        answer = await self._admin.post("users", account_id, "role-mappings", "realm", json=named)
        answer.require("roles of a user", HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)
        return not answer.is_missing

    async def put_into(self, account_id: str, group: RoleOrGroup) -> bool:
        """Put an account into a group of the realm.

        Returns:
            False when one of them is not there (any more).

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        answer = await self._admin.put("users", account_id, "groups", group.id, json={})
        answer.require("group of a user", HTTPStatus.NO_CONTENT, HTTPStatus.NOT_FOUND)
        return not answer.is_missing

    async def _role(self, name: str) -> _Role | None:
        if not name.strip(".") or not name.isprintable():
            return None
        answer = await self._admin.get("roles", name)
        return None if answer.is_missing else answer.read("role", _ROLE)

    async def _holds_client_role(self, roles: list[_Role]) -> bool:
        seen: set[str] = set()
        while roles:
            role = roles.pop()
            if role.client_role:
                return True
            if role.composite and role.id not in seen:
                answer = await self._admin.get("roles-by-id", role.id, "composites")
                inner = answer.read("roles in a role", _ROLES)
                roles += inner
            seen.add(role.id)
        return False


def _group_in(answer: Answer) -> RoleOrGroup | None:
    # A group of an organization has a UUID, too, and is refused as one of the realm with 400 (26.7.5).
    if answer.is_missing or answer.status == HTTPStatus.BAD_REQUEST:
        return None
    group = answer.read("group", _GROUP)
    return RoleOrGroup(group.id, group.path)
