"""Signing in step by step, as each organization wants it (pipeshub contract sections 4 to 7, security S27)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import CodeExpired, CredentialsRefused, GatewayError, SignInNotFound
from gateway.domain.identity_providers import IdentityProvider
from gateway.domain.purposes import CodePurpose
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.sign_ins import OpenSignIn
from gateway.identity.captchas import Captchas
from gateway.identity.guesses import Guesses
from gateway.identity.organization_steps import ApplicableSteps, OrganizationSteps
from gateway.identity.ownership import Ownership
from gateway.identity.password_proofs import PasswordProofs
from gateway.identity.proven_steps import Progress, ProvenSteps
from gateway.identity.security_events import NOBODY
from gateway.identity.sign_in_accounts import SignInAccounts
from gateway.identity.sign_in_events import REASONS, SignInEvents
from gateway.keycloak.realm import Realm
from gateway.state.attempt import Attempt
from gateway.state.sign_in_session import SignInSession
from gateway.state.store import State
from gateway.state.subjects import Subject

_REASONS = {**REASONS, CodeExpired: "expired"}


class StepwiseSignIn:
    """Begins sign-ins and lets people prove one step after the other; no session of Keycloak's before the last."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        state: State,
        guesses: Guesses,
        steps: OrganizationSteps,
        proven_steps: ProvenSteps,
        ownership: Ownership,
        *,
        passwords: PasswordProofs,
        accounts: SignInAccounts,
        captchas: Captchas,
        events: SignInEvents,
        lifetime: timedelta,
    ) -> None:
        """Take what it works with.

        Args:
            lifetime: of a sign-in under way, anew from each step.
        """
        self._realm = realm
        self._state = state
        self._guesses = guesses
        self._steps = steps
        self._proven_steps = proven_steps
        self._ownership = ownership
        self._passwords = passwords
        self._events = events
        self._captchas = captchas
        self._accounts = accounts
        self._lifetime = lifetime

    async def begin(self, email: str, caller: Caller) -> OpenSignIn:
        """Begin a sign-in.

        Args:
            email: normalised.
            caller: who is asking; the sign-in goes on at the same surface only.

        Raises:
            AccountNotFound: nobody who may sign in has it, the first step would give nobody an account, and that is not
                concealed.
            AccountLocked: too many wrong tries, and that is not concealed.
            SignInStepsUnusable: the organization's steps cannot be used.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        found = await self._realm.users.find_by_email(email)
        with self._events.beginning_refusals(caller, self._guesses.subject(email, found).shown):
            applicable = await (self._steps_of(email, found) if found else self._steps_of_nobody(email))
        organization = applicable.organization
        session = SignInSession(caller.surface, organization.id if organization else None, applicable.steps, email)
        token = await self._state.sign_in_sessions.begin(session, self._lifetime)
        self._events.begun(caller, found.id if found and found.enabled else NOBODY)
        return _opened(token, session, applicable.providers, applicable.creating)

    async def resume(self, token: str, caller: Caller) -> OpenSignIn:
        """Find a sign-in under way.

        Raises:
            SignInNotFound: unknown, expired, finished, ended, or begun at another surface.
            Unavailable: Redis cannot be asked; or Keycloak, while a step has an external method.
        """
        session = await self._state.sign_in_sessions.get(token, caller.surface)
        if session is None:
            raise SignInNotFound
        providers = await self._steps.providers_of(session.steps, session.organization_id)
        return _opened(token, session, providers, self._steps.creating & providers.keys())

    async def prove_password(
        self, sign_in: OpenSignIn, password: str, caller: Caller, *, captcha: str | None
    ) -> Progress:
        """Prove the current step by the password.

        Args:
            sign_in: as `resume` found it.
            password: as typed; passed on unchanged.
            caller: who is asking.
            captcha: what solving one has given the caller, or None.

        Raises:
            MethodRefused: the current step takes no password.
            CaptchaRefused: CAPTCHA is on, and nothing shows that a human is asking; nothing was looked up.
            AccountNotFound: nobody who may sign in has the address any more, and that is not concealed.
            AccountLocked: too many wrong tries; nothing was evaluated.
            CredentialsRefused: wrong; counted.
            AccountNotReady: right, but something has to be done first that this way of signing in cannot ask for.
            SignInNotFound: another request has completed the step.
            TooManyAttempts: the address is blocked.
            Unavailable: Keycloak or Redis cannot be asked; nothing was counted, and the step can be proven again.
        """
        sign_in.require(SignInMethod.PASSWORD)
        await self._captchas.require(captcha, caller)

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
            SignInNotFound: also when the account was a stranger's until now, and the sign-in ended with whatever that
                one had; the code is as good as before.

        And the rest as `prove_password`.
        """
        sign_in.require(SignInMethod.ONE_TIME_CODE)

        async def evaluate(account: Account | None, attempt: Attempt) -> Progress:
            return await self._by_code(sign_in, account, code, attempt, caller)

        return await self._proven(sign_in, SignInMethod.ONE_TIME_CODE, caller, evaluate)

    async def _proven(
        self,
        sign_in: OpenSignIn,
        method: SignInMethod,
        caller: Caller,
        evaluate: Callable[[Account | None, Attempt], Awaitable[Progress]],
    ) -> Progress:
        async with self._guesses.padded():
            guess = await self._guesses.begin(sign_in.name, caller)
            account = self._accounts.required(await self._accounts.found(sign_in))
            subject = self._guesses.subject(sign_in.name, account)
            with self._events.step_refusals(caller, subject.shown, _REASONS):
                async with self._guesses.admitted(guess, subject) as attempt:
                    progress = await evaluate(account, attempt)
        self._events.proven(method, progress, caller, subject.shown)
        return progress

    async def _steps_of(self, email: str, found: Account) -> ApplicableSteps:
        account = self._accounts.required(found)
        if not self._accounts.conceals:
            await self._guesses.require_open(self._guesses.subject(email, account))
        return await self._steps.of(email, account)

    async def _steps_of_nobody(self, email: str) -> ApplicableSteps:
        applicable = await self._steps.of(email, None)
        if not applicable.offers_accounts:
            self._accounts.required(None)
        return applicable

    async def _by_password(
        self, sign_in: OpenSignIn, found: Account | None, password: str, attempt: Attempt
    ) -> Progress:
        account, name = await self._passwords.named(found, password)
        if len(sign_in.steps) == 1:
            async with self._passwords.granted(account, name, password) as tokens:
                return await self._proven_steps.go_on_from(sign_in, SignInMethod.PASSWORD, account, tokens, attempt)
        await self._realm.factors.prove_password(name, password)
        await self._proven_steps.require_ready(account)
        return await self._proven_steps.go_on(sign_in, SignInMethod.PASSWORD, account, attempt)

    async def _by_code(
        self, sign_in: OpenSignIn, account: Account | None, code: str, attempt: Attempt, caller: Caller
    ) -> Progress:
        subject = Subject.account(account.id) if account else self._guesses.subject(sign_in.name, None)
        checked = await self._state.one_time_codes.check(CodePurpose.SIGN_IN, subject, code)
        if checked.verdict == "expired":
            raise CodeExpired
        if checked.verdict != "right" or account is None:
            raise CredentialsRefused
        try:
            shows_owner = sign_in.shows_owner_by(SignInMethod.ONE_TIME_CODE)
            await self._proven_steps.require_ready(account, proves_address=shows_owner)
            # The address may be all that is proven, and a stranger may know the password.
            await self._ownership.take_over_by(sign_in, SignInMethod.ONE_TIME_CODE, account, caller)
            return await self._proven_steps.go_on(sign_in, SignInMethod.ONE_TIME_CODE, account, attempt)
        except (GatewayError, asyncio.CancelledError):
            await checked.give_back()
            raise


def _opened(
    token: str,
    session: SignInSession,
    providers: Mapping[SignInMethod, IdentityProvider],
    creating: frozenset[SignInMethod],
) -> OpenSignIn:
    return OpenSignIn(
        token,
        session.name,
        session.steps,
        session.step,
        session.account_id,
        session.proven_by,
        session.organization_id,
        providers,
        creating,
    )
