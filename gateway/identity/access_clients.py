"""Access clients at work: recognised by their token, and disconnected for ever (cyclos contract section 9)."""

from datetime import timedelta

from gateway.domain.access_clients import AccessClient
from gateway.domain.callers import Caller
from gateway.domain.errors import AccessClientRefused, ProofRefused, TokenRefused
from gateway.domain.proofs import Proof
from gateway.domain.tokens import PresentedToken, Tokens
from gateway.identity.access_client_tokens import AccessClientTokens, OpenedToken
from gateway.identity.foretold import RESUMED_FOR
from gateway.identity.proofs import Proofs
from gateway.identity.security_events import NOBODY, SecurityEvents
from gateway.identity.sent_codes import Occasion
from gateway.identity.sign_in_events import SignInEvents
from gateway.keycloak.realm import Realm
from gateway.state.store import State
from gateway.unfinished import Unfinished


class AccessClients:
    """Knows them by nothing but their tokens, so that they survive a loss of Redis; Keycloak says whether they live."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        state: State,
        tokens: AccessClientTokens,
        proofs: Proofs,
        events: SecurityEvents,
        sign_in_events: SignInEvents,
        *,
        unfinished: Unfinished,
        recheck: timedelta,
        confirmation: Proof | None,
    ) -> None:
        """Take what it works with.

        Args:
            recheck: how long Keycloak's word counts.
            confirmation: what confirms a disconnection; None for nothing.
        """
        self._realm = realm
        self._state = state
        self._tokens = tokens
        self._proofs = proofs
        self._events = events
        self._sign_in_events = sign_in_events
        self._unfinished = unfinished
        self._recheck = recheck
        self._confirmation = confirmation

    async def recognise(self, token: str, caller: Caller) -> AccessClient:
        """Find out whose access client it is, and that it may still act.

        Args:
            token: with its prefix, as the request has it.
            caller: who is asking.

        Raises:
            AccessClientRefused: it is none of ours, disconnected, or its person is gone, disabled or signed out for
                good.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        with self._events.refusals(AccessClientRefused, "access_client", caller, account=NOBODY, reason="token"):
            opened = self._opened(token)
            says = self._presented(opened)
            if await self._state.ended_sessions.includes_session(says.session_id):
                raise AccessClientRefused
            if not await self._state.checked_tokens.includes(token):
                await self._refreshed(opened)
                await self._state.checked_tokens.add(token, self._recheck)
        return AccessClient(says.session_id, opened.name, says.account_id)

    async def sign_in(self, token: str, caller: Caller) -> Tokens:
        """Get tokens of the session in which a client acts that was recognised, for what is to end with it.

        Args:
            token: of the client.
            caller: who is asking.

        Raises:
            AccessClientRefused: it was disconnected meanwhile.
            Unavailable: Keycloak cannot be asked.
        """
        opened = self._opened(token)
        tokens = await self._refreshed(opened)
        self._sign_in_events.done(caller, self._presented(opened).account_id, "access_client")
        return tokens

    async def disconnect(self, token: str, confirmation: str | None, caller: Caller) -> None:
        """End an access client for ever, with every session that it has begun.

        Args:
            token: of a client that was recognised.
            confirmation: the further proof, if any was given.
            caller: who is asking.

        Raises:
            ProofRefused: the further proof that is asked for is missing or wrong; nothing has changed.
            AccessClientRefused: another request has disconnected it.
            AddressBlocked: the caller's address is blocked.
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        """
        opened = self._opened(token)
        says = self._presented(opened)
        by = self._confirmation
        if by is None:
            await self._unfinished.to_the_end(self._disconnected(token, opened, says, caller))
            return
        with self._events.refusals(ProofRefused, "confirmation", caller, account=says.account_id, reason=by.value):
            if not confirmation:
                raise ProofRefused(by)
            async with self._proofs.proven(by, Occasion(says.account_id), confirmation, caller):
                await self._unfinished.to_the_end(self._disconnected(token, opened, says, caller))

    async def _disconnected(self, token: str, opened: OpenedToken, says: PresentedToken, caller: Caller) -> None:
        remembered_for = max(RESUMED_FOR, self._recheck)
        # First, so that Keycloak is asked at the next use, whatever fails from here on.
        await self._state.checked_tokens.remove(token)
        try:
            await self._realm.tokens.end_session(opened.offline_token)
        except TokenRefused:
            raise AccessClientRefused from None
        await self._state.ended_sessions.end([says.session_id], remembered_for)
        self._events.tell("access_client", "done", caller, account=says.account_id, reason="disconnected")

    def _opened(self, token: str) -> OpenedToken:
        opened = self._tokens.opened(token)
        if opened is None:
            raise AccessClientRefused
        return opened

    def _presented(self, opened: OpenedToken) -> PresentedToken:
        try:
            return self._realm.tokens.presented(opened.offline_token)
        except TokenRefused:
            raise AccessClientRefused from None

    async def _refreshed(self, opened: OpenedToken) -> Tokens:
        try:
            return await self._realm.tokens.refresh(opened.offline_token)
        except TokenRefused:
            raise AccessClientRefused from None
