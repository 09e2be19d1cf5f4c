"""Signing in with a name and one secret, be it the password or a mailed code (kestra contract 1.4)."""

import asyncio
import re
from dataclasses import dataclass

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import AccountNotFound, CredentialsRefused, GatewayError, TooManyAttempts
from gateway.domain.purposes import CodePurpose
from gateway.domain.tokens import TokenHolder, Tokens
from gateway.identity.ownership import Ownership
from gateway.identity.proven_steps import ProvenSteps
from gateway.identity.sign_in import SignIn
from gateway.keycloak.access_tokens import holder_of
from gateway.keycloak.realm import Realm
from gateway.state.attempt import Attempt
from gateway.state.one_time_codes import CheckedCode
from gateway.state.store import State
from gateway.state.subjects import Subject

_CODE = re.compile(r"[0-9]{6}")


@dataclass(frozen=True, slots=True)
class DirectSignInTerms:
    """Which secrets count.

    Attributes:
        passwords: whether passwords do.
        codes: whether mailed codes do.
        most_wrong: wrong tries that void a code.
    """

    passwords: bool
    codes: bool
    most_wrong: int


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """Tokens, and whose they are."""

    tokens: Tokens
    holder: TokenHolder


class DirectSignIn:
    """Takes a code for one where it can be one; whatever is no right code is judged as a password."""

    def __init__(
        self,
        realm: Realm,
        state: State,
        sign_in: SignIn,
        proven_steps: ProvenSteps,
        ownership: Ownership,
        terms: DirectSignInTerms,
    ) -> None:
        self._realm = realm
        self._state = state
        self._sign_in = sign_in
        self._proven_steps = proven_steps
        self._ownership = ownership
        self._terms = terms

    async def with_secret(self, name: str, secret: str, caller: Caller) -> IssuedTokens:
        """Sign a person in; it is one guess, whatever it is judged as.

        Args:
            name: user name or e-mail address as typed.
            secret: as typed; passed on unchanged.
            caller: who is asking.

        Raises:
            CredentialsRefused: unknown, wrong, disabled, without password, second factor enrolled, or locked.
            AccountNotReady: right, but something has to be done first that this way of signing in cannot ask for.
            TooManyAttempts: the address is blocked.
            Unavailable: Keycloak or Redis cannot be asked; nothing was counted, and a right code is good again.
        """

        async def evaluate(account: Account | None, attempt: Attempt) -> Tokens:
            by_code = await self._by_code(account, secret, attempt, caller)
            return by_code or await self._by_password(account, secret, attempt)

        tokens = await self._sign_in.evaluated(name, secret, caller, evaluate)
        return IssuedTokens(tokens, holder_of(tokens))

    async def _by_password(self, account: Account | None, password: str, attempt: Attempt) -> Tokens:
        if not self._terms.passwords:
            raise CredentialsRefused
        return await self._sign_in.granted(account, password, attempt, remember=False)

    async def _by_code(self, account: Account | None, code: str, attempt: Attempt, caller: Caller) -> Tokens | None:
        checked = await self._checked(account, code) if account and self._is_code(code) else None
        if account is None or checked is None or checked.verdict != "right":
            return None
        try:
            return await self._let_in(account, attempt, caller)
        except AccountNotFound:
            raise CredentialsRefused from None
        except (GatewayError, asyncio.CancelledError):
            await checked.give_back()
            raise

    def _is_code(self, secret: str) -> bool:
        return self._terms.codes and _CODE.fullmatch(secret) is not None

    async def _checked(self, account: Account, code: str) -> CheckedCode | None:
        try:
            return await self._state.one_time_codes.check(
                CodePurpose.SIGN_IN, Subject.account(account.id), code, most_wrong=self._terms.most_wrong
            )
        except TooManyAttempts:
            # As good as no code: saying so would tell that there is such a person.
            return None

    async def _let_in(self, account: Account, attempt: Attempt, caller: Caller) -> Tokens:
        await self._proven_steps.require_ready(account, proves_address=True)
        # Nothing but the address is proven, and a stranger may know the password.
        await self._ownership.take_over(account, caller)
        tokens = await self._realm.tokens.sign_in_verified(account)
        return await self._proven_steps.keep(tokens, attempt)
