"""Changing a password: one's own with the current one, or another's as an administrator."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountNotFound,
    CredentialsRefused,
    CurrentPasswordRefused,
    GatewayError,
    PasswordRefused,
    Unavailable,
)
from gateway.domain.password_rules import PasswordRule
from gateway.domain.purposes import LinkPurpose
from gateway.domain.tokens import SignedIn, Tokens
from gateway.identity.guesses import Guesses
from gateway.identity.notices import Notices
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sessions import RESUMED_FOR, Sessions, in_any_case
from gateway.identity.sign_in import MAX_PASSWORD_BYTES
from gateway.keycloak.realm import Realm
from gateway.state.attempts import Subject
from gateway.state.links import Claim
from gateway.state.outbox import Parcel
from gateway.state.store import State
from gateway.unfinished import Unfinished

MAX_NEW_PASSWORD = 256
"""Longest new password, code points (security S32)."""

EFFECTS = "effects_of_a_new_password"
_SETTLED_AFTER = timedelta(seconds=10)
"""Longer than a request may take; until then its own process sees to the effects."""
_CLOCKS_APART = 5000
"""Milliseconds that Keycloak's clock may be behind Redis'."""
_LOOKS = 10
"""How often it is looked whether a password was set whose answer was lost: over some four minutes."""
_SAME = "The new password must differ from the current one"


class Passwords:
    """Sets passwords; whoever else was signed in as the account is signed out."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        state: State,
        guesses: Guesses,
        sessions: Sessions,
        events: SecurityEvents,
        unfinished: Unfinished,
        *,
        notices: Notices,
    ) -> None:
        self._realm = realm
        self._notices = notices
        self._state = state
        self._guesses = guesses
        self._sessions = sessions
        self._events = events
        self._unfinished = unfinished

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
            Unavailable: Keycloak or Redis cannot be asked. If Keycloak did set the password and only its answer was
                lost, the effects follow.
        """
        try:
            with self._events.refusals(
                PasswordRefused, "password_changed", caller, account=person.account_id, reason="policy"
            ):
                await self._change(person, current, new, caller)
        except CredentialsRefused:
            self._events.tell("password_changed", "refused", caller, account=person.account_id, reason="credentials")
            raise CurrentPasswordRefused from None

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
        with self._events.refusals(
            PasswordRefused, "password_set", caller, account=target.id, actor=person.account_id, reason="policy"
        ):
            await self._to_the_end(self._set_by(person, target, new, caller))

    async def resume(self, parcel: Parcel) -> None:
        """Look whether a password was set as the parcel foretold, and let it have its effects.

        Raises:
            Unavailable: Keycloak or Redis cannot be asked; or nothing was set yet, but may still be.
        """
        effects = _Effects.of(parcel)
        set_at = await self._realm.credentials.password_set_at(effects.account_id)
        if set_at >= parcel.added_at - _CLOCKS_APART:
            ending = self._sessions.end_in_keycloak(effects.kept, effects.account_id, begun_until=set_at)
            await in_any_case(ending, self._unlock(effects), self._void_what_was_open(effects.account_id))
        elif parcel.attempts < _LOOKS:
            raise Unavailable("keycloak")

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
            async with self._verified(person, current, caller):
                rule.require(new)
                await self._to_the_end(self._replaced(account, new, caller))
        except CredentialsRefused:
            self._events.tell("password_changed", "refused", caller, account=account.id, reason="credentials")
            raise
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
        await self._to_the_end(self._set_by_link(account, new, claim, caller))

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

    async def _change(self, person: SignedIn, current: str, new: str, caller: Caller) -> None:
        async with self._verified(person, current, caller):
            if new == current:
                raise PasswordRefused(_SAME)
            await self._to_the_end(self._changed(person, new, caller))

    @asynccontextmanager
    async def _verified(self, person: SignedIn, current: str, caller: Caller) -> AsyncIterator[None]:
        """Let something be done by a person who proves the current password, and nothing else beside it."""
        if len(current.encode()) > MAX_PASSWORD_BYTES:
            raise CredentialsRefused
        # The name in the token may be out of date.
        account = await self._realm.users.get(person.account_id)
        name = await self._realm.users.login_name(account) if account else None
        if name is None:
            raise CredentialsRefused
        # Alone, for Keycloak fails at two new passwords for one account at once. One right factor clears no counter
        # (design section 3): the slot is only given back.
        async with self._guesses.admitted(Subject.account(person.account_id), caller, alone=True):
            await self._realm.tokens.check_password(name, current)
            yield

    async def _changed(self, person: SignedIn, new: str, caller: Caller) -> None:
        await self._set(_Effects(person.account_id, person.session_id, unlocks=False), new)
        self._events.tell("password_changed", "done", caller, account=person.account_id)

    async def _set_by(self, person: SignedIn, target: Account, new: str, caller: Caller) -> None:
        await self._set(_Effects(target.id, None, unlocks=True), new)
        self._events.tell("password_set", "done", caller, account=target.id, actor=person.account_id)

    async def _replaced(self, account: Account, new: str, caller: Caller) -> None:
        await self._set(_Effects(account.id, None, unlocks=False), new)
        self._events.tell("password_changed", "done", caller, account=account.id)

    async def _set_by_link(self, account: Account, new: str, claim: Claim, caller: Caller) -> None:
        await self._set(_Effects(account.id, None, unlocks=True), new)
        await claim.consume()
        self._events.tell("password_set", "done", caller, account=account.id, reason="link")

    async def _set(self, effects: "_Effects", new: str) -> None:
        if len(new) > MAX_NEW_PASSWORD:
            raise PasswordRefused(f"The new password must not be longer than {MAX_NEW_PASSWORD} characters")
        # Noted first: whatever is lost from here on, the process, Redis or Keycloak's answer, the effects are not.
        noted = await self._state.outbox.add(EFFECTS, effects.content(), RESUMED_FOR, wait=_SETTLED_AFTER)
        try:
            await self._realm.credentials.set_password(effects.account_id, new)
        except (PasswordRefused, AccountNotFound):
            await self._state.outbox.take_out(noted)
            raise
        with suppress(Unavailable):
            ending = self._sessions.end_all_but(effects.kept, effects.account_id)
            await in_any_case(ending, self._unlock(effects), self._void_what_was_open(effects.account_id))
            await self._state.outbox.take_out(noted)
        await self._notices.password_changed(effects.account_id)

    async def _void_what_was_open(self, account_id: str) -> None:
        """End sign-ins under way, codes and links: whoever had them may be why the password was changed (S21)."""
        subject = Subject.account(account_id)
        await in_any_case(
            self._state.sign_in_sessions.end_all(account_id),
            self._state.one_time_codes.void_all(subject),
            self._state.links.void_all(LinkPurpose.RESET, subject),
        )

    async def _unlock(self, effects: "_Effects") -> None:
        if effects.unlocks:
            lifting = self._state.attempts.lift(effects.account_id)
            await in_any_case(lifting, self._realm.users.lift_lock(effects.account_id))

    async def _to_the_end(self, work: Coroutine[Any, Any, None]) -> None:
        """Let a password that is being set have all its effects, although its request is cancelled or out of time."""
        await asyncio.shield(self._unfinished.begin(work))


@dataclass(frozen=True, slots=True)
class _Effects:
    """What setting a password brings about.

    Attributes:
        kept: the one session that goes on, or None.
        unlocks: whether the lock-out is lifted, in the gateway and in Keycloak.
    """

    account_id: str
    kept: str | None
    unlocks: bool

    @classmethod
    def of(cls, parcel: Parcel) -> "_Effects":
        """Read what `content` wrote."""
        content = parcel.content
        return cls(content["account"], content["kept"] or None, unlocks=bool(content["unlocks"]))

    def content(self) -> dict[str, str]:
        """Write it for the outbox."""
        return {"account": self.account_id, "kept": self.kept or "", "unlocks": "yes" if self.unlocks else ""}
