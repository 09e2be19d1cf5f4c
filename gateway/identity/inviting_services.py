"""Services that invite people, or let them in at once (kestra contract section 4)."""

from contextlib import AbstractContextManager

from gateway.domain.accounts import Account, NewPerson, normalise_address
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountRefused,
    AddressTaken,
    GatewayError,
    InvitationPending,
    InvitationUnusable,
    OrganizationNotFound,
    RightsRefused,
)
from gateway.domain.invitations import Invitation
from gateway.domain.organizations import Organization
from gateway.identity.admissions import Admission, Admissions
from gateway.identity.granting import Granting
from gateway.identity.invitations import InvitationRequest, Invitations, MadeInvitation
from gateway.identity.mailer import Mailer
from gateway.identity.security_events import NOBODY, SecurityEvents, shown
from gateway.identity.whole_accounts import WholeAccounts
from gateway.keycloak.new_accounts import stand_in
from gateway.keycloak.realm import Realm
from gateway.state.store import State

_SERVICE = "service"
_REASONS: dict[type[GatewayError], str] = {
    InvitationPending: "pending",
    InvitationUnusable: "unusable",
    AddressTaken: "address_taken",
}


class InvitingServices:
    """Does what services ask for, as far as nobody gets to administer anything by it."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        state: State,
        mailer: Mailer,
        invitations: Invitations,
        admissions: Admissions,
        accounts: WholeAccounts,
        *,
        events: SecurityEvents,
        no_organization: str,
    ) -> None:
        """Take what it works with.

        Args:
            no_organization: tenant that means none, unless an organization has that alias.
        """
        self._realm = realm
        self._state = state
        self._mailer = mailer
        self._invitations = invitations
        self._admissions = admissions
        self._accounts = accounts
        self._events = events
        self._no_organization = no_organization
        self._granting = Granting(realm)

    async def invite(self, request: InvitationRequest, service: str | None, caller: Caller) -> MadeInvitation:
        """Invite somebody; it is mailed, if there is a mail server.

        Args:
            request: whom, and to what; its organization is a tenant.
            service: Keycloak user id that the service acts for, if it tells one.
            caller: who is asking.

        Raises:
            OrganizationNotFound: no such tenant.
            GrantUnknown: no such role or group.
            RightsRefused: one of them administers something.
            AccountRefused: what was typed is no address.
            InvitationPending: the address has an invitation to the tenant that is good.
            InvitationUnusable: somebody with the address belongs to it already.
            TooManyAttempts: enough was mailed to the address, or asked for by the caller, lately.
            Unavailable: Keycloak, Redis or the mail server cannot be asked; there is no invitation.
        """
        invitation, organization = await self._judged(request, service, caller)
        with self._refusals(invitation, service, caller):
            await self._require_stranger(invitation, organization)
        return await self._invitations.keep(invitation, organization, caller=caller)

    async def let_in(self, request: InvitationRequest, service: str | None, caller: Caller) -> None:
        """Let somebody in at once, with a new account without a password where the address has none.

        Raises:
            InvitationPending: the address has an invitation to the tenant that is good.
            InvitationUnusable: the address has an account that is disabled, or is only being made, or whose owner has
                not shown to receive mail; or it belongs to the tenant already.
            AddressTaken: it is a user name, or several have it.
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        The rest as `invite`.
        """
        invitation, organization = await self._judged(request, service, caller)
        with self._refusals(invitation, service, caller):
            if await self._state.invitations.is_pending(invitation.email, invitation.organization_id):
                raise InvitationPending
            account = await self._require_stranger(invitation, organization)
            admission = await self._admissions.by(invitation)
            if account is None:
                account_id = await self._made(invitation.email, admission, service, caller)
            else:
                account_id = await self._owner(account)
                await self._admissions.let_in(account_id, admission)
        self._events.tell("invitation", "done", caller, account=account_id, reason="let_in", actor=shown(service))

    async def _made(self, email: str, admission: Admission, service: str | None, caller: Caller) -> str:
        name, actor = stand_in(email), shown(service)
        async with self._accounts.made(NewPerson(email, name, name, None)) as account_id:
            await self._admissions.let_in(account_id, admission)
        self._events.tell("account_created", "done", caller, account=account_id, reason="invitation", actor=actor)
        return account_id

    def _refusals(self, invitation: Invitation, service: str | None, caller: Caller) -> AbstractContextManager[None]:
        """Tell why somebody is neither invited nor let in."""
        account, actor = self._invitations.shown(invitation.email), shown(service)
        return self._events.refusals_by(_REASONS, "invitation", caller, account=account, actor=actor)

    async def _owner(self, account: Account) -> str:
        # Somebody may have registered an address before its owner did.
        if not account.enabled or not account.email_verified or await self._accounts.is_unsettled(account):
            raise InvitationUnusable
        return account.id

    async def _judged(
        self, request: InvitationRequest, service: str | None, caller: Caller
    ) -> tuple[Invitation, Organization | None]:
        with self._events.refusals(
            RightsRefused, "administration", caller, account=NOBODY, actor=shown(service), reason="rights"
        ):
            if request.is_everything:
                raise RightsRefused
            email = normalise_address(request.email)
            if email is None:
                raise AccountRefused(("email",))
            organization = await self._tenant(request.organization or "")
            grants = await self._granting.named(request.roles, request.groups)
            await self._granting.require_harmless(grants)
        invited_by, is_mailed = service or _SERVICE, self._mailer.is_on
        invitation = Invitation.to(organization, email, invited_by=invited_by, grants=grants, is_mailed=is_mailed)
        return invitation, organization

    async def _tenant(self, name: str) -> Organization | None:
        organization = await self._realm.organizations.find(name)
        if organization is None and not await self._means_none(name):
            raise OrganizationNotFound
        return organization

    async def _means_none(self, name: str) -> bool:
        return name == self._no_organization and not await self._realm.organizations.is_alias_taken(name)

    async def _require_stranger(self, invitation: Invitation, organization: Organization | None) -> Account | None:
        """Return the account of who is meant, if there is one."""
        account = await self._realm.users.find_by_email(invitation.email)
        if account is None:
            return None
        if organization is not None and await self._realm.organizations.has_member(organization, account.id):
            raise InvitationUnusable
        return account
