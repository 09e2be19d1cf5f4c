"""How an access client comes to exist: an operator makes a code, its person uses it (cyclos contract section 9)."""

import secrets
from contextlib import AsyncExitStack, suppress
from datetime import timedelta

from gateway.domain.access_clients import AccessClient, ActivatedClient
from gateway.domain.accounts import Account, normalise_name
from gateway.domain.callers import Caller
from gateway.domain.errors import AccountLocked, AccountNotFound, ActivationRefused
from gateway.domain.purposes import LinkPurpose
from gateway.domain.tokens import Tokens
from gateway.identity.access_client_tokens import AccessClientTokens
from gateway.identity.proven_steps import ProvenSteps
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.state.links import Claim
from gateway.state.store import State
from gateway.state.subjects import Subject
from gateway.unfinished import Unfinished

_LIFETIME = timedelta(hours=24)
_CHARACTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that are read for one another."""
_LENGTH = 12
_MOST_NAME = 100
_NAME = "name"


class Activations:
    """Makes codes, and lets each be used once, by the person it is for."""

    def __init__(
        self,
        realm: Realm,
        state: State,
        tokens: AccessClientTokens,
        proven_steps: ProvenSteps,
        events: SecurityEvents,
        unfinished: Unfinished,
    ) -> None:
        self._realm = realm
        self._state = state
        self._tokens = tokens
        self._proven_steps = proven_steps
        self._events = events
        self._unfinished = unfinished

    async def make_code(self, name: str, client_name: str) -> str:
        """Make a code for an operator to hand over.

        Args:
            name: e-mail address or user name of the person.
            client_name: what the client is to be called.

        Returns:
            Twelve characters.

        Raises:
            ValueError: a client cannot be called so.
            AccountNotFound: nobody has that name.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        if not client_name.isprintable() or not 0 < len(client_name.strip()) <= _MOST_NAME:
            raise ValueError(f"the client's name must have at most {_MOST_NAME} characters, all of them visible")
        normalised = normalise_name(name)
        account = await self._realm.users.find_only(normalised) if normalised else None
        if account is None:
            raise AccountNotFound
        code, subject = "".join(secrets.choice(_CHARACTERS) for _ in range(_LENGTH)), Subject.account(account.id)
        content = {_NAME: client_name.strip()}
        await self._state.links.issue(
            LinkPurpose.ACTIVATION, subject, _LIFETIME, content=content, limit_one=False, secret=self._secret(code)
        )
        self._events.tell("access_client", "done", account=account.id, reason="code")
        return code

    async def activate(self, account_id: str, code: str, prefix: str, caller: Caller) -> ActivatedClient:
        """Make the client that a code is for.

        Args:
            account_id: of whoever is asking, who has shown who he is.
            code: as typed.
            prefix: what the client will send before its token, which `is_prefix` allows; empty for none.
            caller: who is asking.

        Raises:
            ActivationRefused: the code is unknown, expired, used, being used, or somebody else's; counted.
            AccountNotReady: Keycloak wants an action of the person first; the code stays good.
            RightsRefused: the realm lets the person have no offline session; the code stays good.
            AddressBlocked: the caller's address is blocked.
            TooManyAttempts: others of the person's have been evaluated for too long; the code stays good.
            Unavailable: Keycloak or Redis cannot be asked; the code stays good.
        """
        await self._state.limits.require_open(caller.address)
        try:
            return await self._activated(account_id, code, prefix, caller)
        except ActivationRefused:
            self._events.tell("access_client", "refused", caller, account=account_id, reason="code")
            await self._unfinished.to_the_end(self._count(account_id, caller))
            raise

    async def _activated(self, account_id: str, code: str, prefix: str, caller: Caller) -> ActivatedClient:
        claim, tokens = await self._begun(account_id, code)
        async with self._proven_steps.ended_on_failure(tokens):
            await claim.consume()
        client = AccessClient(tokens.session_id, claim.content[_NAME], account_id)
        self._events.tell("access_client", "done", caller, account=account_id, reason="activated")
        return ActivatedClient(client, self._tokens.sealed(client.name, tokens, prefix))

    async def _begun(self, account_id: str, code: str) -> tuple[Claim, Tokens]:
        """Claim a code, and begin the client's session in Keycloak; for who is out of time it ends again."""
        return await self._unfinished.or_undone(self._signed_in(account_id, code), self._left)

    async def _left(self, begun: tuple[Claim, Tokens]) -> None:
        """Leave nothing of what nobody waits for any more; only then the code works again."""
        claim, tokens = begun
        await self._realm.tokens.leave_nothing(tokens)
        await claim.release()

    async def _signed_in(self, account_id: str, code: str) -> tuple[Claim, Tokens]:
        claim = await self._state.links.claim(LinkPurpose.ACTIVATION, self._secret(code))
        if claim is None:
            raise ActivationRefused
        try:
            return claim, await self._granted(await self._person(account_id, claim))
        except BaseException:
            await claim.release()
            raise

    async def _person(self, account_id: str, claim: Claim) -> Account:
        account = await self._realm.users.get(account_id)
        if account is None or not account.enabled or claim.subject != Subject.account(account.id):
            raise ActivationRefused
        return account

    async def _granted(self, account: Account) -> Tokens:
        async with AsyncExitStack() as held:
            if await self._realm.brute_force_detection():
                # It refuses parallel grants of one account (S5). While that is locked, there are no others.
                with suppress(AccountLocked):
                    slot = self._state.attempts.slot(Subject.account(account.id), at_once=1)
                    await held.enter_async_context(slot)
            try:
                return await self._realm.tokens.sign_in_verified(account, offline=True)
            except AccountNotFound:
                raise ActivationRefused from None

    async def _count(self, account_id: str, caller: Caller) -> None:
        if await self._state.limits.count_failure(caller.address):
            self._events.tell("address_blocked", "done", caller, account=account_id)

    def _secret(self, code: str) -> str:
        """Make of a code, which is short, what Redis may know a hash of: nobody tries codes without the key (S7)."""
        bare = "".join(each for each in code.upper() if each in _CHARACTERS)
        return self._state.secrets.digest("activation-code", bare)
