"""Passwords, for people who are called by one of several kinds of names (cyclos contract sections 3, 4 and 7)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from gateway.domain.accounts import Account, normalise_name
from gateway.domain.callers import Caller
from gateway.domain.errors import AccountNotReady, CredentialsRefused, PasswordOverdue
from gateway.domain.organizations import Organization
from gateway.domain.proofs import Proof
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.tokens import Tokens
from gateway.domain.visits import OfferedPassword, Principal
from gateway.identity.guesses import Guesses
from gateway.identity.password_proofs import MAX_PASSWORD_BYTES, PasswordProofs
from gateway.identity.principals import Principals
from gateway.identity.sign_in import SignIn
from gateway.identity.sign_in_events import SignInEvents
from gateway.keycloak.realm import Realm
from gateway.state.attempt import Attempt

_GENERATOR = "otp"
"""Keycloak's type of credential for a generator of codes."""

T = TypeVar("T")
Judge = Callable[[Account | None, Attempt], Awaitable[T]]


@dataclass(frozen=True, slots=True)
class Authenticated:
    """Somebody who has given the right password.

    Attributes:
        account: whose.
        principal: the name that was given.
    """

    account: Account
    principal: Principal


class NamedPasswords:
    """Judges passwords: counted, limited, padded and told; an enrolled second factor is never skipped."""

    def __init__(
        self,
        realm: Realm,
        guesses: Guesses,
        sign_in: SignIn,
        passwords: PasswordProofs,
        principals: Principals,
        events: SignInEvents,
    ) -> None:
        self._realm = realm
        self._guesses = guesses
        self._sign_in = sign_in
        self._passwords = passwords
        self._principals = principals
        self._events = events

    async def sign_in(
        self, offered: OfferedPassword, organization: Organization | None, caller: Caller
    ) -> tuple[Authenticated, Tokens]:
        """Sign a person in.

        Args:
            offered: name and password as typed.
            organization: that the person has to be a member of, or None.
            caller: who is asking.

        Raises:
            CredentialsRefused: unknown, wrong, locked, no member, or a second factor is enrolled.
            AccountDisabled: right, but switched off.
            AccountNotReady: right, but Keycloak wants an action first; `PasswordOverdue` for a new password.
            NameKindRefused: nobody signs in by the kind of name that was said.
            AddressBlocked: nothing was evaluated.
            Unavailable: Keycloak or Redis cannot be asked; nothing was counted.
        """

        async def judge(account: Account | None, attempt: Attempt) -> Tokens:
            return await self._sign_in.granted(account, offered.password, attempt, remember=False)

        who, tokens = await self._judged(offered, organization, caller, judge)
        self._events.done(caller, who.account.id)
        return who, tokens

    async def prove(self, offered: OfferedPassword, organization: Organization | None, caller: Caller) -> Authenticated:
        """Find out who is asking, for one request; no session of Keycloak's stays behind.

        Arguments and raises as `sign_in`.
        """

        async def judge(account: Account | None, attempt: Attempt) -> None:
            await self._prove(account, offered.password, frozenset())
            await attempt.complete()

        who, _ = await self._judged(offered, organization, caller, judge)
        self._events.done(caller, who.account.id, "one_request")
        return who

    async def begin(
        self, offered: OfferedPassword, organization: Organization | None, caller: Caller, second: Proof | None
    ) -> Authenticated:
        """Take the password as the first of two proofs; Keycloak has no session yet (security S27).

        Args:
            second: what is asked for next; only a generator may be enrolled for that, and nothing for anything else.

        Other arguments and raises as `sign_in`.
        """
        enrolled = frozenset({_GENERATOR} if second is Proof.TOTP else ())

        async def judge(account: Account | None, attempt: Attempt) -> None:
            del attempt  # one right factor of two clears no counter (security S1)
            await self._prove(account, offered.password, enrolled)

        who, _ = await self._judged(offered, organization, caller, judge)
        self._events.proven(SignInMethod.PASSWORD, who, caller, who.account.id)
        return who

    async def _judged(
        self, offered: OfferedPassword, organization: Organization | None, caller: Caller, judge: Judge[T]
    ) -> tuple[Authenticated, T]:
        async with self._guesses.padded():
            name = await self._readable(offered.name, offered.password, caller)
            guess = await self._guesses.begin(name, caller)
            account, principal = await self._found(offered.name, name, offered.kind, organization)
            subject = self._guesses.subject(name, account)
            with self._events.sign_in_refusals(caller, subject.shown):
                async with self._guesses.admitted(guess, subject) as attempt:
                    outcome = await self._told(account, judge(account, attempt))
        if account is None or principal is None:
            raise CredentialsRefused
        return Authenticated(account, principal), outcome

    async def _readable(self, typed: str, password: str, caller: Caller) -> str:
        """Return the name, normalised; what nobody can have is counted without asking Keycloak."""
        name = normalise_name(typed)
        if name is None or not password or len(password.encode()) > MAX_PASSWORD_BYTES:
            await self._guesses.count_unread(typed, caller)
            self._events.malformed(caller)
            raise CredentialsRefused
        return name

    async def _found(
        self, typed: str, name: str, kind: str, organization: Organization | None
    ) -> tuple[Account | None, Principal | None]:
        found = await self._principals.find(name, self._principals.kinds_called(kind))
        if found is None:
            return None, None
        account, what = found
        # Whoever is no member is as good as unknown: his password is not tried.
        if organization and not await self._realm.organizations.has_member(organization, account.id):
            return None, None
        return account, Principal(what, typed)

    async def _told(self, account: Account | None, judging: Awaitable[T]) -> T:
        """Judge, and say more exactly what Keycloak wants first."""
        try:
            return await judging
        except AccountNotReady:
            profile = await self._realm.profiles.of(account.id) if account else None
            raise PasswordOverdue if profile and profile.needs_new_password else AccountNotReady from None

    async def _prove(self, account: Account | None, password: str, enrolled: frozenset[str]) -> None:
        person, name = await self._passwords.named(account, password)
        await self._realm.factors.prove_password(name, password)
        if await self._realm.credentials.second_factors(person.id) - enrolled:
            raise CredentialsRefused
