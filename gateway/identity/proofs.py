"""Further proofs that a person gives who has shown who he is (cyclos contract section 8)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountLocked,
    AccountNotReady,
    CredentialsRefused,
    GatewayError,
    ProofBlocked,
    ProofRefused,
    TooManyAttempts,
)
from gateway.domain.proofs import Proof
from gateway.identity.guesses import Guesses
from gateway.identity.password_proofs import require_length
from gateway.identity.sent_codes import Occasion, SentCodes
from gateway.keycloak.realm import Realm
from gateway.state.attempt import Attempt


class Proofs:
    """Judges them: one of a person at a time, each of them a guess that counts like any other."""

    def __init__(self, realm: Realm, guesses: Guesses, codes: SentCodes) -> None:
        self._realm = realm
        self._guesses = guesses
        self._codes = codes

    @asynccontextmanager
    async def proven(self, by: Proof, occasion: Occasion, typed: str, caller: Caller) -> AsyncIterator[Attempt]:
        """Let something be done by a person who gives a further proof; a code that is right is used up by it.

        Args:
            by: what it is given by.
            occasion: what it is for.
            typed: as the person has entered it.
            caller: who is asking.

        Raises:
            ProofRefused: it is wrong, and counted.
            ProofBlocked: too many were wrong; nothing was evaluated.
            AddressBlocked: the caller's address is.
            TooManyAttempts: others of the person's have been evaluated for too long; nothing was evaluated.
            Unavailable: Keycloak or Redis cannot be asked; a code that was sent is good again.
        """
        try:
            guess = await self._guesses.begin(occasion.account_id, caller, occasion.subject)
            admitted = self._guesses.admitted(guess, occasion.subject, alone=True)
            async with admitted as attempt, self._judged(by, occasion, typed):
                yield attempt
        except AccountLocked:
            raise ProofBlocked(by) from None
        except CredentialsRefused:
            raise ProofRefused(by) from None

    @asynccontextmanager
    async def _judged(self, by: Proof, occasion: Occasion, typed: str) -> AsyncIterator[None]:
        if by is not Proof.OTP:
            await self._judge(by, occasion.account_id, typed)
            yield
            return
        try:
            checked = await self._codes.check(occasion, typed)
        except TooManyAttempts:
            raise ProofBlocked(by) from None
        if checked.verdict != "right":
            raise CredentialsRefused
        try:
            yield
        except (GatewayError, asyncio.CancelledError):
            await checked.give_back()
            raise

    async def _judge(self, by: Proof, account_id: str, typed: str) -> None:
        require_length(typed)
        account = await self._realm.users.get(account_id)
        name = await self._realm.users.login_name(account) if account else None
        if account is None or name is None:
            raise CredentialsRefused
        if by is Proof.PASSWORD:
            await self._realm.factors.check_password(name, typed)
        else:
            await self._judge_generated(account, name, typed)

    async def _judge_generated(self, account: Account, name: str, typed: str) -> None:
        # Of who has no generator Keycloak makes an error of its own.
        if not await self.has_generator(account.id):
            raise CredentialsRefused
        # Said to a right code only; what is due is no concern here, and whoever signs in is told of it again.
        with suppress(AccountNotReady):
            await self._realm.factors.prove_code(name, typed)

    async def has_generator(self, account_id: str) -> bool:
        """Say whether a person has a generator of codes that can be asked for.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        profile = await self._realm.profiles.of(account_id)
        return profile is not None and profile.second_factor and self._realm.factors.checks_codes
