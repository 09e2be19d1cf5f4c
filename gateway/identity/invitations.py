"""Invitations into organizations, as operators make them (design section 10)."""

from datetime import timedelta

from gateway.domain.accounts import normalise_address
from gateway.domain.errors import AccountNotFound, InvitationPending
from gateway.domain.invitations import Invitation, KnownInvitation, Role
from gateway.domain.organizations import Organization
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.state.store import State

_OPERATOR = "operator"


class Invitations:
    """Makes, lists and revokes them."""

    def __init__(self, realm: Realm, state: State, events: SecurityEvents) -> None:
        self._realm = realm
        self._state = state
        self._events = events

    async def make(
        self, email: str, alias: str, role: Role, lifetime: timedelta, *, replace: bool
    ) -> tuple[str, KnownInvitation]:
        """Invite somebody; nothing is mailed.

        Args:
            email: whom, as typed.
            alias: the organization.
            role: in it.
            lifetime: how long the invitation is good.
            replace: an older one is void; otherwise it is in the way.

        Returns:
            Its secret, which nobody is told again; and what is known of it.

        Raises:
            ValueError: what was typed is no address.
            AccountNotFound: no such organization.
            InvitationPending: the address has one to the organization that is good.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        address, organization = _address(email), await self._organization(alias)
        invitation = Invitation(address, organization.id, organization.alias, role, _OPERATOR)
        try:
            made = await self._state.invitations.make(invitation, lifetime, replace=replace)
        except InvitationPending:
            self._events.tell("invitation", "refused", account=self._shown(address), reason="pending")
            raise
        self._events.tell("invitation", "done", account=self._shown(address), reason="made")
        return made

    async def of(self, alias: str) -> list[KnownInvitation]:
        """List an organization's invitations, the oldest first.

        Raises:
            AccountNotFound: no such organization.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        return await self._state.invitations.of((await self._organization(alias)).id)

    async def revoke(self, email: str, alias: str) -> None:
        """Make the good invitation of an address to an organization worthless.

        Raises:
            ValueError: what was typed is no address.
            AccountNotFound: no such organization, or no such invitation.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        address, organization = _address(email), await self._organization(alias)
        if not await self._state.invitations.revoke(address, organization.id):
            raise AccountNotFound
        self._events.tell("invitation", "done", account=self._shown(address), reason="revoked")

    async def _organization(self, alias: str) -> Organization:
        organization = await self._realm.organizations.find(alias)
        if organization is None:
            raise AccountNotFound
        return organization

    def _shown(self, address: str) -> str:
        return self._state.secrets.digest("unknown-name", address)[:12]


def _address(email: str) -> str:
    address = normalise_address(email)
    if address is None:
        raise ValueError(f"{email!r} is no e-mail address")
    return address
