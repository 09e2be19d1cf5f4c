"""Invitations as operators and services make them (design section 10)."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.domain.accounts import normalise_address
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountNotFound,
    InvitationPending,
    InvitationRefused,
    OrganizationNotFound,
    TooManyAttempts,
    Unavailable,
)
from gateway.domain.invitations import Invitation, KnownInvitation, Role
from gateway.domain.organizations import Organization
from gateway.identity.granting import Granting
from gateway.identity.invitation_mails import InvitationMails
from gateway.identity.mailer import Mailer
from gateway.identity.security_events import SecurityEvents, shown
from gateway.keycloak.realm import Realm
from gateway.mail.pages import Pages
from gateway.state.store import State

_OPERATOR = "operator"
_REASONS = {InvitationPending: "pending", TooManyAttempts: "limit"}


@dataclass(frozen=True, slots=True)
class InvitationRequest:
    """What an invitation shall say.

    Attributes:
        email: whom it is for, as typed.
        organization: its alias; None for none.
        role: in it.
        roles: of the realm, by name.
        groups: of the realm, by id or path.
        is_everything: asks for all there is, which nobody gets.
    """

    email: str = field(repr=False)
    organization: str | None = None
    role: Role = Role.MEMBER
    roles: Sequence[str] = ()
    groups: Sequence[str] = ()
    is_everything: bool = False


@dataclass(frozen=True, slots=True)
class MadeInvitation:
    """A new one.

    Attributes:
        secret: nobody is told it again.
        link: to the page where it is used; None when it was mailed.
    """

    secret: str = field(repr=False)
    known: KnownInvitation
    link: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class InvitationTerms:
    """What is promised of invitations.

    Attributes:
        lifetime: how long one works that does not say otherwise.
        page: where it leads.
    """

    lifetime: timedelta
    page: str


class Invitations:
    """Makes, mails, lists and revokes them."""

    def __init__(
        self,
        realm: Realm,
        state: State,
        mailer: Mailer,
        pages: Pages,
        *,
        events: SecurityEvents,
        terms: InvitationTerms,
    ) -> None:
        self._realm = realm
        self._state = state
        self._mailer = mailer
        self._mails = InvitationMails(state.limits, mailer)
        self._pages = pages
        self._events = events
        self._terms = terms
        self._granting = Granting(realm)

    async def make(
        self,
        request: InvitationRequest,
        lifetime: timedelta | None = None,
        *,
        mails: bool = True,
        replace: bool = False,
    ) -> MadeInvitation:
        """Invite somebody, as an operator, who may give everything.

        Args:
            request: whom, and to what.
            lifetime: how long the invitation is good; None for as long as is set.
            mails: it is mailed, if there is a mail server.
            replace: an older one is void; otherwise it is in the way.

        Raises:
            ValueError: what was typed is no address.
            OrganizationNotFound: no such organization.
            GrantUnknown: no such role or group.
            InvitationPending: the address has one to the organization that is good.
            TooManyAttempts: enough was mailed to the address lately.
            Unavailable: Keycloak, Redis or the mail server cannot be asked; there is no invitation.
        """
        address, organization = _address(request.email), await self._organization(request.organization)
        grants, is_mailed = await self._granting.named(request.roles, request.groups), mails and self._mailer.is_on
        invitation = Invitation.to(
            organization, address, request.role, invited_by=_OPERATOR, grants=grants, is_mailed=is_mailed
        )
        return await self.keep(invitation, organization, lifetime, replace=replace)

    async def keep(
        self,
        invitation: Invitation,
        organization: Organization | None,
        lifetime: timedelta | None = None,
        *,
        replace: bool = False,
        caller: Caller | None = None,
    ) -> MadeInvitation:
        """Keep an invitation, and mail it if that is what it says; raises as `make` for what comes after the look-ups.

        Args:
            invitation: what it says.
            organization: the one it says.
            lifetime: how long it is good; None for as long as is set.
            replace: an older one is void.
            caller: who is asking, if not an operator.
        """
        account, actor = self.shown(invitation.email), _actor(invitation, caller)
        with self._events.refusals_by(_REASONS, "invitation", caller, account=account, actor=actor):
            if not replace:
                await self._require_none(invitation)
            async with self._mails.counted(invitation, caller) as mail_id:
                secret, known = await self._state.invitations.make(
                    invitation, lifetime or self._terms.lifetime, replace=replace
                )
                made = MadeInvitation(secret, known, self._pages.invitation(self._terms.page, secret))
                if invitation.is_mailed:
                    made = await self._mailed(made, organization, mail_id, caller)
        self._events.tell("invitation", "done", caller, account=account, reason="made", actor=actor)
        return made

    async def of(self, alias: str | None) -> list[KnownInvitation]:
        """List an organization's invitations, or those to none, the oldest first.

        Raises:
            OrganizationNotFound: no such organization.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        organization = await self._organization(alias)
        return await self._state.invitations.of(organization.id if organization else None)

    async def revoke(self, email_or_secret: str, alias: str | None) -> str:
        """Make a good invitation worthless.

        Args:
            email_or_secret: the address it is for, or what its link holds.
            alias: the organization it is to, where the address is given.

        Returns:
            The address.

        Raises:
            ValueError: what was typed is no address, and no invitation.
            AccountNotFound: no such invitation.
            OrganizationNotFound: no such organization.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        if alias is None and "@" not in email_or_secret:
            address, organization_id = await self._said(email_or_secret)
        else:
            organization = await self._organization(alias)
            address, organization_id = _address(email_or_secret), organization.id if organization else None
        if not await self._state.invitations.revoke(address, organization_id):
            raise AccountNotFound
        self._events.tell("invitation", "done", account=self.shown(address), reason="revoked")
        return address

    def shown(self, address: str) -> str:
        """Return how the address that somebody is invited at is told."""
        return self._state.unknown(address).shown

    async def _said(self, secret: str) -> tuple[str, str | None]:
        try:
            said = await self._state.invitations.pending(secret)
        except InvitationRefused:
            raise AccountNotFound from None
        return said.email, said.organization_id

    async def _require_none(self, invitation: Invitation) -> None:
        # Looked for first: what mails nothing must not take room from mails that somebody waits for.
        if await self._state.invitations.is_pending(invitation.email, invitation.organization_id):
            raise InvitationPending

    async def _mailed(
        self, made: MadeInvitation, organization: Organization | None, mail_id: str, caller: Caller | None
    ) -> MadeInvitation:
        try:
            await self._mails.send(made.known, made.link or "", organization, mail_id)
        except (Unavailable, asyncio.CancelledError):
            invitation = made.known.invitation
            await self._state.invitations.take_back(made.secret, invitation)
            account, actor = self.shown(invitation.email), _actor(invitation, caller)
            self._events.tell("invitation", "failed", caller, account=account, reason="mail", actor=actor)
            raise
        return MadeInvitation(made.secret, made.known, None)

    async def _organization(self, alias: str | None) -> Organization | None:
        if alias is None:
            return None
        organization = await self._realm.organizations.find(alias)
        if organization is None:
            raise OrganizationNotFound
        return organization


def _actor(invitation: Invitation, caller: Caller | None) -> str | None:
    """Return who is told to have made it; None for an operator."""
    return shown(invitation.invited_by) if caller else None


def _address(email: str) -> str:
    address = normalise_address(email)
    if address is None:
        raise ValueError(f"{email!r} is no e-mail address")
    return address
