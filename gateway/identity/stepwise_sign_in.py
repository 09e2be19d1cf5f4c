"""Signing in step by step, as each organization wants it (pipeshub contract sections 4 to 7, security S27)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountLocked,
    AccountNotFound,
    AccountNotReady,
    CodeExpired,
    CredentialsRefused,
    GatewayError,
    SignInNotFound,
)
from gateway.domain.purposes import CodePurpose
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.sign_ins import OpenSignIn
from gateway.domain.tokens import Tokens
from gateway.identity.guesses import Guesses
from gateway.identity.organization_steps import OrganizationSteps
from gateway.identity.security_events import Event, SecurityEvents
from gateway.identity.sign_in import MAX_PASSWORD_BYTES
from gateway.keycloak.realm import Realm
from gateway.state.attempts import Attempt, Subject
from gateway.state.sign_in_sessions import CompletedStep, SignInSession
from gateway.state.store import State
from gateway.unfinished import Unfinished

_FAILURES = (GatewayError, asyncio.CancelledError)

Progress = Tokens | OpenSignIn
"""What a proven step leads to: the tokens, or the sign-in at its next step."""


@dataclass(frozen=True, slots=True)
class SignInTerms:
    """What is promised of sign-ins.

    Attributes:
        lifetime: of a sign-in under way, anew from each step.
        conceal_unknown: whether unknown, disabled and locked addresses are answered like any other.
    """

    lifetime: timedelta
    conceal_unknown: bool


class StepwiseSignIn:
    """Begins sign-ins and lets people prove one step after the other; no session of Keycloak's before the last."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        state: State,
        guesses: Guesses,
        steps: OrganizationSteps,
        events: SecurityEvents,
        unfinished: Unfinished,
        *,
        terms: SignInTerms,
    ) -> None:
        self._realm = realm
        self._state = state
        self._guesses = guesses
        self._steps = steps
        self._events = events
        self._terms = terms
        self._unfinished = unfinished

    async def begin(self, email: str, caller: Caller) -> OpenSignIn:
        """Begin a sign-in.

        Args:
            email: normalised.
            caller: who is asking; the sign-in goes on at the same surface only.

        Raises:
            AccountNotFound: nobody who may sign in has it, and that is not concealed.
            AccountLocked: too many wrong tries, and that is not concealed.
            SignInStepsUnusable: the organization's steps cannot be used.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        account = await self._required(await self._realm.users.find_by_email(email))
        if not self._terms.conceal_unknown:
            await self._guesses.require_open(self._guesses.subject(email, account))
        applicable = await self._steps.of(email, account)
        organization = applicable.organization
        session = SignInSession(caller.surface, organization.id if organization else None, applicable.steps, email)
        token = await self._state.sign_in_sessions.begin(session, self._terms.lifetime)
        self._events.tell("sign_in_begun", "done", caller, account=account.id if account else "none")
        return OpenSignIn(token, email, applicable.steps)

    async def resume(self, token: str, caller: Caller) -> OpenSignIn:
        """Find a sign-in under way.

        Raises:
            SignInNotFound: unknown, expired, finished, ended, or begun at another surface.
            Unavailable: Redis cannot be asked.
        """
        session = await self._state.sign_in_sessions.get(token, caller.surface)
        if session is None:
            raise SignInNotFound
        return OpenSignIn(token, session.name, session.steps, session.step, session.account_id)

    async def prove_password(self, sign_in: OpenSignIn, password: str, caller: Caller) -> Progress:
        """Prove the current step by the password.

        Args:
            sign_in: as `resume` found it.
            password: as typed; passed on unchanged.
            caller: who is asking.

        Raises:
            MethodRefused: the current step takes no password.
            AccountNotFound: nobody who may sign in has the address any more, and that is not concealed.
            AccountLocked: too many wrong tries; nothing was evaluated.
            CredentialsRefused: wrong; counted.
            AccountNotReady: right, but something has to be done first that this way of signing in cannot ask for.
            SignInNotFound: another request has completed the step.
            TooManyAttempts: the address is blocked.
            Unavailable: Keycloak or Redis cannot be asked; nothing was counted, and the step can be proven again.
        """

        async def evaluate(account: Account | None, attempt: Attempt) -> Progress:
            return await self._by_password(sign_in, account, password, attempt)

        return await self._proven(sign_in, SignInMethod.PASSWORD, caller, evaluate)

    async def prove_code(self, sign_in: OpenSignIn, code: str, caller: Caller) -> Progress:
        """Prove the current step by a mailed code; a right one is used up.

        Args:
            sign_in: as `resume` found it.
            code: six digits.
            caller: who is asking.

        Raises:
            CodeExpired: the code's time is over; not counted.
            CredentialsRefused: wrong, used, replaced or never sent; counted.

        And the rest as `prove_password`.
        """

        async def evaluate(account: Account | None, attempt: Attempt) -> Progress:
            return await self._by_code(sign_in, account, code, attempt)

        return await self._proven(sign_in, SignInMethod.ONE_TIME_CODE, caller, evaluate)

    async def _proven(
        self,
        sign_in: OpenSignIn,
        method: SignInMethod,
        caller: Caller,
        evaluate: Callable[[Account | None, Attempt], Awaitable[Progress]],
    ) -> Progress:
        sign_in.require(method)
        async with self._guesses.padded():
            account = await self._account_of(sign_in)
            subject = self._guesses.subject(sign_in.name, account)
            try:
                async with self._guesses.admitted(subject, caller) as attempt:
                    progress = await evaluate(account, attempt)
            except (CredentialsRefused, AccountNotReady, CodeExpired) as refusal:
                self._events.tell("sign_in_step", "refused", caller, account=subject.shown, reason=_reason(refusal))
                raise
        event: Event = "sign_in" if isinstance(progress, Tokens) else "sign_in_step"
        self._events.tell(event, "done", caller, account=subject.shown, reason=method.value)
        return progress

    async def _account_of(self, sign_in: OpenSignIn) -> Account | None:
        """Find whom the sign-in is for: from the first proven step on, the one person it is bound to."""
        if sign_in.account_id is not None:
            return await self._required(await self._realm.users.get(sign_in.account_id))
        return await self._required(await self._realm.users.find_by_email(sign_in.name))

    async def _required(self, account: Account | None) -> Account | None:
        if account is not None and account.enabled:
            return account
        if not self._terms.conceal_unknown:
            raise AccountNotFound
        return None

    async def _by_password(
        self, sign_in: OpenSignIn, account: Account | None, password: str, attempt: Attempt
    ) -> Progress:
        if len(password.encode()) > MAX_PASSWORD_BYTES:
            raise CredentialsRefused
        name = await self._realm.users.login_name(account) if account else None
        if account is None or name is None:
            await self._realm.tokens.spend_equal_effort(password)
            raise CredentialsRefused
        if len(sign_in.steps) == 1:
            # The realm's own flow, which asks for whatever else it wants.
            tokens = await self._realm.tokens.sign_in(name, password, offline=False)
            async with self._ended_on_failure(tokens), self._finished(sign_in, account):
                await attempt.complete()
            return tokens
        await self._realm.tokens.prove_password(name, password)
        return await self._passed(sign_in, account, attempt)

    async def _by_code(self, sign_in: OpenSignIn, account: Account | None, code: str, attempt: Attempt) -> Progress:
        subject = Subject.account(account.id) if account else self._guesses.subject(sign_in.name, None)
        checked = await self._state.one_time_codes.check(CodePurpose.SIGN_IN, subject, code)
        if checked.verdict == "expired":
            raise CodeExpired
        if checked.verdict != "right" or account is None:
            raise CredentialsRefused
        try:
            return await self._passed(sign_in, account, attempt)
        except _FAILURES:
            await checked.give_back()
            raise

    async def _passed(self, sign_in: OpenSignIn, account: Account, attempt: Attempt) -> Progress:
        """Go on from a step that the gateway has verified itself."""
        await self._require_ready(account)
        if not sign_in.is_at_last_step:
            _require_completed(await self._state.sign_in_sessions.advance(sign_in.token, sign_in.step, account.id))
            return replace(sign_in, step=sign_in.step + 1, account_id=account.id)
        async with self._finished(sign_in, account):
            tokens = await self._realm.tokens.sign_in_verified(account)
            async with self._ended_on_failure(tokens):
                # Only a complete sign-in clears the counter: one right factor shall not buy guesses at the next.
                await attempt.complete()
        return tokens

    async def _require_ready(self, account: Account) -> None:
        profile = await self._realm.profiles.of(account.id)
        if profile is None:
            raise AccountNotFound
        # A second factor enrolled in Keycloak cannot be asked for here, and is never skipped (security S29).
        if profile.needs_action or profile.second_factor:
            raise AccountNotReady

    @asynccontextmanager
    async def _finished(self, sign_in: OpenSignIn, account: Account) -> AsyncIterator[None]:
        """Take the sign-in away from everybody else while the rest is done; a failure brings it back."""
        completed = await self._state.sign_in_sessions.finish(sign_in.token, sign_in.step, account.id)
        _require_completed(completed)
        try:
            yield
        except _FAILURES:
            await completed.reopen()
            raise

    @asynccontextmanager
    async def _ended_on_failure(self, tokens: Tokens) -> AsyncIterator[None]:
        """End a session whose tokens nobody will get, without making anybody wait for it."""
        try:
            yield
        except _FAILURES:
            self._unfinished.begin(self._realm.tokens.end_session(tokens.refresh_token))
            raise


def _require_completed(step: CompletedStep) -> None:
    if step.outcome != "completed":
        raise SignInNotFound


def _reason(refusal: GatewayError) -> str:
    if isinstance(refusal, AccountLocked):
        return "locked"
    if isinstance(refusal, CodeExpired):
        return "expired"
    return "action_required" if isinstance(refusal, AccountNotReady) else "credentials"
