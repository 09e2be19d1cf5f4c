"""People and organizations, made in Keycloak for one test each."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.servers.realms import Realm

_PASSWORD = "Passw0rd!x"
_TOTP = {"subType": "totp", "digits": 6, "period": 30, "algorithm": "HmacSHA1", "counter": 0}


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account.

    Attributes:
        id: Keycloak's id of the account.
        username: unique in the realm.
        email: unique too.
        password: empty when there is none.
    """

    id: str
    username: str
    email: str
    password: str


@dataclass(frozen=True, slots=True)
class Organization:
    """An organization.

    Attributes:
        id: Keycloak's id.
        alias: its short name.
        name: the same here.
    """

    id: str
    alias: str
    name: str


@dataclass(frozen=True, slots=True)
class PersonMaker:
    """Makes people."""

    realm: Realm

    def __call__(  # noqa: PLR0913 - options of a test's person, all named
        self,
        *,
        username: str | None = None,
        email: str | None = None,
        password: str | None = _PASSWORD,
        enabled: bool = True,
        email_verified: bool = True,
        totp: str | None = None,
        factors: Sequence[str] = (),
        required_actions: Sequence[str] = (),
        organizations: Sequence[Organization] = (),
        phone: str | None = None,
    ) -> Person:
        """Make a person.

        Args:
            username: a unique one when left out.
            email: a unique one when left out, `""` for none.
            password: None for an account without.
            enabled: False for a disabled account.
            email_verified: False for an address that nobody has verified.
            totp: key of an enrolled one-time code generator (its raw text), None for no second factor.
            factors: types of further credentials enrolled, such as `webauthn`.
            required_actions: Keycloak's names of what must be done before the next sign-in.
            organizations: those the person is a member of.
            phone: number that the realm keeps.
        """
        name = username or f"person-{secrets.token_hex(5)}"
        address = f"{name}@example.test" if email is None else email
        account: dict[str, Any] = {
            "username": name,
            "email": address or None,
            "emailVerified": email_verified,
            "enabled": enabled,
            "firstName": "Test",
            "lastName": "Person",
            "requiredActions": list(required_actions),
            "attributes": {"phoneNumber": [phone]} if phone else {},
            "credentials": [*_credentials(password, totp), *map(_factor, factors)],
        }
        account_id = self.realm.admin.create_user(account, exist_ok=False)
        for organization in organizations:
            self.realm.admin.organization_user_add(account_id, organization.id)
        return Person(account_id, name, address, password or "")

    def enrol(self, person: Person, *, totp: str | None = None, factors: Sequence[str] = ()) -> None:
        """Give somebody second factors, named as when a person is made with them."""
        account = self.realm.admin.get_user(person.id)
        credentials = [*_credentials(None, totp), *map(_factor, factors)]
        self.realm.admin.update_user(person.id, {**account, "credentials": credentials})


@dataclass(frozen=True, slots=True)
class OrganizationMaker:
    """Makes organizations."""

    realm: Realm

    def __call__(
        self,
        *,
        alias: str | None = None,
        members: Sequence[Person] = (),
        admins: Sequence[Person] = (),
        group: str | None = "admins",
    ) -> Organization:
        """Make an organization.

        Args:
            alias: a unique one when left out.
            members: who belongs to it.
            admins: who is in its group besides; members too, listed there or not.
            group: name of that group, None for an organization without.
        """
        admin, name = self.realm.admin, alias or f"org-{secrets.token_hex(5)}"
        organization_id = admin.create_organization({"name": name, "alias": name})
        assert organization_id, "Keycloak has not said where the organization is"
        organization = Organization(organization_id, name, name)
        for person in {each.id: each for each in (*members, *admins)}.values():
            admin.organization_user_add(person.id, organization.id)
        if group:
            group_id = self._make_group(organization, group)
            for person in admins:
                self._put(f"organizations/{organization.id}/groups/{group_id}/members/{person.id}")
        return organization

    def _make_group(self, organization: Organization, name: str) -> str:
        path = f"admin/realms/{self.realm.name}/organizations/{organization.id}/groups"
        made = self.realm.admin.connection.raw_post(path, data=json.dumps({"name": name}))
        assert made.status_code == 201, made.text
        return str(made.headers["Location"].rpartition("/")[2])

    def _put(self, path: str) -> None:
        answer = self.realm.admin.connection.raw_put(f"admin/realms/{self.realm.name}/{path}", data="")
        assert answer.status_code in (200, 201, 204), answer.text


def _factor(kind: str) -> dict[str, Any]:
    # What proves it is of no concern where nobody can be asked for it.
    return {"type": kind, "userLabel": "test", "secretData": "{}", "credentialData": "{}"}


def _credentials(password: str | None, totp: str | None) -> list[dict[str, Any]]:
    credentials: list[dict[str, Any]] = []
    if password is not None:
        credentials.append({"type": "password", "value": password, "temporary": False})
    if totp is not None:
        secret = {"secretData": json.dumps({"value": totp}), "credentialData": json.dumps(_TOTP)}
        credentials.append({"type": "otp", "userLabel": "test", **secret})
    return credentials
