"""Changing a password: one's own with the current one, or another's as an administrator."""

from collections.abc import Awaitable

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import CredentialsRefused, CurrentPasswordRefused, PasswordRefused
from gateway.domain.tokens import SignedIn
from gateway.identity.completion import completed
from gateway.identity.guesses import Guesses
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import MAX_PASSWORD_BYTES
from gateway.keycloak.realm import Realm
from gateway.state.attempts import Attempts, Subject

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
        await self._set(person.account_id, new)
        await completed(self._sessions.end_all_but(person.session_id, person.account_id))
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
        await self._set(target.id, new)
        await completed(self._after_reset(target.id))
        self._events.tell("password_set", "done", caller, account=target.id, actor=person.account_id)

    async def _verify(self, person: SignedIn, current: str, caller: Caller) -> None:
        if len(current.encode()) > MAX_PASSWORD_BYTES:
            raise CredentialsRefused
        # One right factor clears no counter (design section 3): the slot is only given back.
        async with self._guesses.admitted(Subject.account(person.account_id), caller):
            await self._realm.tokens.check_password(person.username, current)

    def _set(self, account_id: str, new: str) -> Awaitable[None]:
        if len(new) > MAX_NEW_PASSWORD:
            raise PasswordRefused(f"The new password must not be longer than {MAX_NEW_PASSWORD} characters")
        return self._realm.credentials.set_password(account_id, new)

    async def _after_reset(self, account_id: str) -> None:
        await self._sessions.end_all_but(None, account_id)
        await self._attempts.lift(account_id)
        await self._realm.users.lift_lock(account_id)
