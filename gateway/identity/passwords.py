"""Changing a password: one's own with the current one, or another's as an administrator."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import CredentialsRefused, CurrentPasswordRefused, PasswordRefused
from gateway.domain.tokens import SignedIn
from gateway.identity.guesses import Guesses
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import MAX_PASSWORD_BYTES
from gateway.keycloak.realm import Realm
from gateway.state.attempts import Attempts, Subject
from gateway.state.unfinished import Unfinished

MAX_NEW_PASSWORD = 256
"""Longest new password, code points (security S32)."""


class Passwords:
    """Sets passwords; whoever else was signed in as the account is signed out."""

    def __init__(
        self, realm: Realm, attempts: Attempts, guesses: Guesses, sessions: Sessions, events: SecurityEvents
    ) -> None:
        self._realm = realm
        self._attempts = attempts
        self._guesses = guesses
        self._sessions = sessions
        self._events = events
        self._unfinished = Unfinished()

    async def change(self, person: SignedIn, current: str, new: str, caller: Caller) -> None:
        """Change a signed-in person's own password; every other session of the person ends.

        Args:
            person: who is signed in; his session stays.
            current: the password he has; a wrong one counts towards the lock-out.
            new: the password he wants.
            caller: who is asking.

        Raises:
            CurrentPasswordRefused: wrong, locked, or there is none.
            PasswordRefused: the new one breaks a rule, or is the current one.
            TooManyAttempts: the address is blocked.
            Unavailable: Keycloak or Redis cannot be asked; the password is as it was.
        """
        try:
            await self._verify(person, current, caller)
        except CredentialsRefused:
            self._events.tell("password_changed", "refused", caller, account=person.account_id, reason="credentials")
            raise CurrentPasswordRefused from None
        if new == current:
            raise PasswordRefused("The new password must differ from the current one")
        await self._to_the_end(self._set(person.account_id, new, kept_session=person.session_id))
        self._events.tell("password_changed", "done", caller, account=person.account_id)

    async def set_by_administrator(self, target: Account, new: str, person: SignedIn, caller: Caller) -> None:
        """Set another account's password for good; all its sessions end and its lock-out is lifted.

        The right to do so is `Rights.require_administrator_of`'s to check.

        Args:
            target: whose password is set.
            new: the password.
            person: the administrator.
            caller: who is asking.

        Raises:
            PasswordRefused: the new one breaks a rule.
            AccountNotFound: the account has gone meanwhile.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        await self._to_the_end(self._set_and_unlock(target.id, new))
        self._events.tell("password_set", "done", caller, account=target.id, actor=person.account_id)

    async def _verify(self, person: SignedIn, current: str, caller: Caller) -> None:
        if len(current.encode()) > MAX_PASSWORD_BYTES:
            raise CredentialsRefused
        # One right factor clears no counter (design section 3): the slot is only given back.
        async with self._guesses.admitted(Subject.account(person.account_id), caller):
            await self._realm.tokens.check_password(person.username, current)

    async def _set(self, account_id: str, new: str, *, kept_session: str | None) -> None:
        if len(new) > MAX_NEW_PASSWORD:
            raise PasswordRefused(f"The new password must not be longer than {MAX_NEW_PASSWORD} characters")
        await self._realm.credentials.set_password(account_id, new)
        await self._sessions.end_all_but(kept_session, account_id)

    async def _set_and_unlock(self, account_id: str, new: str) -> None:
        await self._set(account_id, new, kept_session=None)
        await self._attempts.lift(account_id)
        await self._realm.users.lift_lock(account_id)

    async def _to_the_end(self, work: Coroutine[Any, Any, None]) -> None:
        """Let a password that is being set have all its effects, although its request is cancelled or out of time."""
        await asyncio.shield(self._unfinished.begin(work))
