"""What a proven step leads to: the next one, or the tokens (pipeshub contract section 6, security S27)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from gateway.domain.accounts import Account
from gateway.domain.errors import AccountNotFound, AccountNotReady, SignInNotFound
from gateway.domain.organizations import Organization
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.sign_ins import OpenSignIn
from gateway.domain.tokens import Tokens
from gateway.identity.single_use_tokens import SingleUseTokens
from gateway.keycloak.realm import Realm
from gateway.state.attempt import Attempt
from gateway.state.sign_in_sessions import CompletedStep
from gateway.state.store import State
from gateway.unfinished import Unfinished

Progress = Tokens | OpenSignIn
"""What a proven step leads to: the tokens, or the sign-in at its next step."""


class ProvenSteps:
    """Moves sign-ins on; of any number of requests that prove the same step, one gets what it leads to."""

    def __init__(
        self, realm: Realm, state: State, unfinished: Unfinished, *, single_use: SingleUseTokens | None = None
    ) -> None:
        """Take what it works with.

        Args:
            single_use: marks refresh tokens that are to work once; None where they work as Keycloak has them.
        """
        self._single_use = single_use
        self._realm = realm
        self._state = state
        self._unfinished = unfinished

    async def require_ready(self, account: Account, *, proves_address: bool = False) -> None:
        """Refuse a person who would have to do something first that the gateway cannot ask for.

        Args:
            account: whose step was proven.
            proves_address: what was proven is the address, which is taken for verified then; so that is not due.

        Raises:
            AccountNotFound: gone or disabled meanwhile.
            AccountNotReady: an action is due; or a second factor is enrolled, which is never skipped (security S29).
            Unavailable: Keycloak cannot be asked.
        """
        profile = await self._realm.profiles.of(account.id)
        if profile is None or not profile.account.enabled:
            raise AccountNotFound
        is_proven = proves_address and not account.email_verified and profile.needs_only_proof
        if profile.needs_action and not is_proven:
            raise AccountNotReady
        if profile.second_factor or await self._realm.credentials.second_factors(account.id):
            raise AccountNotReady

    async def go_on(self, sign_in: OpenSignIn, method: SignInMethod, account: Account, attempt: Attempt) -> Progress:
        """Go on from a step that the gateway has verified itself.

        Args:
            sign_in: at the step.
            method: by which it was proven.
            account: whose proof it was.
            attempt: the guess it was; settled with the last step.

        Raises:
            SignInNotFound: another request has completed the step.
            CredentialsRefused: the account has been given another password since the guess was admitted.
            AccountNotFound: gone or disabled meanwhile.
            AccountNotReady: Keycloak wants an action first.
            Unavailable: Keycloak or Redis cannot be asked; the step can be proven again.
        """
        if not sign_in.is_at_last_step:
            completed = await self._state.sign_in_sessions.advance(
                sign_in.token, sign_in.step, account.id, sign_in.methods.index(method)
            )
            return _at_next_step(sign_in, method, account, completed)
        return await self.conclude(sign_in, account, attempt)

    async def conclude(
        self, sign_in: OpenSignIn, account: Account, attempt: Attempt, *, organization: Organization | None = None
    ) -> Tokens:
        """Give the tokens for a sign-in whose last step the gateway has verified itself.

        Args:
            sign_in: at its last step.
            account: whose proof it was.
            attempt: the guess it was.
            organization: the one to sign in to, or None.

        Raises:
            As `go_on`; AccountNotFound also for who is no member of the organization any more.
        """
        async with self._finished(sign_in, account):
            tokens = await self._realm.tokens.sign_in_verified(account, organization=organization)
            return await self.keep(tokens, attempt)

    async def keep(self, tokens: Tokens, attempt: Attempt) -> Tokens:
        """Settle a guess that has led to tokens, before anybody gets them.

        Raises:
            CredentialsRefused: the account has been given another password since the guess was admitted; the session is
                ended again, and so below.
            Unavailable: Redis cannot be asked; the session is ended again.
        """
        async with self.ended_on_failure(tokens):
            await self.settle(tokens, attempt)
        return tokens

    async def settle(self, tokens: Tokens, attempt: Attempt) -> None:
        """Do the same where somebody else ends their session on failure.

        Raises:
            CredentialsRefused: the account has been given another password since the guess was admitted.
            Unavailable: Redis cannot be asked.
        """
        if self._single_use is not None:
            await self._single_use.promise(tokens)
        # Only a complete sign-in clears the counter: one right factor shall not buy guesses at the next.
        await attempt.complete()

    async def go_on_from(
        self, sign_in: OpenSignIn, method: SignInMethod, account: Account, tokens: Tokens, attempt: Attempt
    ) -> Progress:
        """Go on from a step that Keycloak itself has verified, giving tokens for it; call it in `ended_on_failure`.

        Before the last step the tokens' session ends here: only a complete sign-in leaves one (security S27). The
        sign-in goes on under a new token then, told to the one browser that has come from Keycloak.

        Args:
            sign_in: at the step.
            method: by which it was proven.
            account: whose proof it was.
            tokens: what Keycloak has given.
            attempt: the guess it was; settled with the last step.

        Raises:
            SignInNotFound: another request has completed the step.
            CredentialsRefused: the account has been given another password since the guess was admitted.
            Unavailable: Keycloak or Redis cannot be asked; the step can be proven again.
        """
        if not sign_in.is_at_last_step:
            await self._realm.tokens.end_session(tokens.refresh_token)
            # Somebody else may have begun it, and sent this browser to the provider: his token must not go on (S20).
            advance = self._state.sign_in_sessions.advance_renewed
            completed = await advance(sign_in.token, sign_in.step, account.id, sign_in.methods.index(method))
            return _at_next_step(sign_in, method, account, completed)
        async with self._finished(sign_in, account):
            await attempt.complete()
        return tokens

    @asynccontextmanager
    async def _finished(self, sign_in: OpenSignIn, account: Account) -> AsyncIterator[None]:
        """Take the sign-in away from everybody else while the rest is done; a failure brings it back."""
        completed = await self._state.sign_in_sessions.finish(sign_in.token, sign_in.step, account.id)
        _require_completed(completed)
        try:
            yield
        except BaseException:
            await completed.reopen()
            raise

    @asynccontextmanager
    async def ended_on_failure(self, tokens: Tokens) -> AsyncIterator[None]:
        """End a session whose tokens nobody will get because something inside fails, without a wait for it."""
        try:
            yield
        except BaseException:
            self._unfinished.begin(self._realm.tokens.leave_nothing(tokens))
            raise


def _at_next_step(sign_in: OpenSignIn, method: SignInMethod, account: Account, completed: CompletedStep) -> OpenSignIn:
    _require_completed(completed)
    proven_by = (*sign_in.proven_by, method)
    return replace(sign_in, token=completed.token, step=sign_in.step + 1, account_id=account.id, proven_by=proven_by)


def _require_completed(step: CompletedStep) -> None:
    if step.outcome != "completed":
        raise SignInNotFound
