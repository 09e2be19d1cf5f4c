"""People in organizations that want certain steps."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import redis

from tests.conftest import Mailbox, Realm
from tests.servers.people import Organization, OrganizationMaker, Person, PersonMaker
from tests.servers.stored import expire, only_key
from tests.surfaces.mailing import code_in, links_in
from tests.surfaces.pipeshub.client import Pipeshub

PASSWORD = [["password"]]
CODE = [["otp"]]
SAML = [["samlSso"]]
BOTH = [["password"], ["otp"]]


@dataclass(frozen=True, slots=True)
class Members:
    """Makes members, each of an organization of its own."""

    realm: Realm
    make_person: PersonMaker
    make_organization: OrganizationMaker

    def __call__(self, steps: Sequence[Sequence[str]] | str | None = None, **options: object) -> Person:
        """Make a person whose organization wants these steps; a text is written as it is."""
        organization = self.make_organization()
        if steps is not None:
            self.set_steps(organization, steps if isinstance(steps, str) else json.dumps(steps))
        return self.make_person(organizations=[organization], **options)  # type: ignore[arg-type]  # by name

    def set_steps(self, organization: Organization, steps: str, *, domain: str = "") -> None:
        """Write the attribute, and a domain, as an administrator does in Keycloak's console."""
        path = f"admin/realms/{self.realm.name}/organizations/{organization.id}"
        whole = self.realm.admin.connection.raw_get(path).json()
        whole["attributes"] = {**whole.get("attributes", {}), "gateway.auth_steps": [steps]}
        if domain:
            whole["domains"] = [{"name": domain, "verified": True}]
        answer = self.realm.admin.connection.raw_put(path, data=json.dumps(whole))
        assert answer.status_code == 204, answer.text


@dataclass(frozen=True, slots=True)
class Letters:
    """What people find in their mail."""

    mailbox: Mailbox

    def code(self, person: Person, count: int = 1) -> str:
        """Read the code of the newest mail, of this many."""
        return code_in(self.text(person, count))

    def link(self, person: Person, count: int = 1) -> str:
        """Read the first link of the newest mail."""
        return links_in(self.text(person, count))[0]

    def token(self, person: Person, count: int = 1) -> str:
        """Read the token of a reset link."""
        return self.link(person, count).partition("#token=")[2]

    def text(self, person: Person, count: int = 1) -> str:
        """Read the text of the newest mail, once there are this many."""
        return self.mailbox.text(person.email, count)


def asked_link(pipeshub: Pipeshub, letters: Letters, person: Person, count: int = 1) -> str:
    """Ask for a reset link, and read its token."""
    assert pipeshub.forgot(person.email).status_code == 200
    return letters.token(person, count)


def other_than(code: str) -> str:
    """Make a code that is wrong for certain."""
    return f"{(int(code) + 1) % 10**6:06d}"


def expire_code(store: redis.Redis, prefix: str, person: Person) -> None:
    """Let the time of somebody's code be over."""
    expire(store, only_key(store, f"{prefix}*{person.id}*:code:sign-in"))
