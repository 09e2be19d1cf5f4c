"""People who sign in to organizations."""

import base64
from dataclasses import dataclass

from tests.servers.people import Organization, OrganizationMaker, Person, PersonMaker


@dataclass(frozen=True, slots=True)
class Members:
    """Makes people in organizations of their own."""

    make_person: PersonMaker
    make_organization: OrganizationMaker

    def __call__(self, organizations: int = 1, **options: object) -> "Member":
        """Make a member of so many organizations."""
        joined = tuple(self.make_organization() for _ in range(organizations))
        person = self.make_person(organizations=joined, **options)  # type: ignore[arg-type]  # by name
        return Member(person, joined)


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody, and the organizations."""

    person: Person
    organizations: tuple[Organization, ...]

    @property
    def credentials(self) -> tuple[str, str]:
        """Address and password."""
        return self.person.email, self.person.password


def flow_ids_are_unguessable(flow_id: str) -> bool:
    """Say whether a flow's id has the 256 random bits that it is made of."""
    return len(base64.urlsafe_b64decode(f"{flow_id}=")) == 32
