"""Signing in with a user name and a password in one step."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.domain.accounts import Account, normalise_name
from gateway.domain.callers import Caller
from gateway.domain.errors import CredentialsRefused
from gateway.domain.tokens import Tokens
from gateway.identity.guesses import Guesses
from gateway.identity.password_proofs import MAX_PASSWORD_BYTES, PasswordProofs
from gateway.identity.sign_in_events import SignInEvents
from gateway.keycloak.realm import Realm
from gateway.state.attempt import Attempt

T = TypeVar("T")


class SignIn:
    """Single-step sign-in through the realm's own direct-grant flow; no enrolled second factor is skipped."""

    def __init__(self, realm: Realm, guesses: Guesses, passwords: PasswordProofs, events: SignInEvents) -> None:
        self._realm = realm
        self._guesses = guesses
        self._passwords = passwords
        self._events = events

    async def with_password(self, name: str, password: str, *, remember: bool, caller: Caller) -> Tokens:
        """Sign a person in.

        Args:
            name: user name or e-mail address as typed.
            password: as typed; passed on unchanged.
            remember: ask for an offline token; an ordinary session when Keycloak refuses it.
            caller: who is asking.

        Returns:
            Keycloak's tokens. The account's counters are cleared.

        Raises:
            CredentialsRefused: unknown, wrong, disabled, without password, second factor enrolled, or locked.
            AccountNotReady: right password, but Keycloak wants an action first.
            TooManyAttempts: the address is blocked.
            Unavailable: Keycloak or Redis cannot be asked; nothing was counted.
        """

        async def evaluate(account: Account | None, attempt: Attempt) -> Tokens:
            return await self.granted(account, password, attempt, remember=remember)

        return await self.evaluated(name, password, caller, evaluate)

    async def evaluated(
        self, name: str, secret: str, caller: Caller, evaluate: Callable[[Account | None, Attempt], Awaitable[T]]
    ) -> T:
        """Have one guess evaluated: counted, limited, padded and told.

        Args:
            name: user name or e-mail address as typed.
            secret: as typed.
            caller: who is asking.
            evaluate: judges the secret for whoever has the name, and completes the attempt when it is right.

        Raises:
            CredentialsRefused: unknown, wrong or locked.
            TooManyAttempts: the address is blocked.
            Unavailable: Keycloak or Redis cannot be asked; nothing was counted.

        And whatever evaluating raises besides.
        """
        async with self._guesses.padded():
            normalised = normalise_name(name)
            if normalised is None or len(secret.encode()) > MAX_PASSWORD_BYTES:
                self._events.malformed(caller)
                raise CredentialsRefused
            guess = await self._guesses.begin(normalised, caller)
            account = await self._realm.users.find(normalised)
            subject = self._guesses.subject(normalised, account)
            with self._events.sign_in_refusals(caller, subject.shown):
                async with self._guesses.admitted(guess, subject) as attempt:
                    outcome = await evaluate(account, attempt)
        self._events.done(caller, subject.shown)
        return outcome

    async def granted(self, account: Account | None, password: str, attempt: Attempt, *, remember: bool) -> Tokens:
        """Judge a password; call it from what is given to `evaluated`.

        Raises:
            CredentialsRefused: unknown, wrong, disabled, without password, or second factor enrolled.
            AccountNotReady: right password, but Keycloak wants an action first.
            Unavailable: Keycloak or Redis cannot be asked; no session remains.
        """
        person, login_name = await self._passwords.named(account, password)
        async with self._passwords.granted(person, login_name, password, offline=remember) as tokens:
            await attempt.complete()
        return tokens
