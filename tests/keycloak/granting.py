"""Roles and groups of the realm, made for one test each."""

import secrets
from typing import Any
from urllib.parse import quote

from gateway.domain.invitations import RoleOrGroup
from tests.keycloak.people import RealmUnderTest, uuid_of_client


def make_role(realm: RealmUnderTest, *inner: dict[str, Any], name: str = "") -> RoleOrGroup:
    """Make a role of the realm that holds others."""
    name = name or f"role-{secrets.token_hex(4)}"
    realm.admin.create_realm_role({"name": name})
    if inner:
        realm.admin.add_composite_realm_roles_to_role(name, list(inner))
    return RoleOrGroup(whole_role(realm, name)["id"], name)


def whole_role(realm: RealmUnderTest, name: str) -> dict[str, Any]:
    """Return a role of the realm as Keycloak has it."""
    # The library encodes no name.
    found = realm.admin.connection.raw_get(f"admin/realms/{realm.name}/roles/{quote(name, safe='')}")
    assert found.ok, found.text
    return dict(found.json())


def role_of_a_client(
    realm: RealmUnderTest, name: str = "view-users", client: str = "realm-management"
) -> dict[str, Any]:
    """Return a role of a client, by default one that administers, as Keycloak has it."""
    return dict(realm.admin.get_client_role(uuid_of_client(realm, client), name))


def make_group(realm: RealmUnderTest, *, within: RoleOrGroup | None = None) -> RoleOrGroup:
    """Make a group of the realm."""
    name = f"group-{secrets.token_hex(4)}"
    made = realm.admin.create_group({"name": name}, parent=within.id if within else None)
    return RoleOrGroup(str(made), f"{within.name if within else ''}/{name}")


def give_group_role_of_client(realm: RealmUnderTest, group: RoleOrGroup) -> None:
    """Have the members of a group administer by a role of a client."""
    client = uuid_of_client(realm, "realm-management")
    realm.admin.assign_group_client_roles(group.id, client, [role_of_a_client(realm)])


def give_group_role(realm: RealmUnderTest, group: RoleOrGroup, role: RoleOrGroup) -> None:
    """Have the members of a group hold a role of the realm."""
    realm.admin.assign_group_realm_roles(group.id, [whole_role(realm, role.name)])
