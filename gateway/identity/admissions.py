"""Who may belong to which organization: the invited, and those with an address of its domain (decision 0019)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace

from gateway.domain.accounts import Account
from gateway.domain.errors import InvitationRefused, InvitationUnusable
from gateway.domain.invitations import NOTHING, Grants, Invitation, Role
from gateway.domain.organizations import Organization
from gateway.keycloak.realm import Realm
from gateway.state.invitations import InvitationClaim
from gateway.state.store import State

_FOR_EVERYBODY = "default"
"""Alias of the organization that everybody joins where people do not sign in to one of theirs."""
_OWNERS_GROUP = "owners"
"""Organization group of who is invited as an owner; the gateway itself asks nobody for it."""


@dataclass(frozen=True, slots=True)
class Admission:
    """What somebody who signs up is let in to.

    Attributes:
        organization: to be joined at once; None for none, or for one that is joined when the address is proven.
        role: in that organization.
        grants: what of the realm is given besides.
        claim: the invitation that has led to it, or None.
    """

    organization: Organization | None
    role: Role = Role.MEMBER
    grants: Grants = NOTHING
    claim: InvitationClaim | None = None

    async def use_up(self) -> None:
        """Have the invitation not work again; never raises."""
        if self.claim is not None:
            await self.claim.consume()


class Admissions:
    """Lets people into organizations."""

    def __init__(self, realm: Realm, state: State, *, in_organizations: bool, admins_group: str) -> None:
        """Take what it works with.

        Args:
            in_organizations: people sign in to one of their organizations, so not everybody may sign up.
            admins_group: the organization group whose members administer the organization.
        """
        self._realm = realm
        self._state = state
        self._in_organizations = in_organizations
        self._groups = {Role.ADMIN: admins_group, Role.OWNER: _OWNERS_GROUP}

    @asynccontextmanager
    async def admitted(self, email: str, invitation: str | None) -> AsyncIterator[Admission]:
        """Let somebody sign up; an invitation that is not used up inside is good again afterwards.

        Args:
            email: normalised; nobody has proven it.
            invitation: its secret, or None.

        Raises:
            InvitationRefused: it is no good, or for somebody else, or its organization has gone; or there is none and
                no organization takes in whoever has such an address.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        if not self._in_organizations:
            yield Admission(await self._realm.organizations.find(_FOR_EVERYBODY))
        elif invitation is None:
            if await self._taking_in(email) is None:
                raise InvitationRefused
            yield Admission(None)
        else:
            async with self._invited(email, invitation) as admission:
                yield admission

    async def by(self, invitation: Invitation) -> Admission:
        """Look what an invitation lets in to.

        Raises:
            InvitationUnusable: its organization has gone, or is switched off; or a role or a group has gone.
            Unavailable: Keycloak cannot be asked.
        """
        if not await self._realm.roles_and_groups.has(invitation.grants):
            raise InvitationUnusable
        if invitation.organization_id is None:
            return Admission(None, grants=invitation.grants)
        organization = await self._realm.organizations.find(invitation.organization_id)
        if organization is None:
            raise InvitationUnusable
        return Admission(organization, invitation.role, invitation.grants)

    async def let_in(self, account_id: str, admission: Admission) -> None:
        """Give an account everything it is let in to, the membership last; asking again is safe.

        Raises:
            InvitationUnusable: something of it has gone since it was looked at; some of the rest may have been given.
            Unavailable: Keycloak cannot be asked; the same.
        """
        for group in admission.grants.groups:
            if not await self._realm.roles_and_groups.put_into(account_id, group):
                raise InvitationUnusable
        if not await self._realm.roles_and_groups.give_roles(account_id, admission.grants.roles):
            raise InvitationUnusable
        # Last: members are not let in again, so they have to have been given the rest.
        if admission.organization is not None:
            await self._join(account_id, admission.organization, admission.role)

    async def prove(self, account: Account) -> None:
        """Have an account join the organization of its address's domain, now that its owner has proven the address.

        Nobody does who belongs to an organization already: invited people belong to the one that has invited them.

        Raises:
            Unavailable: Keycloak cannot be asked; asking again is safe.
        """
        if not self._in_organizations or account.email is None:
            return
        if await self._realm.organizations.of_member(account.id):
            return
        organization = await self._taking_in(account.email)
        if organization is not None:
            await self._realm.memberships.join(organization.id, account.id)

    @asynccontextmanager
    async def _invited(self, email: str, secret: str) -> AsyncIterator[Admission]:
        claim = await self._state.invitations.claim(secret)
        try:
            said = claim.invitation
            if said.email != email or said.organization_id is None:
                raise InvitationRefused
            yield replace(await self.by(said), claim=claim)
        finally:
            await claim.release()

    async def _join(self, account_id: str, organization: Organization, role: Role) -> None:
        if not await self._realm.memberships.join(organization.id, account_id):
            raise InvitationUnusable
        if role in self._groups:
            await self._realm.memberships.join_group(organization, account_id, self._groups[role])

    async def _taking_in(self, email: str) -> Organization | None:
        return await self._realm.organizations.taking_in(email.rpartition("@")[2].lower())
