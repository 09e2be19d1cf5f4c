"""Changing a password: one's own with the current one, or another's as an administrator."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountNotFound,
    CredentialsRefused,
    CurrentPasswordRefused,
    GatewayError,
    PasswordRefused,
)
from gateway.domain.password_rules import PasswordRule
from gateway.domain.purposes import LinkPurpose
from gateway.domain.tokens import SignedIn, Tokens
from gateway.identity.guesses import Guesses
from gateway.identity.notices import Notices
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.identity.sign_in import MAX_PASSWORD_BYTES
from gateway.keycloak.realm import Realm
from gateway.state.attempts import Subject
from gateway.state.links import Claim
from gateway.state.store import State
from gateway.state.unfinished import Unfinished

MAX_NEW_PASSWORD = 256
"""Longest new password, code points (security S32)."""


_SAME = "The new password must differ from the current one"


class Passwords:
    """Sets passwords; whoever else was signed in as the account is signed out."""

    def __init__(
        self,
        realm: Realm,
        state: State,
        guesses: Guesses,
        sessions: Sessions,
        events: SecurityEvents,
        notices: Notices,
    ) -> None:
        self._realm = realm
        self._state = state
        self._notices = notices
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
            raise PasswordRefused(_SAME)
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

    async def replace(
        self, person: SignedIn, current: str, new: str, rule: PasswordRule, caller: Caller
    ) -> Tokens | None:
        """Change a signed-in person's own password; all sessions end, his own too (pipeshub contract section 10).

        Args:
            person: who is signed in.
            current: the password he has; a wrong one counts towards the lock-out.
            new: the password he wants.
            rule: what the document demands of it.
            caller: who is asking.

        Returns:
            Tokens of a new session; None when Keycloak gives none now, since the password is changed all the same.

        Raises:
            AccountNotFound: the account has no password, or has gone.
            AccountLocked: too many wrong tries; nothing was evaluated.
            PasswordRefused: the new one is the current one, or breaks a rule.
            CredentialsRefused: the current one is wrong.
            TooManyAttempts: the address is blocked.
            Unavailable: Keycloak or Redis cannot be asked; the password is as it was.
        """
        account = await self._realm.users.get(person.account_id)
        if account is None or not await self._realm.credentials.has_password(account.id):
            raise AccountNotFound
        await self._guesses.require_open(Subject.account(account.id))
        if new == current:
            raise PasswordRefused(_SAME)
        try:
            await self._verify(person, current, caller)
        except CredentialsRefused:
            self._events.tell("password_changed", "refused", caller, account=account.id, reason="credentials")
            raise
        rule.require(new)
        await self._to_the_end(self._set(account.id, new, kept_session=None))
        self._events.tell("password_changed", "done", caller, account=account.id)
        return await self._signed_in(account)

    async def set_by_link(self, account: Account, new: str, rule: PasswordRule, claim: Claim, caller: Caller) -> None:
        """Set a password by a mailed link, and use the link up; all sessions end and a lock is lifted.

        Args:
            account: whose password.
            new: the password.
            rule: what the document demands of it.
            claim: on the link.
            caller: who is asking.

        Raises:
            PasswordRefused: the new one breaks a rule, or is the old one.
            AccountNotFound: the account has gone meanwhile.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        rule.require(new)
        if await self._is_current(account, new):
            raise PasswordRefused(_SAME)
        await self._to_the_end(self._set_and_consume(account.id, new, claim))
        self._events.tell("password_set", "done", caller, account=account.id, reason="link")

    async def _is_current(self, account: Account, password: str) -> bool:
        if not await self._realm.credentials.has_password(account.id):
            return False
        try:
            await self._realm.tokens.check_password(account.username, password)
        except CredentialsRefused:
            return False
        return True

    async def _signed_in(self, account: Account) -> Tokens | None:
        try:
            return await self._realm.tokens.sign_in_verified(account)
        except GatewayError:
            return None

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
        await self._end_what_was_open(account_id, kept_session)
        await self._notices.password_changed(account_id)

    async def _end_what_was_open(self, account_id: str, kept_session: str | None) -> None:
        """End sessions, sign-ins under way, codes and links: whoever had them may be why the password was changed."""
        await self._sessions.end_all_but(kept_session, account_id)
        subject = Subject.account(account_id)
        await self._state.sign_in_sessions.end_all(account_id)
        await self._state.one_time_codes.void_all(subject)
        await self._state.links.void_all(LinkPurpose.RESET, subject)

    async def _set_and_consume(self, account_id: str, new: str, claim: Claim) -> None:
        await self._set_and_unlock(account_id, new)
        await claim.consume()

    async def _set_and_unlock(self, account_id: str, new: str) -> None:
        await self._set(account_id, new, kept_session=None)
        await self._state.attempts.lift(account_id)
        await self._realm.users.lift_lock(account_id)

    async def _to_the_end(self, work: Coroutine[Any, Any, None]) -> None:
        """Let a password that is being set have all its effects, although its request is cancelled or out of time."""
        await asyncio.shield(self._unfinished.begin(work))
