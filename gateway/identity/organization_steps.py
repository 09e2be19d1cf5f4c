"""Which steps a person takes to sign in: those of the organization, or the default (pipeshub contract section 4)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import NoReturn

import structlog

from gateway.domain.accounts import Account
from gateway.domain.errors import OrganizationNotFound, SignInStepsUnusable
from gateway.domain.identity_providers import IdentityProvider
from gateway.domain.organizations import Organization
from gateway.domain.sign_in_methods import SignInMethod, SignInSteps, steps_of
from gateway.identity.sign_in_providers import SignInProviders
from gateway.keycloak.realm import Realm

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class ApplicableSteps:
    """The steps of one person.

    Attributes:
        organization: whose they are, or None for the default.
        steps: with the methods that can be used; none of them is empty.
        providers: the identity provider of each external method among them.
        creating: external methods by which who has no account gets one.
    """

    organization: Organization | None
    steps: SignInSteps
    providers: Mapping[SignInMethod, IdentityProvider] = field(default_factory=dict)
    creating: frozenset[SignInMethod] = frozenset()

    @property
    def offers_accounts(self) -> bool:
        """Whether the first step may give an account to who has none."""
        return not self.creating.isdisjoint(self.steps[0])

    @property
    def methods(self) -> frozenset[SignInMethod]:
        """Every method of any step."""
        return frozenset(method for step in self.steps for method in step)


class OrganizationSteps:
    """Reads the steps from Keycloak each time, so that an administrator's change counts at once."""

    def __init__(
        self, realm: Realm, providers: SignInProviders, default: SignInSteps, usable: Collection[SignInMethod]
    ) -> None:
        """Take the rules.

        Args:
            providers: what external methods lead to; one without a provider is left out.
            default: for people without an organization, and for organizations without steps of their own.
            usable: other methods that the gateway is set up for; those it is not are left out.
        """
        self._realm = realm
        self._providers = providers
        self._default = default
        self._usable = frozenset(usable)

    async def of(self, email: str, account: Account | None) -> ApplicableSteps:
        """Say which steps a person takes.

        Args:
            email: normalised address.
            account: whose it is, or None for an address nobody has.

        Raises:
            SignInStepsUnusable: the attribute cannot be read, a step has no usable method, or the organization is
                switched off. There is no falling back to other steps: that might drop a factor.
            Unavailable: Keycloak cannot be asked.
        """
        organization = await self._deciding(email, account)
        if organization is not None and not organization.is_on:
            _refuse(organization, "it is switched off")
        written = self._written_steps(organization)
        providers = await self._providers.of(written, organization)
        steps = self._with_usable(written, frozenset(providers), organization)
        return ApplicableSteps(organization, steps, providers, self.creating & providers.keys())

    @property
    def creating(self) -> frozenset[SignInMethod]:
        """External methods by which who has no account gets one, where they have a provider."""
        return self._providers.creating

    async def providers_of(
        self, steps: SignInSteps, organization_id: str | None
    ) -> Mapping[SignInMethod, IdentityProvider]:
        """Return the identity providers for steps that were read before.

        Raises:
            Unavailable: Keycloak cannot be asked, which it is only when a step has an external method.
        """
        return await self._providers.of_organization(steps, organization_id)

    async def methods_of(self, email: str, account: Account) -> frozenset[SignInMethod]:
        """Say by which methods a person may sign in, at any step; none when the steps cannot be used.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        try:
            return (await self.of(email, account)).methods
        except SignInStepsUnusable:
            return frozenset()

    async def organization_of(self, email: str, account: Account) -> Organization | None:
        """Pick the organization: of the memberships the one that owns the domain, else the first by alias.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return _preferred(await self._realm.organizations.of_member(account.id), _domain_of(email))

    async def _deciding(self, email: str, account: Account | None) -> Organization | None:
        """Pick the one whose steps count; it is not passed over because it is switched off."""
        domain = _domain_of(email)
        if account is None:
            return await self._realm.organizations.owning(domain) if domain else None
        return _preferred(await self._realm.organizations.joined_by(account.id), domain)

    async def show(self, alias: str) -> str | None:
        """Return an organization's own steps as written, or None when the default applies.

        Raises:
            OrganizationNotFound: there is no such organization.
            Unavailable: Keycloak cannot be asked.
        """
        return next(iter((await self._named(alias)).sign_in_steps), None)

    async def write(self, alias: str, steps: str) -> None:
        """Give an organization steps of its own.

        Raises:
            ValueError: they are none.
            OrganizationNotFound: there is no such organization.
            Unavailable: Keycloak cannot be asked.
        """
        steps_of(steps)
        await self._realm.organizations.set_sign_in_steps(await self._named(alias), steps)

    async def _named(self, alias: str) -> Organization:
        organization = await self._realm.organizations.find(alias)
        if organization is None:
            raise OrganizationNotFound
        return organization

    def _with_usable(
        self, steps: SignInSteps, external: frozenset[SignInMethod], organization: Organization | None
    ) -> SignInSteps:
        methods = self._usable | external
        usable = tuple(tuple(method for method in step if method in methods) for step in steps)
        if not all(usable):
            _refuse(organization, "a step has no method that can be used")
        return usable

    def _written_steps(self, organization: Organization | None) -> SignInSteps:
        written = organization.sign_in_steps if organization else ()
        if not written:
            return self._default
        try:
            (text,) = written
            return steps_of(text)
        except ValueError:
            _refuse(organization, "the attribute cannot be read")


def _domain_of(email: str) -> str:
    return email.rpartition("@")[2].lower()


def _preferred(joined: list[Organization], domain: str) -> Organization | None:
    by_preference = sorted(joined, key=lambda each: (domain not in each.domains, each.alias))
    return next(iter(by_preference), None)


def _refuse(organization: Organization | None, trouble: str) -> NoReturn:
    _log.error("sign_in_steps_unusable", organization=organization.alias if organization else None, trouble=trouble)
    raise SignInStepsUnusable
