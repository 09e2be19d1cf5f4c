import pytest

from gateway.domain.errors import Unavailable
from gateway.keycloak.realm import Realm
from tests.keycloak.people import PersonMaker, RealmUnderTest, uuid_of_client

UNKNOWN = "00000000-0000-0000-0000-000000000000"


async def test_nobody_administers_the_realm_by_default(keycloak: Realm, make_person: PersonMaker) -> None:
    assert not await keycloak.administrators.include(make_person().id)
    assert not await keycloak.administrators.include(UNKNOWN)


@pytest.mark.parametrize("role", ["realm-admin", "manage-users", "view-events", "query-groups"])
async def test_any_role_held_directly_administers(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker, role: str
) -> None:
    person = make_person()
    management = uuid_of_client(realm, "realm-management")
    realm.admin.assign_client_role(person.id, management, [realm.admin.get_client_role(management, role)])
    assert await keycloak.administrators.include(person.id)


async def test_role_that_comes_by_a_group_above_administers(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    management = uuid_of_client(realm, "realm-management")
    above = realm.admin.create_group({"name": f"above-{person.username}"})
    below = realm.admin.create_group({"name": "below"}, parent=above)
    assert above
    assert below
    realm.admin.assign_group_client_roles(above, management, [realm.admin.get_client_role(management, "view-users")])
    realm.admin.group_user_add(person.id, below)
    assert await keycloak.administrators.include(person.id)


async def test_role_inside_a_realm_role_administers(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    management = uuid_of_client(realm, "realm-management")
    name = f"boss-{person.username}"
    realm.admin.create_realm_role({"name": name})
    realm.admin.add_composite_realm_roles_to_role(name, [realm.admin.get_client_role(management, "view-clients")])
    realm.admin.assign_realm_roles(person.id, [realm.admin.get_realm_role(name)])
    assert await keycloak.administrators.include(person.id)


async def test_role_inside_the_default_roles_administers(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    management = uuid_of_client(realm, "realm-management")
    default, role = f"default-roles-{realm.name}", realm.admin.get_client_role(management, "view-events")
    realm.admin.add_composite_realm_roles_to_role(default, [role])
    try:
        assert await keycloak.administrators.include(person.id)
    finally:
        realm.admin.remove_composite_realm_roles_to_role(default, [role])
    assert not await keycloak.administrators.include(person.id)


@pytest.mark.parametrize("left", [[], ["query-clients"]])
async def test_who_administers_is_not_guessed_when_keycloak_does_not_tell(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker, left: list[str]
) -> None:
    person = make_person()
    management = uuid_of_client(realm, "realm-management")
    service = realm.admin.get_client_service_account_user(uuid_of_client(realm, "gateway-admin"))["id"]
    role = realm.admin.get_client_role(management, "view-clients")
    realm.admin.delete_client_roles_of_user(service, management, [role])
    others = [realm.admin.get_client_role(management, name) for name in left]
    realm.admin.assign_client_role(service, management, others)
    try:
        with pytest.raises(Unavailable):
            await keycloak.administrators.include(person.id)
    finally:
        realm.admin.delete_client_roles_of_user(service, management, others)
        realm.admin.assign_client_role(service, management, [role])
