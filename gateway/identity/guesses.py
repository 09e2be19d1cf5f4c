"""The one way to find out whether a password or code is right: counted, limited, padded (security S1 to S4, S10, S13).

Every use-case that evaluates a credential goes through here, so that the lock-out is one for all factors and surfaces.
"""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountLocked,
    AccountNotFound,
    AnothersIdentity,
    CredentialsRefused,
    GatewayError,
    Unavailable,
)
from gateway.identity.guessing_addresses import Guess, GuessingAddresses
from gateway.identity.notices import Notices
from gateway.identity.padding import Padding
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.state.attempt import Attempt
from gateway.state.store import State
from gateway.state.subjects import Subject
from gateway.unfinished import Unfinished

_KEYCLOAKS_LOCK = 60
"""Seconds until trying again is worth while: Keycloak does not tell when its lock ends; a minute is its default."""


class Guesses:
    """Admits guesses and settles them."""

    def __init__(
        self,
        realm: Realm,
        state: State,
        events: SecurityEvents,
        notices: Notices,
        padding: Padding,
        unfinished: Unfinished,
    ) -> None:
        self._realm = realm
        self._state = state
        self._addresses = GuessingAddresses(state, events)
        self._events = events
        self._notices = notices
        self._padding = padding
        self._unfinished = unfinished

    def padded(self) -> AbstractAsyncContextManager[None]:
        """Let no refusal inside tell its reason by its time; as `Padding.padded`."""
        return self._padding.padded()

    def subject(self, name: str, account: Account | None) -> Subject:
        """Name what a guess is counted against: the account, or the digest of a name nobody has (security S2)."""
        if account is not None:
            return Subject.account(account.id)
        return self._state.unknown(name)

    async def begin(self, name: str, caller: Caller, subject: Subject | None = None) -> Guess:
        """Begin a guess; before anybody is looked up, or its time tells who exists (security S13).

        Args:
            name: whom it is for, as the caller says; may be empty.
            caller: who is guessing.
            subject: who is meant, where that is known already.

        Raises:
            TooManyAttempts: the caller's address is blocked.
            Unavailable: Redis cannot be asked.
        """
        return await self._addresses.begin(name, caller, subject)

    @asynccontextmanager
    async def admitted(self, guess: Guess, subject: Subject, *, alone: bool = False) -> AsyncIterator[Attempt]:
        """Hold a slot while one guess is evaluated; `CredentialsRefused` inside it counts as wrong.

        A lock of Keycloak's own detection, which refuses right and wrong alike, is told as one of ours.

        Args:
            guess: that was begun.
            subject: what it is counted against.
            alone: let no other guess at the subject be evaluated meanwhile.

        Raises:
            AccountLocked: nothing was evaluated.
            TooManyAttempts: too many guesses are waiting.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        async with AsyncExitStack() as held:
            try:
                attempt = await self._slot(subject, held, alone=alone)
                yield attempt
            except AccountLocked:
                await self._addresses.count_refused(guess, subject)
                raise
            except (CredentialsRefused, AccountNotFound) as refusal:
                # Also for a request that is out of time: who is cancelled is counted as well (security S4).
                settling = self._settled(refusal, attempt, guess, subject)
                raise await self._unfinished.to_the_end(settling) from None

    async def count_unread(self, name: str, caller: Caller) -> None:
        """Count a credential that nobody can have, so that nothing is evaluated, for the caller's address.

        Args:
            name: whom it is for, as the caller says; may be empty.
            caller: who is asking.

        Raises:
            TooManyAttempts: the caller's address is blocked.
            Unavailable: Redis cannot be asked.
        """
        guess = await self.begin(name, caller)
        await self._unfinished.to_the_end(self._addresses.count_evaluated(guess, self.subject(name, None)))

    @asynccontextmanager
    async def vouched_for(self, guess: Guess, subject: Subject) -> AsyncIterator[None]:
        """Let something be evaluated that nobody can guess: a refusal counts for the caller's address only.

        What proves somebody else counts as what proves nobody: an address that tries person after person is blocked.

        Args:
            guess: that was begun.
            subject: who is to be signed in.

        Raises:
            AccountLocked: nothing was evaluated.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        try:
            await self.require_open(subject)
            yield
        except AccountLocked:
            await self._unfinished.to_the_end(self._addresses.count_refused(guess, subject))
            raise
        except (CredentialsRefused, AnothersIdentity):
            await self._unfinished.to_the_end(self._addresses.count_evaluated(guess, subject))
            raise

    async def require_open(self, subject: Subject) -> None:
        """Refuse a subject that is locked, before anything is done for it.

        Raises:
            AccountLocked: it is.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        try:
            await self._state.attempts.require_open(subject)
        except AccountLocked:
            if not await self._lifted_by_new_password(subject):
                raise

    async def _slot(self, subject: Subject, held: AsyncExitStack, *, alone: bool) -> Attempt:
        # Keycloak's own detection refuses parallel grants of one account as if the password were wrong (S5).
        at_once = 1 if alone or await self._realm.brute_force_detection() else None
        try:
            return await held.enter_async_context(self._state.attempts.slot(subject, at_once=at_once))
        except AccountLocked:
            if not await self._lifted_by_new_password(subject):
                raise
        return await held.enter_async_context(self._state.attempts.slot(subject, at_once=at_once))

    async def _lifted_by_new_password(self, subject: Subject) -> bool:
        """Lift the lock of an account whose password was set after the guesses that locked it.

        Keycloak does not tell when its own mailed link was used, and a password set that way lifts the lock-out
        (design section 3).
        """
        if subject.kind != "account":
            return False
        set_at = await self._realm.credentials.password_set_at(subject.key)
        lifted = await self._state.attempts.lift_outdated(subject.key, set_at)
        if lifted:
            self._events.tell("account_unlocked", "done", account=subject.shown, reason="new_password")
        return lifted

    async def _settled(self, refusal: GatewayError, attempt: Attempt, guess: Guess, subject: Subject) -> GatewayError:
        """Count a refusal as what it is, and return what is to be told."""
        if await self._is_locked_by_keycloak(subject):
            await self._addresses.count_refused(guess, subject)
            return AccountLocked(_KEYCLOAKS_LOCK)
        if isinstance(refusal, CredentialsRefused):
            await self._count(attempt, guess, subject)
        return refusal

    async def _is_locked_by_keycloak(self, subject: Subject) -> bool:
        try:
            is_possible = subject.kind == "account" and await self._realm.brute_force_detection()
            return is_possible and await self._realm.users.is_locked(subject.key)
        except Unavailable:
            return False

    async def _count(self, attempt: Attempt, guess: Guess, subject: Subject) -> None:
        async def on_lock() -> None:
            self._events.tell("account_locked", "done", guess.caller, account=subject.shown)
            if subject.kind == "account":
                await self._notices.locked(subject.key)

        await attempt.wrong(on_lock)
        await self._addresses.count_evaluated(guess, subject)
