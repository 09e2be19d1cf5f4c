"""Roles and groups of the realm: found, given, and looked into for what administers."""

import asyncio
import secrets

import pytest

from gateway.domain.errors import Unavailable
from gateway.domain.invitations import NOTHING, Grants, RoleOrGroup
from gateway.keycloak.realm import Realm
from tests.keycloak.changing import role_taken
from tests.keycloak.granting import (
    give_group_role,
    give_group_role_of_client,
    make_group,
    make_role,
    role_of_a_client,
    whole_role,
)
from tests.keycloak.people import PersonMaker, RealmUnderTest
from tests.servers.people import OrganizationMaker

UNKNOWN = "00000000-0000-0000-0000-000000000000"
NO_ROLES = ["", ".", "..", "two\nlines", "a\u00a0blank", "a\0b"]
NO_PATHS = ["", "/", "/.", "/staff/..", "/staff//helpdesk", "/staff/\u200b"]


async def test_a_role_is_found_by_its_exact_name(keycloak: Realm, realm: RealmUnderTest) -> None:
    made = make_role(realm)
    assert await keycloak.roles_and_groups.role(made.name) == made
    for other in (made.name.upper(), made.name[:-1], f"{made.name}x", f"{made.name}%"):
        assert await keycloak.roles_and_groups.role(other) is None


async def test_a_role_may_have_a_name_that_needs_encoding(keycloak: Realm, realm: RealmUnderTest) -> None:
    made = make_role(realm, name=f"Zoë & co? #1 100% {secrets.token_hex(4)}")
    assert await keycloak.roles_and_groups.role(made.name) == made


async def test_a_role_of_a_client_is_none_of_the_realm(keycloak: Realm) -> None:
    assert await keycloak.roles_and_groups.role("view-users") is None


@pytest.mark.parametrize("name", NO_ROLES)
async def test_what_can_be_no_role_is_none_without_asking_and_might_administer(unreachable: Realm, name: str) -> None:
    assert await unreachable.roles_and_groups.role(name) is None
    assert await unreachable.roles_and_groups.role_administers(name)


async def test_a_group_is_found_by_its_id_and_by_its_path(keycloak: Realm, realm: RealmUnderTest) -> None:
    outer = make_group(realm)
    inner = make_group(realm, within=outer)
    for made in (outer, inner):
        for said in (made.id, made.name, made.name.removeprefix("/"), f"{made.name}/"):
            assert await keycloak.roles_and_groups.group(said) == made


async def test_another_path_leads_to_no_group(keycloak: Realm, realm: RealmUnderTest) -> None:
    outer = make_group(realm)
    inner = make_group(realm, within=outer)
    for said in (UNKNOWN, inner.name.removeprefix(outer.name), f"{inner.name}/x", inner.name[:-1], inner.id.upper()):
        assert await keycloak.roles_and_groups.group(said) is None


@pytest.mark.parametrize("path", NO_PATHS)
async def test_what_can_be_no_path_leads_nowhere_without_asking(unreachable: Realm, path: str) -> None:
    assert await unreachable.roles_and_groups.group(path) is None


async def test_a_group_of_an_organization_is_none_of_the_realm(
    keycloak: Realm, realm: RealmUnderTest, make_organization: OrganizationMaker
) -> None:
    path = f"admin/realms/{realm.name}/organizations/{make_organization().id}/groups"
    (group,) = realm.admin.connection.raw_get(path).json()
    assert await keycloak.roles_and_groups.group(group["id"]) is None


async def test_what_was_granted_is_there_until_a_part_of_it_goes(keycloak: Realm, realm: RealmUnderTest) -> None:
    roles, groups = [make_role(realm) for _ in range(2)], [make_group(realm) for _ in range(2)]
    assert await keycloak.roles_and_groups.has(NOTHING)
    assert await keycloak.roles_and_groups.has(Grants(tuple(roles), tuple(groups)))
    realm.admin.delete_group(groups[1].id)
    assert not await keycloak.roles_and_groups.has(Grants(groups=tuple(groups)))
    realm.admin.delete_realm_role(roles[1].name)
    assert not await keycloak.roles_and_groups.has(Grants(tuple(roles)))
    assert await keycloak.roles_and_groups.has(Grants((roles[0],), (groups[0],)))


async def test_a_role_made_anew_with_the_same_name_is_another_one(keycloak: Realm, realm: RealmUnderTest) -> None:
    before = make_role(realm)
    realm.admin.delete_realm_role(before.name)
    make_role(realm, name=before.name)
    assert not await keycloak.roles_and_groups.has(Grants((before,)))


@pytest.mark.parametrize("depth", [0, 1, 3])
async def test_a_role_administers_by_the_role_of_a_client_that_it_holds_at_any_depth(
    keycloak: Realm, realm: RealmUnderTest, depth: int
) -> None:
    role = make_role(realm, role_of_a_client(realm))
    for _ in range(depth):
        role = make_role(realm, whole_role(realm, make_role(realm).name), whole_role(realm, role.name))
    assert await keycloak.roles_and_groups.role_administers(role.name)


async def test_so_it_does_by_a_role_of_whatever_client(keycloak: Realm, realm: RealmUnderTest) -> None:
    role = make_role(realm, role_of_a_client(realm, "manage-account", "account"))
    assert await keycloak.roles_and_groups.role_administers(role.name)
    assert await keycloak.roles_and_groups.role_administers(f"default-roles-{realm.name}")


async def test_a_role_that_holds_roles_of_the_realm_alone_administers_nothing(
    keycloak: Realm, realm: RealmUnderTest
) -> None:
    inner = [whole_role(realm, make_role(realm).name) for _ in range(2)]
    outer = make_role(realm, whole_role(realm, make_role(realm, *inner).name))
    for name in (inner[0]["name"], outer.name):
        assert not await keycloak.roles_and_groups.role_administers(name)


async def test_roles_that_hold_each_other_are_looked_into_once(keycloak: Realm, realm: RealmUnderTest) -> None:
    one = make_role(realm)
    other = make_role(realm, whole_role(realm, one.name))
    realm.admin.add_composite_realm_roles_to_role(one.name, [whole_role(realm, other.name)])
    async with asyncio.timeout(10):
        assert not await keycloak.roles_and_groups.role_administers(one.name)


async def test_a_role_that_is_not_there_might_administer(keycloak: Realm) -> None:
    assert await keycloak.roles_and_groups.role_administers("no-such-role")


@pytest.mark.parametrize("depth", [0, 1, 2])
@pytest.mark.parametrize("kind", ["role of a client", "role that holds one"])
async def test_a_group_administers_by_its_own_roles_and_those_of_the_groups_that_it_is_in(
    keycloak: Realm, realm: RealmUnderTest, kind: str, depth: int
) -> None:
    outermost = make_group(realm)
    if kind == "role of a client":
        give_group_role_of_client(realm, outermost)
    else:
        give_group_role(realm, outermost, make_role(realm))
        give_group_role(realm, outermost, make_role(realm, role_of_a_client(realm)))
    group = outermost
    for _ in range(depth):
        group = make_group(realm, within=group)
    assert await keycloak.roles_and_groups.group_administers(group.id)


async def test_a_group_administers_nothing_by_other_roles_or_by_the_groups_in_it(
    keycloak: Realm, realm: RealmUnderTest
) -> None:
    outer = make_group(realm)
    group = make_group(realm, within=outer)
    give_group_role(realm, outer, make_role(realm))
    give_group_role(realm, group, make_role(realm))
    give_group_role_of_client(realm, make_group(realm, within=group))
    give_group_role_of_client(realm, make_group(realm, within=outer))
    assert not await keycloak.roles_and_groups.group_administers(group.id)
    assert not await keycloak.roles_and_groups.group_administers(UNKNOWN)


async def test_roles_are_given_however_often(keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker) -> None:
    person, roles = make_person(), [make_role(realm) for _ in range(2)]
    for _ in range(2):
        assert await keycloak.roles_and_groups.give_roles(person.id, roles)
    assert {each.name for each in roles} <= _roles(realm, person.id)


async def test_of_roles_one_of_which_is_gone_none_is_given(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person, kept, gone = make_person(), make_role(realm), make_role(realm)
    realm.admin.delete_realm_role(gone.name)
    assert not await keycloak.roles_and_groups.give_roles(person.id, [kept, gone])
    assert kept.name not in _roles(realm, person.id)


async def test_an_account_is_put_into_a_group_however_often(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person, group = make_person(), make_group(realm)
    for _ in range(2):
        assert await keycloak.roles_and_groups.put_into(person.id, group)
    assert [each["id"] for each in realm.admin.get_user_groups(person.id)] == [group.id]


async def test_nothing_is_given_to_an_account_or_by_a_group_that_is_not_there(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    assert not await keycloak.roles_and_groups.give_roles(UNKNOWN, [make_role(realm)])
    assert not await keycloak.roles_and_groups.put_into(UNKNOWN, make_group(realm))
    assert not await keycloak.roles_and_groups.put_into(make_person().id, RoleOrGroup(UNKNOWN, "/gone"))


async def test_without_the_right_to_give_them_nothing_is_given(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person, role, group = make_person(), make_role(realm), make_group(realm)
    with role_taken(realm, "manage-users"):
        with pytest.raises(Unavailable):
            await keycloak.roles_and_groups.give_roles(person.id, [role])
        with pytest.raises(Unavailable):
            await keycloak.roles_and_groups.put_into(person.id, group)
    assert role.name not in _roles(realm, person.id)
    assert realm.admin.get_user_groups(person.id) == []


async def test_without_keycloak_only_nothing_is_given(unreachable: Realm) -> None:
    roles_and_groups, some = unreachable.roles_and_groups, RoleOrGroup(UNKNOWN, "some")
    assert await roles_and_groups.give_roles(UNKNOWN, [])
    for asked in (
        roles_and_groups.role("some"),
        roles_and_groups.group("/some"),
        roles_and_groups.has(Grants((some,))),
        roles_and_groups.role_administers("some"),
        roles_and_groups.group_administers(UNKNOWN),
        roles_and_groups.give_roles(UNKNOWN, [some]),
        roles_and_groups.put_into(UNKNOWN, some),
    ):
        with pytest.raises(Unavailable):
            await asked


def _roles(realm: RealmUnderTest, account_id: str) -> set[str]:
    return {each["name"] for each in realm.admin.get_realm_roles_of_user(account_id)}
