"""Steps proven by what an identity provider has given to a person's application (pipeshub contract section 10)."""

from dataclasses import dataclass

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountNotFound,
    AnothersIdentity,
    CredentialsRefused,
    MethodRefused,
)
from gateway.domain.identity_providers import IdentityProvider, ProviderTokens
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.sign_ins import OpenSignIn
from gateway.identity.external_identities import ExternalIdentities
from gateway.identity.federation import Federation
from gateway.identity.guesses import Guesses
from gateway.identity.guessing_addresses import Guess
from gateway.identity.ownership import Ownership
from gateway.identity.proven_steps import Progress, ProvenSteps
from gateway.identity.sign_in_accounts import SignInAccounts
from gateway.identity.sign_in_events import REASONS, SignInEvents
from gateway.state.subjects import Subject

_REASONS = {**REASONS, AnothersIdentity: "another_person"}


@dataclass(frozen=True, slots=True)
class _Whom:
    """Whom a sign-in is for.

    Attributes:
        known: the account; None for nobody.
        subject: what the lock is looked up by.
        is_new: nobody has the address, and an account may be made.
    """

    known: Account | None
    subject: Subject
    is_new: bool


@dataclass(frozen=True, slots=True)
class _Proof:
    """What somebody sends, and who is to vouch for it."""

    method: SignInMethod
    provider: IdentityProvider
    tokens: ProviderTokens


class ExternalSteps:
    """Lets a provider vouch for a person; what it vouches for is not counted as a guess, and opens no lock."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        accounts: SignInAccounts,
        guesses: Guesses,
        identities: ExternalIdentities,
        federation: Federation,
        ownership: Ownership,
        proven_steps: ProvenSteps,
        *,
        events: SignInEvents,
    ) -> None:
        self._accounts = accounts
        self._guesses = guesses
        self._identities = identities
        self._federation = federation
        self._ownership = ownership
        self._proven_steps = proven_steps
        self._events = events

    async def prove(
        self, sign_in: OpenSignIn, method: SignInMethod, tokens: ProviderTokens, caller: Caller
    ) -> Progress:
        """Prove the current step by the tokens of an identity provider.

        Args:
            sign_in: as `StepwiseSignIn.resume` found it.
            method: which provider.
            tokens: what it gave.
            caller: who is asking.

        Raises:
            MethodRefused: the current step does not take the method, or its provider cannot be used any more.
            AccountNotFound: nobody who may sign in has the address, no account is to be made, and that is not
                concealed.
            AccountLocked: too many wrong tries before; nothing was evaluated.
            CredentialsRefused: the tokens prove nobody; counted for the caller's address only.
            AnothersIdentity: they prove somebody else; counted likewise, and nothing is told of the account.
            AccountNotReady: they are good, but something has to be done first that this way cannot ask for.
            SignInNotFound: another request has completed the step; or the account was a stranger's until now, and the
                sign-in ended with whatever that one had.
            TooManyAttempts: the address is blocked.
            Unavailable: Keycloak, Redis or the provider cannot be asked; nothing was counted.
        """
        sign_in.require(method)
        provider = sign_in.providers.get(method)
        if provider is None:
            raise MethodRefused
        async with self._guesses.padded():
            guess = await self._guesses.begin(sign_in.name, caller)
            whom = await self._meant(sign_in, method)
            with self._events.step_refusals(caller, whom.subject.shown, _REASONS):
                account = await self._proven(guess, whom, sign_in, _Proof(method, provider, tokens))
                progress = await self._go_on(guess, sign_in, method, account)
        self._events.proven(method, progress, caller, account.id)
        return progress

    async def _meant(self, sign_in: OpenSignIn, method: SignInMethod) -> "_Whom":
        found = await self._accounts.found(sign_in)
        is_new = found is None and sign_in.gives_account_by(method)
        known = None if is_new else self._accounts.required(found)
        return _Whom(known, self._guesses.subject(sign_in.name, known), is_new=is_new)

    async def _proven(self, guess: Guess, whom: "_Whom", sign_in: OpenSignIn, proof: "_Proof") -> Account:
        async with self._guesses.vouched_for(guess, whom.subject):
            identity = await self._identities.proven(proof.method, proof.provider, proof.tokens)
            # First of all, and for nobody alike: whoever proves somebody else learns nothing of the account (S13).
            holder = await self._federation.holder_of(identity, sign_in, whom.known)
            if whom.known is not None:
                shows_owner = holder is not None and sign_in.shows_owner_by(proof.method)
                await self._proven_steps.require_ready(whom.known, proves_address=shows_owner)
            elif not whom.is_new:
                raise CredentialsRefused
            if holder is None:
                return await self._federation.link(identity, sign_in, whom.known, guess.caller)
            if not holder.enabled:
                raise AccountNotFound
            await self._ownership.take_over_by(sign_in, proof.method, holder, guess.caller)
            return holder

    async def _go_on(self, guess: Guess, sign_in: OpenSignIn, method: SignInMethod, account: Account) -> Progress:
        # Not before: while the provider is slow, nobody shall wait for the place that its answer would take.
        async with self._guesses.admitted(guess, Subject.account(account.id)) as attempt:
            return await self._proven_steps.go_on(sign_in, method, account, attempt)
