"""Signing out by whichever of a session's tokens is at hand (nap contract section 4.4)."""

from collections.abc import Callable

from gateway.domain.callers import Caller
from gateway.domain.errors import TokenRefused
from gateway.identity.security_events import NOBODY, SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.keycloak.realm import Realm


class SignOuts:
    """Ends the one session that a token belongs to; a session already gone is fine."""

    def __init__(self, realm: Realm, sessions: Sessions, events: SecurityEvents, clock: Callable[[], float]) -> None:
        """Take what it works with.

        Args:
            clock: seconds since the epoch.
        """
        self._realm = realm
        self._sessions = sessions
        self._events = events
        self._clock = clock

    async def by_either(self, access_token: str, refresh_token: str, caller: Caller) -> None:
        """End the session of the access token; that of the refresh token, when the former is no good.

        Args:
            access_token: may be empty, expired or garbage.
            refresh_token: the same; not looked at beside a good access token.
            caller: who is asking.

        Raises:
            TokenRefused: neither is a genuine, unexpired token of its kind.
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        """
        try:
            person = await self._realm.access_tokens.verify(access_token)
        except TokenRefused:
            await self._by_refresh_token(refresh_token, caller)
            return
        await self._sessions.sign_out_person(person, caller)

    async def _by_refresh_token(self, refresh_token: str, caller: Caller) -> None:
        with self._events.refusals(TokenRefused, "sign_out", caller, account=NOBODY, reason="expired"):
            self._require_unexpired(refresh_token)
        await self._sessions.sign_out(refresh_token, caller)

    def _require_unexpired(self, refresh_token: str) -> None:
        """Refuse what has expired; Keycloak takes that for a session already gone."""
        expires_at = self._realm.tokens.presented(refresh_token).expires_at
        if expires_at is not None and expires_at <= self._clock():
            raise TokenRefused
