"""Firms whose people sign in by providers of their own."""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.conftest import Realm
from tests.servers.identity_provider import CLIENT, IdentityProvider
from tests.servers.people import Organization, Person
from tests.servers.waiting import until
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.pipeshub.people import Members
from tests.surfaces.witness import Witness

ALIASES = {"google": "google", "microsoft": "microsoft", "azureAd": "azuread", "oauth": "oauth"}


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider for one method.

    Attributes:
        config: what Keycloak has to know.
        kind: Keycloak's type.
        trusted: its addresses count as verified.
    """

    config: Mapping[str, str]
    kind: str = "oidc"
    trusted: bool = False

    @classmethod
    def by(cls, foreign: IdentityProvider) -> "Offer":
        """Offer a provider of the tests' own, of which no more is known than its tokens need."""
        keys = {"issuer": foreign.url, "jwksUrl": f"{foreign.url}/keys"}
        return cls({"clientId": CLIENT, "clientSecret": "x", **keys})


@dataclass(frozen=True, slots=True)
class Firm:
    """An organization with providers of its own.

    Attributes:
        organization: in Keycloak.
        domain: of its e-mail addresses.
        members: makes its people.
        witness: Keycloak itself.
    """

    organization: Organization
    domain: str
    members: Members
    witness: Witness

    def employ(self, **options: Any) -> Person:  # noqa: ANN401 - a person's own
        """Make a member, with an address of the firm's domain."""
        email = options.pop("email", None) or self.new_address()
        return self.members.make_person(email=email, organizations=[self.organization], **options)

    def new_address(self) -> str:
        """Make up an address that nobody has."""
        return f"person-{secrets.token_hex(5)}@{self.domain}"

    def alias(self, method: str = "google") -> str:
        """Name the firm's provider for a method."""
        return f"{ALIASES[method]}-{self.organization.alias}"

    def link(self, person: Person, subject: str, method: str = "google") -> None:
        """Link an identity to somebody, as an administrator does."""
        self.witness.admin.add_user_social_login(person.id, self.alias(method), subject, "linked")

    def links(self, account_id: str) -> set[tuple[str, str]]:
        """List somebody's identities: alias, subject."""
        told = self.witness.admin.get_user_social_logins(account_id)
        return {(each["identityProvider"], each["userId"]) for each in told}

    def account(self, email: str) -> dict[str, Any] | None:
        """Find the one account with an address."""
        found = self.witness.admin.get_users({"email": email, "exact": True})
        assert len(found) <= 1
        return found[0] if found else None

    def has_member(self, account_id: str) -> bool:
        """Say whether an account belongs to the firm."""
        joined = self.witness.admin.get_user_organizations(account_id)
        return self.organization.id in {each["id"] for each in joined}


@dataclass(frozen=True, slots=True)
class FirmMaker:
    """Makes firms."""

    realm: Realm
    members: Members
    witness: Witness

    def __call__(self, steps: Sequence[Sequence[str]], offers: Mapping[str, Offer]) -> Firm:
        """Make a firm whose people take these steps, with these providers."""
        organization = self.members.make_organization()
        domain = f"{organization.alias}.example.test"
        self.members.set_steps(organization, json.dumps(steps), domain=domain)
        firm = Firm(organization, domain, self.members, self.witness)
        for method, offer in offers.items():
            self._make(firm, method, offer)
        return firm

    def _make(self, firm: Firm, method: str, offer: Offer) -> None:
        alias = firm.alias(method)
        self.realm.admin.create_idp(
            {
                "alias": alias,
                "displayName": f"The firm's {method}",
                "providerId": offer.kind,
                "enabled": True,
                "trustEmail": offer.trusted,
                "config": dict(offer.config),
            }
        )
        path = f"admin/realms/{self.realm.name}/organizations/{firm.organization.id}/identity-providers"
        answer = self.realm.admin.connection.raw_post(path, data=json.dumps(alias))
        assert answer.status_code == 204, answer.text


def until_offered(pipeshub: Pipeshub, firm: Firm, method: str) -> None:
    """Wait until the gateway has heard of a firm's provider; it asks every five seconds."""
    person = firm.employ()
    until(lambda: method in pipeshub.init(person.email).json().get("allowedMethods", ()))
