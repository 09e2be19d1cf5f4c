"""The second proof of a sign-in behind an opaque token: a code, sent or generated (cyclos contract section 8)."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountNotFound,
    AccountNotReady,
    CredentialsRefused,
    MethodRefused,
    ProofBlocked,
    ProofMissing,
    ProofRefused,
    SessionOver,
    TooManyAttempts,
    Unavailable,
)
from gateway.domain.proofs import Medium, Proof
from gateway.domain.tokens import Tokens
from gateway.domain.visits import OpaqueSession
from gateway.identity.opaque_sessions import OpaqueSessions
from gateway.identity.proofs import Proofs
from gateway.identity.proven_steps import ProvenSteps
from gateway.identity.sent_codes import Occasion, SentCodes
from gateway.identity.sign_in_events import Reasons, SignInEvents
from gateway.keycloak.realm import Realm
from gateway.state.attempt import Attempt
from gateway.state.store import State
from gateway.unfinished import Unfinished

_MOST_WRONG = 5
_TRIES = "second-proof"
_WRONG = "wrong-second-proof"
_REASONS: Reasons = {
    ProofRefused: "credentials",
    ProofBlocked: "locked",
    ProofMissing: "no_second_proof",
    AccountNotReady: "action_required",
}


@dataclass(frozen=True, slots=True)
class AwaitedProof:
    """What is asked for next.

    Attributes:
        by: what it is given by.
        is_active: whether the person has it: a code was sent and not used, or there is a generator.
        media: what carries a code to the person; none for a generator.
    """

    by: Proof
    is_active: bool
    media: tuple[Medium, ...] = ()


class SecondProofs:
    """Makes full sessions of those that await a second proof, or ends them after too many wrong ones."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        state: State,
        proofs: Proofs,
        codes: SentCodes,
        sessions: OpaqueSessions,
        proven_steps: ProvenSteps,
        *,
        events: SignInEvents,
        unfinished: Unfinished,
        second: Proof | None,
        awaited_for: timedelta,
    ) -> None:
        """Take what it works with.

        Args:
            second: what is asked for beside a password.
            awaited_for: how long a session awaits it.
        """
        self._realm = realm
        self._state = state
        self._proofs = proofs
        self._codes = codes
        self._sessions = sessions
        self._proven_steps = proven_steps
        self._events = events
        self._unfinished = unfinished
        self._by = second
        self._awaited_for = awaited_for

    async def require_possible(self, account_id: str, caller: Caller) -> None:
        """Refuse who could never give the second proof.

        Args:
            account_id: of somebody who has given the right password.
            caller: who is asking.

        Raises:
            ProofMissing: there is no generator, or nothing reaches the person.
            Unavailable: Keycloak cannot be asked.
        """
        by = self._required()
        if by is Proof.OTP:
            is_possible = bool(await self._codes.media(account_id))
        else:
            is_possible = await self._proofs.has_generator(account_id)
        with self._events.sign_in_refusals(caller, account_id, _REASONS):
            if not is_possible:
                raise ProofMissing(by)

    async def awaited(self, session: OpaqueSession, token: str) -> AwaitedProof:
        """Say what is asked for.

        Args:
            session: whoever is asking.
            token: what stands for it.

        Raises:
            MethodRefused: nothing is.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        if self._required() is Proof.TOTP:
            return AwaitedProof(Proof.TOTP, await self._proofs.has_generator(session.account_id))
        is_out = await self._codes.is_out(_occasion(session, token))
        return AwaitedProof(Proof.OTP, is_out, await self._codes.media(session.account_id))

    def require_awaited(self, session: OpaqueSession) -> None:
        """Refuse a session that awaits nothing, so that it cannot be used to try codes.

        Raises:
            MethodRefused: it does not.
        """
        self._required()
        if not session.is_pending:
            raise MethodRefused

    async def give(self, session: OpaqueSession, token: str, typed: str, caller: Caller) -> None:
        """Complete a sign-in.

        Args:
            session: that awaits the proof.
            token: what stands for it, before and after.
            typed: as the person has entered it.
            caller: who is asking.

        Raises:
            MethodRefused: it awaits none.
            ProofRefused: it is wrong, and counted.
            ProofBlocked: it is wrong, and the last of too many, or the account is locked: the session has ended. Or
                as many as may be wrong are being evaluated: nothing else was.
            SessionOver: the session has ended, or the account is gone or disabled.
            AccountNotReady: Keycloak wants an action first; a code that was sent is good again, one of a generator is
                used up.
            TooManyAttempts: nothing was evaluated: the caller's address is blocked, or others have taken too long.
            Unavailable: Keycloak or Redis cannot be asked; the same.
        """
        self.require_awaited(session)
        with self._events.sign_in_refusals(caller, session.account_id, _REASONS):
            await self._judged(self._required(), session, token, typed, caller)

    async def send(self, session: OpaqueSession, token: str, medium: Medium, caller: Caller) -> tuple[str, ...]:
        """Send a code for a session that awaits one.

        Arguments as `give`; returns and raises as `SentCodes.send`.

        Raises:
            MethodRefused: it awaits a code of a generator.
        """
        if self._required() is not Proof.OTP:
            raise MethodRefused
        return await self._codes.send(_occasion(session, token), medium, caller)

    async def _judged(self, by: Proof, session: OpaqueSession, token: str, typed: str, caller: Caller) -> None:
        """Count first, so that of any number at once no more are evaluated than may be wrong."""
        limits, subject = self._state.limits, self._state.secrets.digest(_TRIES, token)
        try:
            await limits.admit(_TRIES, subject, most=_MOST_WRONG, window=self._awaited_for)
        except TooManyAttempts:
            # One of those in flight may be right, and completes the session; the last wrong one ends it.
            limits.take_back(_TRIES, subject)
            raise ProofBlocked(by) from None
        try:
            async with self._proofs.proven(by, _occasion(session, token), typed, caller) as attempt:
                tokens = await self._begun(session, attempt)
                await self._unfinished.to_the_end(self._completed(by, session, token, tokens, caller))
        except ProofRefused as refusal:
            raise await self._unfinished.to_the_end(self._refused(refusal, token, subject)) from None
        except (AccountNotReady, TooManyAttempts, Unavailable, asyncio.CancelledError):
            # Right so far, or nothing was evaluated, or nobody knows what of.
            limits.take_back(_TRIES, subject)
            raise

    async def _refused(self, refusal: ProofRefused, token: str, subject: str) -> ProofRefused:
        """Count a wrong one, end the session by the last of them, and return what is to be told."""
        if not isinstance(refusal, ProofBlocked):
            wrong = await self._state.limits.admit(_WRONG, subject, most=_MOST_WRONG, window=self._awaited_for)
            if wrong < _MOST_WRONG:
                return refusal
        await self._state.opaque_sessions.end_pending(token)
        return ProofBlocked(refusal.by)

    async def _begun(self, session: OpaqueSession, attempt: Attempt) -> Tokens:
        """Begin Keycloak's session; for who is out of time it ends again, and ours awaits its proof as before."""
        signing_in = self._signed_in(session.account_id)
        tokens = await self._unfinished.or_undone(signing_in, self._realm.tokens.leave_nothing)
        async with self._proven_steps.ended_on_failure(tokens):
            try:
                await attempt.complete()
            except CredentialsRefused:
                # Not wrong, but out of date: a new password has ended the session.
                raise SessionOver from None
        return tokens

    async def _signed_in(self, account_id: str) -> Tokens:
        account = await self._realm.users.get(account_id)
        if account is None:
            raise SessionOver
        try:
            return await self._realm.tokens.sign_in_verified(account)
        except AccountNotFound:
            raise SessionOver from None

    async def _completed(self, by: Proof, session: OpaqueSession, token: str, tokens: Tokens, caller: Caller) -> None:
        """Have ours stand for it, which no end of the request's time keeps from being told."""
        async with self._proven_steps.ended_on_failure(tokens):
            await self._sessions.complete(token, session, tokens)
        self._events.done(caller, session.account_id, by.value)

    def _required(self) -> Proof:
        if self._by is None:
            raise MethodRefused
        return self._by


def _occasion(session: OpaqueSession, token: str) -> Occasion:
    return Occasion(session.account_id, token)
