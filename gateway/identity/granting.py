"""Which roles and groups of the realm an invitation may give."""

from collections.abc import Sequence

from gateway.domain.errors import GrantUnknown, RightsRefused
from gateway.domain.invitations import Grants, RoleOrGroup
from gateway.keycloak.realm import Realm


class Granting:
    """Finds them by what people call them."""

    def __init__(self, realm: Realm) -> None:
        self._realm = realm

    async def named(self, roles: Sequence[str], groups: Sequence[str]) -> Grants:
        """Find roles by name and groups by id or path; one that is named twice counts once.

        Raises:
            GrantUnknown: the realm lacks one.
            Unavailable: Keycloak cannot be asked.
        """
        found_roles = [await self._role(each) for each in dict.fromkeys(roles)]
        found_groups = [await self._group(each) for each in dict.fromkeys(groups)]
        return Grants(tuple(found_roles), tuple(dict.fromkeys(found_groups)))

    async def require_harmless(self, grants: Grants) -> None:
        """Demand that nobody administers anything by what is given: a service must not hand out more than it has.

        Raises:
            RightsRefused: a role or a group holds a role of a client.
            Unavailable: Keycloak cannot be asked.
        """
        for role in grants.roles:
            if await self._realm.roles_and_groups.role_administers(role.name):
                raise RightsRefused
        for group in grants.groups:
            if await self._realm.roles_and_groups.group_administers(group.id):
                raise RightsRefused

    async def _role(self, name: str) -> RoleOrGroup:
        found = await self._realm.roles_and_groups.role(name)
        if found is None:
            raise GrantUnknown("role")
        return found

    async def _group(self, id_or_path: str) -> RoleOrGroup:
        found = await self._realm.roles_and_groups.group(id_or_path)
        if found is None:
            raise GrantUnknown("group")
        return found
