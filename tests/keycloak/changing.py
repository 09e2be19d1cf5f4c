"""Changes the realm as its administrator might, and puts everything back."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.keycloak.people import RealmUnderTest, uuid_of_client


@contextmanager
def realm_changed(realm: RealmUnderTest, **changes: object) -> Iterator[None]:
    """Change the realm's settings, and put them back."""
    before: dict[str, Any] = realm.admin.get_realm(realm.name)
    realm.admin.update_realm(realm.name, changes)
    try:
        yield
    finally:
        realm.admin.update_realm(realm.name, {name: before[name] for name in changes})


@contextmanager
def client_changed(realm: RealmUnderTest, client_id: str, **changes: object) -> Iterator[None]:
    """Change one of the realm's clients, and put it back."""
    uuid = uuid_of_client(realm, client_id)
    before: dict[str, Any] = realm.admin.get_client(uuid)
    realm.admin.update_client(uuid, changes)
    try:
        yield
    finally:
        realm.admin.update_client(uuid, {name: before[name] for name in changes})


@contextmanager
def role_taken(realm: RealmUnderTest, *names: str) -> Iterator[None]:
    """Take roles of realm-management from the service account, and give them back."""
    management = uuid_of_client(realm, "realm-management")
    service = realm.admin.get_client_service_account_user(uuid_of_client(realm, "gateway-admin"))["id"]
    roles = [realm.admin.get_client_role(management, name) for name in names]
    realm.admin.delete_client_roles_of_user(service, management, roles)
    try:
        yield
    finally:
        realm.admin.assign_client_role(service, management, roles)


@contextmanager
def role_given(realm: RealmUnderTest, name: str) -> Iterator[None]:
    """Give the service account a further role of realm-management, and take it away."""
    management = uuid_of_client(realm, "realm-management")
    service = realm.admin.get_client_service_account_user(uuid_of_client(realm, "gateway-admin"))["id"]
    role = [realm.admin.get_client_role(management, name)]
    realm.admin.assign_client_role(service, management, role)
    try:
        yield
    finally:
        realm.admin.delete_client_roles_of_user(service, management, role)
