"""People who use an invitation: with a new account, or with the one they have (kestra contract 1.5 and 1.6)."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field

from gateway.domain.accounts import MAX_NAME, Account, NewPerson
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountRefused,
    AddressTaken,
    GatewayError,
    InvitationExpired,
    InvitationRefused,
    InvitationUnusable,
    InvitationUsed,
    NotSignedIn,
    PasswordRefused,
    RightsRefused,
)
from gateway.domain.invitations import Invitation, KnownInvitation
from gateway.domain.tokens import SignedIn
from gateway.identity.admissions import Admissions
from gateway.identity.bearers import Bearers
from gateway.identity.new_passwords import require_settable
from gateway.identity.security_events import NOBODY, SecurityEvents
from gateway.identity.whole_accounts import WholeAccounts
from gateway.keycloak.realm import Realm
from gateway.state.invitations import InvitationClaim
from gateway.state.store import State

_REASONS: dict[type[GatewayError], str] = {
    InvitationExpired: "expired",
    InvitationUsed: "used",
    InvitationUnusable: "unusable",
    InvitationRefused: "unknown",
    AddressTaken: "address_taken",
    AccountRefused: "person",
    PasswordRefused: "password",
    RightsRefused: "rights",
}


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What somebody who is invited says of himself, unjudged; empty where he says nothing."""

    first_name: str = field(repr=False)
    last_name: str = field(repr=False)
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class InvitedTerms:
    """What is demanded of who is invited.

    Attributes:
        password: new people have to choose one, as that is how people sign in.
        login: who has an account has to be signed in to accept.
    """

    password: bool
    login: bool


class InvitedPeople:
    """Lets them in; an invitation works once, and is as good as before whenever it did not."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        state: State,
        admissions: Admissions,
        accounts: WholeAccounts,
        bearers: Bearers,
        *,
        events: SecurityEvents,
        terms: InvitedTerms,
    ) -> None:
        self._realm = realm
        self._state = state
        self._admissions = admissions
        self._accounts = accounts
        self._bearers = bearers
        self._events = events
        self._terms = terms

    async def create(self, secret: str, newcomer: Newcomer, caller: Caller) -> KnownInvitation:
        """Make an account with the invited address, which is in everything that the invitation is to.

        Raises:
            InvitationRefused: unknown or revoked; its children for expired, used and what has gone.
            AddressTaken: somebody has the address, as an address or as a user name.
            AccountRefused: something is missing, or the realm's user profile says no.
            PasswordRefused: it is too long, or the realm's policy says no.
            Unavailable: Keycloak or Redis cannot be asked; there is no account, or there will soon be none any more.
        """
        with self._refusals(caller):
            async with self._claimed(secret) as claim:
                person = await self._person(claim.invitation, newcomer)
                admission = await self._admissions.by(claim.invitation)
                async with self._accounts.made(person) as account_id:
                    await self._admissions.let_in(account_id, admission)
                await claim.consume()
        self._events.tell("account_created", "done", caller, account=account_id, reason="invitation")
        return claim.used

    async def accept(self, secret: str, caller: Caller) -> KnownInvitation:
        """Let the account with the invited address in to everything that the invitation is to.

        Raises:
            NotSignedIn: the bearer token is no good; or there is none, where it is needed.
            InvitationRefused: unknown or revoked; its children for expired and used, also by whoever makes the
                account just now; and for an address without an account, with several, or with one that is disabled or
                whose owner has not shown to receive mail.
            RightsRefused: the bearer token is somebody else's.
            Unavailable: Keycloak or Redis cannot be asked; some of it may have been done, and asking again is safe.
        """
        person = await self._bearers.live(caller) if caller.bearer is not None else None
        with self._refusals(caller):
            async with self._claimed(secret) as claim:
                await self._require_invited(person, claim.invitation)
                account = await self._owner(claim.invitation)
                admission = await self._admissions.by(claim.invitation)
                await self._admissions.let_in(account.id, admission)
                await claim.consume()
        self._events.tell("invitation", "done", caller, account=account.id, reason="accepted")
        return claim.used

    @asynccontextmanager
    async def _claimed(self, secret: str) -> AsyncIterator[InvitationClaim]:
        claim = await self._state.invitations.claim(secret)
        try:
            yield claim
        finally:
            await claim.release()

    async def _person(self, invitation: Invitation, newcomer: Newcomer) -> NewPerson:
        if await self._realm.users.is_taken(invitation.email):
            raise AddressTaken
        needed = {"first_name": newcomer.first_name, "last_name": newcomer.last_name}
        if self._terms.password:
            needed["password"] = newcomer.password
        if missing := tuple(name for name, said in needed.items() if not said.strip()):
            raise AccountRefused(missing)
        first, last = newcomer.first_name.strip(), newcomer.last_name.strip()
        if long := tuple(name for name in ("first_name", "last_name") if len(needed[name].strip()) > MAX_NAME):
            raise AccountRefused(long)
        require_settable(newcomer.password)
        password = newcomer.password or None
        return NewPerson(invitation.email, first, last, password, email_verified=invitation.is_mailed)

    async def _require_invited(self, person: SignedIn | None, invitation: Invitation) -> None:
        """Demand that whoever is signed in is the one who is invited, and that somebody is, where it is needed."""
        if person is None and self._terms.login:
            raise NotSignedIn
        if person is None:
            return
        account = await self._realm.users.get(person.account_id)
        if account is None or (account.email or "").lower() != invitation.email:
            raise RightsRefused

    async def _owner(self, invitation: Invitation) -> Account:
        account = await self._realm.users.find_by_email(invitation.email)
        # Somebody may have registered an address before its owner did.
        if account is None or not account.enabled or not account.email_verified:
            raise InvitationUnusable
        if await self._accounts.is_unsettled(account):
            raise InvitationUsed
        return account

    def _refusals(self, caller: Caller) -> AbstractContextManager[None]:
        return self._events.refusals_by(_REASONS, "invitation", caller, account=NOBODY)
