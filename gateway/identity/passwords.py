"""Changing a password: one's own with the current one, or another's as an administrator."""

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountLocked,
    AccountNotFound,
    CredentialsRefused,
    CurrentPasswordRefused,
    GatewayError,
    NotSignedIn,
    PasswordRefused,
)
from gateway.domain.password_rules import UNLIKE_THE_CURRENT, PasswordRule
from gateway.domain.tokens import SignedIn, Tokens
from gateway.identity.captchas import Captchas
from gateway.identity.guesses import Guesses
from gateway.identity.new_passwords import Effects, NewPasswords
from gateway.identity.password_proofs import require_length
from gateway.identity.proven_steps import ProvenSteps
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.state.subjects import Subject
from gateway.unfinished import Unfinished

_REASONS = {PasswordRefused: "policy", AccountLocked: "locked", CredentialsRefused: "credentials"}


class Passwords:
    """Sets passwords; whoever else was signed in as the account is signed out."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        guesses: Guesses,
        new_passwords: NewPasswords,
        events: SecurityEvents,
        unfinished: Unfinished,
        *,
        captchas: Captchas,
        proven_steps: ProvenSteps,
    ) -> None:
        self._realm = realm
        self._captchas = captchas
        self._proven_steps = proven_steps
        self._guesses = guesses
        self._new_passwords = new_passwords
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
            NotSignedIn: the account has gone meanwhile.
            PasswordRefused: the new one breaks a rule, or is the current one.
            TooManyAttempts: the address is blocked.
            Unavailable: Keycloak or Redis cannot be asked. If Keycloak did set the password and only its answer was
                lost, the effects follow.
        """
        try:
            with self._refusals(person.account_id, caller):
                await self._change(person, current, new, caller)
        except CredentialsRefused:
            raise CurrentPasswordRefused from None
        except AccountNotFound:
            raise NotSignedIn from None

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
            TooManyAttempts: others have been setting it for too long.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        with self._events.refusals(
            PasswordRefused, "password_set", caller, account=target.id, actor=person.account_id, reason="policy"
        ):
            await self._unfinished.to_the_end(self._set_by(person, target, new, caller))

    async def replace(
        self, person: SignedIn, current: str, new: str, rule: PasswordRule, caller: Caller, *, captcha: str | None
    ) -> Tokens | None:
        """Change a signed-in person's own password; all sessions end, his own too (pipeshub contract section 10).

        Args:
            person: who is signed in.
            current: the password he has; a wrong one counts towards the lock-out.
            new: the password he wants.
            rule: what the document demands of it.
            caller: who is asking.
            captcha: what solving one has given the caller, or None.

        Returns:
            Tokens of a new session; None when a second factor is enrolled or Keycloak gives none now, since the
            password is changed all the same.

        Raises:
            CaptchaRefused: CAPTCHA is on, and nothing shows that a human is asking; nothing was evaluated.
            AccountNotFound: the account has no password, or has gone.
            AccountLocked: too many wrong tries; nothing was evaluated.
            PasswordRefused: the new one is the current one, or breaks a rule.
            CredentialsRefused: the current one is wrong.
            TooManyAttempts: the address is blocked.
            Unavailable: Keycloak or Redis cannot be asked; the password is as it was.
        """
        await self._captchas.require(captcha, caller)
        account = await self._realm.users.get(person.account_id)
        if account is None or not await self._realm.credentials.has_password(account.id):
            raise AccountNotFound
        with self._refusals(account.id, caller):
            await self._guesses.require_open(Subject.account(account.id))
            if new == current:
                raise PasswordRefused(UNLIKE_THE_CURRENT)
            require_length(current)
            async with self._verified(account, current, caller):
                rule.require(new)
                await self._unfinished.to_the_end(self._replaced(account, new, caller))
        return await self._signed_in(account)

    def _refusals(self, account_id: str, caller: Caller) -> AbstractContextManager[None]:
        """Tell why a password was not changed."""
        return self._events.refusals_by(_REASONS, "password_changed", caller, account=account_id)

    async def _signed_in(self, account: Account) -> Tokens | None:
        try:
            # A stolen access token and the password are no second factor (S29): such a person signs in anew.
            await self._proven_steps.require_ready(account)
            return await self._realm.tokens.sign_in_verified(account)
        except GatewayError:
            return None

    async def _change(self, person: SignedIn, current: str, new: str, caller: Caller) -> None:
        require_length(current)
        # The name in the token may be out of date.
        account = await self._realm.users.get(person.account_id)
        if account is None:
            raise AccountNotFound
        async with self._verified(account, current, caller):
            if new == current:
                raise PasswordRefused(UNLIKE_THE_CURRENT)
            await self._unfinished.to_the_end(self._changed(person, new, caller))

    @asynccontextmanager
    async def _verified(self, account: Account, current: str, caller: Caller) -> AsyncIterator[None]:
        """Let something be done by a person who proves the current password, and nothing else beside it."""
        name = await self._realm.users.login_name(account)
        if name is None:
            raise CredentialsRefused
        subject = Subject.account(account.id)
        guess = await self._guesses.begin(account.id, caller, subject)
        # Alone: of two who know the current password, the second must prove that it is still the current one. One right
        # factor clears no counter (design section 3): the slot is only given back.
        async with self._guesses.admitted(guess, subject, alone=True):
            await self._realm.factors.check_password(name, current)
            yield

    async def _changed(self, person: SignedIn, new: str, caller: Caller) -> None:
        await self._new_passwords.set(new, Effects(person.account_id, kept=person.session_id))
        self._events.tell("password_changed", "done", caller, account=person.account_id)

    async def _set_by(self, person: SignedIn, target: Account, new: str, caller: Caller) -> None:
        await self._new_passwords.set(new, Effects(target.id, unlocks=True))
        self._events.tell("password_set", "done", caller, account=target.id, actor=person.account_id)

    async def _replaced(self, account: Account, new: str, caller: Caller) -> None:
        await self._new_passwords.set(new, Effects(account.id))
        self._events.tell("password_changed", "done", caller, account=account.id)
