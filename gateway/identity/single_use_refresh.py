"""Refresh tokens that work once, which Keycloak's own are not (nap contract section 4.5, security S23).

Keycloak's rotation stays off in the realm: with it, two refreshes of one token at a time end the session. Here they
get one answer, and so does a repetition within a moment, for whoever has lost the first. Later the token can only be in
two hands, so its session ends.
"""

import asyncio
import json
from collections.abc import Callable
from dataclasses import astuple
from datetime import timedelta

from gateway.domain.callers import Caller
from gateway.domain.errors import GatewayError, TokenRefused
from gateway.domain.tokens import DatedTokens, PresentedToken
from gateway.identity.security_events import NOBODY, SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.identity.single_use_tokens import SingleUseTokens, remembered_for
from gateway.keycloak.realm import Realm
from gateway.keycloak.token_answers import dated
from gateway.state.spent_tokens import Answered, Reused, Turn
from gateway.state.store import State


class SingleUseRefresh:
    """Exchanges each refresh token once."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        state: State,
        sessions: Sessions,
        single_use: SingleUseTokens,
        events: SecurityEvents,
        *,
        clock: Callable[[], float],
        grace: timedelta,
    ) -> None:
        """Take what it works with.

        Args:
            clock: seconds since the epoch.
            grace: how long a token that was used is answered as the first time.
        """
        self._realm = realm
        self._state = state
        self._sessions = sessions
        self._single_use = single_use
        self._events = events
        self._clock = clock
        self._grace = grace

    async def refresh(self, refresh_token: str, caller: Caller) -> DatedTokens:
        """Exchange a refresh token, for good, for new tokens of its session.

        Raises:
            TokenRefused: as `Sessions.refresh`; or used before and not just now, and then its session has ended.
            Unavailable: Keycloak or Redis cannot be asked; the token works as before, or is answered the same again.
        """
        with self._events.refusals(TokenRefused, "refresh", caller, account=NOBODY):
            says = await self._sessions.require_lasting(refresh_token)
            turn = await self._state.spent_tokens.turn(refresh_token)
            if isinstance(turn, Answered):
                return _read(turn.answer)
            if not isinstance(turn, Reused):
                return await self._spent(turn, refresh_token, says)
        await self._sessions.end_reused(says.session_id, says.account_id, caller)
        raise TokenRefused

    async def _spent(self, turn: Turn, refresh_token: str, says: PresentedToken) -> DatedTokens:
        try:
            granted = await self._realm.tokens.refresh(refresh_token)
            await self._single_use.promise(granted)
            tokens = dated(granted)
            await turn.spend(_written(tokens), grace=self._grace, remembered_for=self._rest_of(says))
        except (GatewayError, asyncio.CancelledError):
            await turn.give_back()
            raise
        return tokens

    def _rest_of(self, says: PresentedToken) -> timedelta:
        return remembered_for(None if says.expires_at is None else says.expires_at - self._clock())


def _written(tokens: DatedTokens) -> bytes:
    return json.dumps(astuple(tokens)).encode()


def _read(answer: bytes) -> DatedTokens:
    return DatedTokens(*json.loads(answer))
