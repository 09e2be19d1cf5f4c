"""People in organizations, signed in."""

from dataclasses import dataclass

from tests.servers.people import Organization, OrganizationMaker, Person, PersonMaker
from tests.surfaces.toan.answers import TokenOpenID
from tests.surfaces.toan.client import Toan
from tests.surfaces.witness import Witness


@dataclass(frozen=True, slots=True)
class Member:
    """A signed-in member of an organization.

    Attributes:
        person: who.
        org: the organization.
        colleague: another member of it, no administrator.
        tokens: what the sign-in gave.
        toan: calls as this person.
    """

    person: Person
    org: Organization
    colleague: Person
    tokens: TokenOpenID
    toan: Toan


@dataclass(frozen=True, slots=True)
class Members:
    """Makes members, each of an organization of its own."""

    toan: Toan
    witness: Witness
    make_person: PersonMaker
    make_organization: OrganizationMaker

    def plain(self) -> Member:
        """Make a member without rights."""
        person, colleague = self.make_person(), self.make_person()
        return self.signed_in(person, self.make_organization(members=[person, colleague]), colleague)

    def administrator(self) -> Member:
        """Make an administrator of the organization."""
        person, colleague = self.make_person(), self.make_person()
        org = self.make_organization(members=[person, colleague], admins=[person])
        return self.signed_in(person, org, colleague)

    def platform_administrator(self, role: str = "manage-users") -> Member:
        """Make a platform administrator, who is a member of no organization; the colleague is one of `org`."""
        person, colleague = self.make_person(), self.make_person()
        self.witness.give_management_role(person.id, role)
        return self.signed_in(person, self.make_organization(members=[colleague]), colleague)

    def signed_in(self, person: Person, org: Organization, colleague: Person) -> Member:
        """Sign somebody in."""
        tokens = self.toan.sign_in(person.username, person.password)
        return Member(person, org, colleague, tokens, self.toan.bearing(tokens.access_token))


def require_unchanged(witness: Witness, *people: Person) -> None:
    """Demand that everybody has the password that he had."""
    for person in people:
        assert witness.password_is(person.username, person.password)
