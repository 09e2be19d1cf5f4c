"""Steps of a sign-in that an identity provider vouches for, by way of the browser (pipeshub contract section 12).

Keycloak stands between: it speaks the provider's protocol, knows whose identity it is, and gives tokens. What is left
to do here is to believe only what belongs to this sign-in, this browser, this person and this provider.
"""

import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountNotFound,
    AnothersIdentity,
    RightsRefused,
    SignInNotFound,
    SignInStepsUnusable,
    TokenRefused,
    TooManyAttempts,
)
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.sign_ins import OpenSignIn
from gateway.identity.guesses import Guesses
from gateway.identity.ownership import Ownership
from gateway.identity.proven_steps import Progress, ProvenSteps
from gateway.identity.security_events import NOBODY
from gateway.identity.sign_in_accounts import SignInAccounts
from gateway.identity.sign_in_events import REASONS, SignInEvents
from gateway.identity.stepwise_sign_in import StepwiseSignIn
from gateway.identity.vouched_accounts import VouchedAccounts
from gateway.keycloak.code_flow import Authorization
from gateway.keycloak.realm import Realm
from gateway.state.browser_sign_ins import BrowserSignIn
from gateway.state.keys import sha256
from gateway.state.store import State
from gateway.state.subjects import Subject

AWAY = timedelta(minutes=10)
"""How long a browser may be away (security S24)."""

_SECRET_BYTES = 32
_METHOD = SignInMethod.SAML
_REASONS = {
    **REASONS,
    AccountNotFound: "unknown",
    AnothersIdentity: "another_person",
    RightsRefused: "not_allowed",
    SignInNotFound: "expired",
    TokenRefused: "token",
    TooManyAttempts: "not_allowed",
}


@dataclass(frozen=True, slots=True)
class Departure:
    """A browser that is to go away.

    Attributes:
        address: where to.
        browser: a secret that it has to keep, and to bring back.
    """

    address: str = field(repr=False)
    browser: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Arrival:
    """A browser that has come back, with whatever it brings.

    Attributes:
        state: of its departure.
        code: from Keycloak; empty when Keycloak or the provider said no.
        browser: the secret it has kept, or an empty text.
    """

    state: str = field(repr=False)
    code: str = field(repr=False)
    browser: str = field(repr=False)


class BrokeredSignIn:
    """Sends browsers to the provider, and goes on with those that come back."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        state: State,
        guesses: Guesses,
        sign_ins: StepwiseSignIn,
        proven_steps: ProvenSteps,
        *,
        accounts: SignInAccounts,
        vouched: VouchedAccounts,
        ownership: Ownership,
        events: SignInEvents,
        callback: str,
    ) -> None:
        """Take what it works with.

        Args:
            callback: address that browsers come back to, as Keycloak knows it.
        """
        self._realm = realm
        self._state = state
        self._guesses = guesses
        self._sign_ins = sign_ins
        self._proven_steps = proven_steps
        self._accounts = accounts
        self._vouched = vouched
        self._ownership = ownership
        self._events = events
        self._callback = callback

    async def begin(self, sign_in: OpenSignIn, caller: Caller) -> Departure:
        """Send a browser away, to prove the current step.

        Args:
            sign_in: as it was begun or found.
            caller: who is asking.

        Raises:
            MethodRefused: the current step is not proven that way.
            AccountNotFound: nobody who may sign in has the address, it is not given to newcomers, and that is not
                concealed.
            AccountLocked: too many wrong tries, and that is not concealed.
            SignInStepsUnusable: there is no such provider, or it is switched off.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        sign_in.require(_METHOD)
        account = await self._open_account(sign_in)
        provider = _provider_of(sign_in)
        browser, verifier, nonce = (secrets.token_urlsafe(_SECRET_BYTES) for _ in range(3))
        pending = BrowserSignIn(sign_in.token, account.id if account else None, verifier, nonce, sha256(browser))
        state = await self._state.browser_sign_ins.begin(pending, caller.surface, AWAY)
        asked = Authorization(provider, sign_in.name, state, nonce, verifier, self._callback)
        return Departure(self._realm.code_flow.address(asked), browser)

    async def complete(self, arrival: Arrival, caller: Caller) -> Progress:
        """Go on with a browser that has come back.

        Of a step that is not the last no session remains in Keycloak, nor of a failure.

        Args:
            arrival: what it brings.
            caller: who is asking.

        Returns:
            After the last step the tokens of the session that Keycloak has begun; else the sign-in at its next step.

        Raises:
            TokenRefused: Keycloak or the provider said no, the state is unknown or used, it is another browser, or
                somebody else than the provider has vouched.
            SignInNotFound: the sign-in is over; or the account was a stranger's until now, and the sign-in ended with
                whatever that one had.
            MethodRefused: it stands at another step by now.
            SignInStepsUnusable: the provider has been switched off meanwhile.
            AnothersIdentity: the provider vouches for somebody else.
            IdentityRefused: a newcomer's address is not verified.
            CredentialsRefused: the account has been given another password meanwhile.
            AccountNotFound: nobody who may sign in has the address, and it is not given to newcomers.
            AccountLocked: too many wrong tries.
            AccountNotReady: something has to be done first that this way of signing in cannot ask for.
            TooManyAttempts: the caller's address is blocked.
            Unavailable: Keycloak or Redis cannot be asked; the sign-in stands where it stood.
        """
        pending = await self._state.browser_sign_ins.take(arrival.state, caller.surface)
        known = (pending.account_id if pending else None) or NOBODY
        with self._events.step_refusals(caller, known, _REASONS):
            account, progress = await self._completed(pending, arrival, caller)
        self._events.proven(_METHOD, progress, caller, account.id)
        return progress

    async def _open_account(self, sign_in: OpenSignIn) -> Account | None:
        found = await self._accounts.found(sign_in)
        if found is None and sign_in.gives_account_by(_METHOD):
            return None
        account = self._accounts.required(found)
        if not self._accounts.conceals:
            await self._guesses.require_open(self._guesses.subject(sign_in.name, account))
        return account

    async def _completed(
        self, pending: BrowserSignIn | None, arrival: Arrival, caller: Caller
    ) -> tuple[Account, Progress]:
        if pending is None or not arrival.code:
            raise TokenRefused
        # Before anything else is judged: only who has exchanged the code can end the session that it stands for.
        granted = await self._realm.code_flow.exchange(arrival.code, verifier=pending.verifier, callback=self._callback)
        async with self._proven_steps.ended_on_failure(granted.tokens):
            if not pending.is_of(arrival.browser):
                raise TokenRefused
            sign_in = await self._sign_ins.resume(pending.sign_in, caller)
            sign_in.require(_METHOD)
            account = await self._vouched.proven(granted.id_token, pending, sign_in, _provider_of(sign_in))
            subject = Subject.account(account.id)
            guess = await self._guesses.begin(sign_in.name, caller, subject)
            async with self._guesses.admitted(guess, subject) as attempt:
                await self._proven_steps.require_ready(account, proves_address=sign_in.shows_owner_by(_METHOD))
                await self._ownership.take_over_by(sign_in, _METHOD, account, caller)
                return account, await self._proven_steps.go_on_from(sign_in, _METHOD, account, granted.tokens, attempt)


def _provider_of(sign_in: OpenSignIn) -> str:
    provider = sign_in.providers.get(_METHOD)
    if provider is None:
        raise SignInStepsUnusable
    return provider.alias
