"""Who may act in which organization (toan contract section 3.5)."""

from contextlib import AbstractContextManager

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import AccountNotFound, RightsRefused
from gateway.domain.organizations import Organization
from gateway.domain.tokens import SignedIn
from gateway.identity.security_events import SecurityEvents, shown
from gateway.keycloak.realm import Realm


class Rights:
    """Decides by Keycloak's roles, organizations and organization groups.

    A platform administrator holds `manage-users` (or `realm-admin`) of `realm-management`. An organization
    administrator is a member of the organization's group of that name, for that organization alone.
    """

    def __init__(self, realm: Realm, events: SecurityEvents, *, check_organizations: bool, admins_group: str) -> None:
        """Take the rules.

        Args:
            check_organizations: False for realms without organizations: names are not looked up, and only platform
                administrators exist.
            admins_group: the organization group whose members administer the organization.
        """
        self._realm = realm
        self._events = events
        self._check = check_organizations
        self._admins_group = admins_group

    async def require_member(self, person: SignedIn, named: str, override: str | None) -> None:
        """Demand that a person may act for himself in an organization.

        Args:
            person: who acts.
            named: the organization, by alias or id.
            override: the effective organization instead, for platform administrators only.

        Raises:
            RightsRefused: not a member, no such organization, or not entitled to override.
        """
        if not self._check:
            return
        if override is None:
            await self._membership(person, named)
        elif not (await self._is_platform_administrator(person) and await self._realm.organizations.find(override)):
            raise RightsRefused

    async def require_administrator_of(
        self, target_id: str, person: SignedIn, named: str, override: str | None, caller: Caller
    ) -> Account:
        """Demand that a person may administer another account.

        Args:
            target_id: Keycloak user id as the request spelled it.
            person: who acts.
            named: the organization, by alias or id.
            override: the effective organization instead, for platform administrators only.
            caller: who is asking.

        Returns:
            The other account.

        Raises:
            RightsRefused: the person may not, or means himself.
            AccountNotFound: no such account in the effective organization.
        """
        with self._refusals(target_id.lower(), person, caller):
            return await self._administered_account(target_id.lower(), person, named, override)

    def _refusals(self, target_id: str, person: SignedIn, caller: Caller) -> AbstractContextManager[None]:
        """Tell who tried to administer whom and may not, or reached for somebody out of reach."""
        reasons = {RightsRefused: "rights", AccountNotFound: "target"}
        return self._events.refusals_by(
            reasons, "administration", caller, account=shown(target_id), actor=person.account_id
        )

    async def _administered_account(
        self, target_id: str, person: SignedIn, named: str, override: str | None
    ) -> Account:
        if target_id == person.account_id:
            raise RightsRefused
        everywhere = await self._is_platform_administrator(person)
        organization = await (
            self._named(override or named) if everywhere else self._administered(person, named, override)
        )
        target = await self._target(target_id, organization)
        if not everywhere and await self._realm.administrators.include(target.id):
            raise RightsRefused
        return target

    async def _is_platform_administrator(self, person: SignedIn) -> bool:
        """Ask Keycloak as well as the token: a right that was taken away must not last as long as a token (S28)."""
        return person.administers_realm and await self._realm.administrators.include(person.account_id)

    async def _named(self, name: str) -> Organization | None:
        """Return the organization of that name; None when organizations are not looked at."""
        if not self._check:
            return None
        organization = await self._realm.organizations.find(name)
        if organization is None:
            raise AccountNotFound
        return organization

    async def _administered(self, person: SignedIn, named: str, override: str | None) -> Organization:
        """Return the organization that a person administers as a member of its group."""
        if override is not None or not self._check:
            raise RightsRefused
        organization = await self._membership(person, named)
        if not await self._realm.organizations.is_in_group(organization, person.account_id, self._admins_group):
            raise RightsRefused
        return organization

    async def _membership(self, person: SignedIn, named: str) -> Organization:
        for organization in await self._realm.organizations.of_member(person.account_id):
            if organization.is_called(named):
                return organization
        raise RightsRefused

    async def _target(self, target_id: str, organization: Organization | None) -> Account:
        target = await self._realm.users.get(target_id)
        if target is None:
            raise AccountNotFound
        if organization and not await self._realm.organizations.has_member(organization, target.id):
            raise AccountNotFound
        return target
