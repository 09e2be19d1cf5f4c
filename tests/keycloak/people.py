"""What the tests ask Keycloak themselves, beside the room."""

from typing import Any

import httpx

from gateway.domain.accounts import Account
from tests.servers.people import Person, PersonMaker
from tests.servers.realms import Realm as RealmUnderTest

__all__ = ["PersonMaker", "RealmUnderTest", "account_of", "direct_grant", "uuid_of_client"]


def account_of(person: Person, *, enabled: bool = True) -> Account:
    """Describe a person as the room finds them."""
    return Account(
        id=person.id, username=person.username, email=person.email or None, enabled=enabled, email_verified=True
    )


def uuid_of_client(realm: RealmUnderTest, client_id: str) -> str:
    """Return Keycloak's own id of a client."""
    found = realm.admin.get_client_id(client_id)
    assert found
    return found


def direct_grant(realm: RealmUnderTest, client_id: str, person: Person, **fields: str) -> dict[str, Any]:
    """Sign a person in past the room, as one of the realm's clients.

    Returns:
        Keycloak's answer.
    """
    form = {
        "grant_type": "password",
        "client_id": client_id,
        "client_secret": realm.secrets[client_id],
        "username": person.username,
        "password": person.password,
        **fields,
    }
    answer = httpx.post(f"{realm.issuer}/protocol/openid-connect/token", data=form, timeout=30)
    assert answer.status_code == 200, answer.text
    granted: dict[str, Any] = answer.json()
    return granted
