"""Signing in to an organization, with a pause where the person has to choose or to give a code (nap contract 4.1, 4.3).

A pause keeps no tokens, and no session of Keycloak's: only that the password was right.
"""

import asyncio

from gateway.domain.accounts import Account, Profile
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountNotFound,
    AccountNotReady,
    AddressNotVerified,
    CredentialsRefused,
    NoOrganization,
    SignInNotFound,
    TokenRefused,
)
from gateway.domain.organizations import Organization
from gateway.domain.paused_sign_ins import PausedSignIn
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.tokens import DatedTokens, Tokens
from gateway.identity.candidates import Candidate, Candidates
from gateway.identity.guesses import Guesses
from gateway.identity.password_proofs import PasswordProofs, require_length
from gateway.identity.pauses import Pauses
from gateway.identity.proven_steps import ProvenSteps
from gateway.identity.sign_in_events import REASONS, SignInEvents
from gateway.keycloak.realm import Realm
from gateway.keycloak.token_answers import dated
from gateway.state.attempt import Attempt
from gateway.state.subjects import Subject

_REASONS = {
    **REASONS,
    AddressNotVerified: "address_not_verified",
    NoOrganization: "no_organization",
    SignInNotFound: "finished",
    TokenRefused: "changed",
    AccountNotFound: "changed",
}


class PausingSignIn:
    """Signs people in by password at once, or pauses until they have said the rest."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        guesses: Guesses,
        pauses: Pauses,
        proven_steps: ProvenSteps,
        candidates: Candidates,
        *,
        passwords: PasswordProofs,
        events: SignInEvents,
    ) -> None:
        self._realm = realm
        self._guesses = guesses
        self._pauses = pauses
        self._proven_steps = proven_steps
        self._candidates = candidates
        self._passwords = passwords
        self._events = events

    async def with_password(
        self, email: str, password: str, caller: Caller, *, return_to: str | None
    ) -> DatedTokens | PausedSignIn:
        """Sign a person in, or begin to.

        Args:
            email: normalised.
            password: as typed; passed on unchanged.
            caller: who is asking.
            return_to: told again while the sign-in pauses.

        Returns:
            Tokens when nothing is left to be said, for the person's one organization where there are any.

        Raises:
            CredentialsRefused: unknown, wrong, disabled, without password or locked; counted unless locked.
            AddressNotVerified: right, but nobody has shown to receive mail at the address.
            AccountNotReady: right, but Keycloak wants an action first.
            NoOrganization: right, but a member of none.
            TooManyAttempts: the caller's address is blocked.
            Unavailable: Keycloak or Redis cannot be asked; nothing was counted.
        """
        async with self._guesses.padded():
            guess = await self._guesses.begin(email, caller)
            account = await self._realm.users.find_by_email(email)
            subject = self._guesses.subject(email, account)
            with self._events.sign_in_refusals(caller, subject.shown, _REASONS):
                async with self._guesses.admitted(guess, subject) as attempt:
                    outcome = await self._evaluated(account, password, attempt)
        if isinstance(outcome, Tokens):
            self._events.done(caller, subject.shown)
            return dated(outcome)
        paused = await self._pauses.begin(
            outcome.account, email, outcome.organizations, caller, needs_code=outcome.second_factor, return_to=return_to
        )
        self._events.proven(SignInMethod.PASSWORD, paused, caller, subject.shown)
        return paused

    async def complete(self, token: str, caller: Caller, *, organization: str | None, code: str | None) -> DatedTokens:
        """Finish a sign-in that pauses.

        Args:
            token: the sign-in's.
            caller: who is asking.
            organization: id or alias of the chosen one, or None.
            code: one-time code of the person's generator, or None.

        Raises:
            SignInNotFound: unknown, over, finished, or ended by too many wrong codes.
            ChoiceRefused: what it waits for is missing, or not on offer; it goes on waiting.
            CredentialsRefused: the code is wrong, and counted; or the account is locked, and nothing was evaluated.
            TokenRefused: account or membership have changed meanwhile.
            AccountNotFound: the same.
            AccountNotReady: the same.
            TooManyAttempts: the caller's address is blocked.
            Unavailable: Keycloak or Redis cannot be asked; nothing was counted.
        """
        paused = await self._pauses.find(token, caller)
        chosen = paused.chosen(organization)
        paused.require_code(code)
        subject = Subject.account(paused.account_id)
        async with self._guesses.padded(), self._pauses.counting_wrong_codes(paused):
            with self._events.sign_in_refusals(caller, subject.shown, _REASONS):
                tokens = await self._admitted(paused, chosen, code or "", caller)
        self._events.done(caller, subject.shown)
        return dated(tokens)

    async def _evaluated(self, account: Account | None, password: str, attempt: Attempt) -> Tokens | Candidate:
        require_length(password)
        candidate = await self._candidates.of(account) if account else None
        if candidate is None:
            await self._passwords.refuse(password)
        if candidate.is_complete_by_password:
            return await self._signed_in(candidate, password, attempt)
        await self._prove(candidate, password)
        return candidate

    async def _signed_in(self, candidate: Candidate, password: str, attempt: Attempt) -> Tokens:
        granted = self._passwords.granted(
            candidate.account, candidate.name, password, organization=candidate.organization
        )
        try:
            async with granted as tokens:
                await self._proven_steps.settle(tokens, attempt)
        except AccountNotFound:
            raise NoOrganization from None  # no member any more, since a moment ago
        return tokens

    async def _prove(self, candidate: Candidate, password: str) -> None:
        try:
            await self._realm.factors.prove_password(candidate.name, password)
        except AccountNotReady:
            # Of an address that is not verified Keycloak says the same, when the realm demands that; it goes before an
            # action, and an action before the organizations (nap contract section 4.1).
            candidate.require_verified()
            raise
        candidate.require_admissible()
        # The code of a generator is as good as any other second factor; where none is enrolled, no other may be.
        if not candidate.second_factor:
            await self._realm.credentials.require_no_second_factor(candidate.account.id)

    async def _admitted(self, paused: PausedSignIn, chosen: Organization | None, code: str, caller: Caller) -> Tokens:
        subject = Subject.account(paused.account_id)
        guess = await self._guesses.begin(paused.name, caller, subject)
        async with self._guesses.admitted(guess, subject, alone=paused.needs_code) as attempt:
            return await self._completed(paused, chosen, code, attempt)

    async def _completed(
        self, paused: PausedSignIn, chosen: Organization | None, code: str, attempt: Attempt
    ) -> Tokens:
        profile = await self._unchanged(paused, chosen)
        if paused.needs_code:
            await self._prove_code(profile.account, code)
        return await self._proven_steps.conclude(
            self._pauses.open_sign_in(paused), profile.account, attempt, organization=chosen
        )

    async def _unchanged(self, paused: PausedSignIn, chosen: Organization | None) -> Profile:
        """Demand that what the sign-in found at its beginning still is so."""
        profile, organizations = await asyncio.gather(
            self._realm.profiles.of(paused.account_id), self._candidates.organizations_of(paused.account_id)
        )
        is_member = chosen is None or chosen in organizations
        if profile is None or not profile.account.enabled or not profile.account.email_verified or not is_member:
            raise TokenRefused
        # A second factor that was enrolled meanwhile is not skipped, and of one that is gone no code is asked.
        if profile.second_factor != paused.needs_code:
            raise TokenRefused
        if not paused.needs_code and await self._realm.credentials.second_factors(paused.account_id):
            raise TokenRefused
        return profile

    async def _prove_code(self, account: Account, code: str) -> None:
        name = await self._realm.users.login_name(account)
        if name is None:
            raise CredentialsRefused
        await self._realm.factors.prove_code(name, code)
