"""Whom a bearer token speaks for."""

from contextlib import AbstractContextManager

from gateway.domain.callers import Caller
from gateway.domain.errors import NotSignedIn, TokenRefused
from gateway.domain.tokens import SignedIn
from gateway.identity.security_events import NOBODY, SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.state.store import State


class Bearers:
    """Checks access tokens: locally, against the deny list, and where it matters with Keycloak itself.

    A token that is refused is told of; that there is none is not.
    """

    def __init__(self, realm: Realm, state: State, events: SecurityEvents) -> None:
        self._realm = realm
        self._state = state
        self._events = events

    async def verified(self, caller: Caller) -> SignedIn:
        """Check the caller's token by its signature and claims, and against what has ended (design section 2).

        Raises:
            NotSignedIn: no token, or not a good one (security S25).
            Unavailable: the signing keys or Redis cannot be asked.
        """
        if not caller.bearer:
            raise NotSignedIn
        with self._events.refusals(NotSignedIn, "bearer", caller, account=NOBODY, reason="token"):
            person = await self._spoken_for(caller.bearer)
        ended = self._state.ended_sessions
        with self._ended(person, caller):
            if await ended.includes(person.session_id, person.account_id, person.issued_at):
                raise NotSignedIn
        return person

    async def live(self, caller: Caller) -> SignedIn:
        """Check as `verified`, then ask Keycloak: for what changes a password or ends a session.

        A disabled or deleted person, or a session that an administrator ended, is refused at once.

        Raises:
            NotSignedIn: no token, or not a good one.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        person = await self.verified(caller)
        with self._ended(person, caller):
            if not await self._realm.tokens.is_active(caller.bearer or ""):
                raise NotSignedIn
        return person

    async def _spoken_for(self, bearer: str) -> SignedIn:
        try:
            return await self._realm.access_tokens.verify(bearer)
        except TokenRefused:
            raise NotSignedIn from None

    def _ended(self, person: SignedIn, caller: Caller) -> AbstractContextManager[None]:
        """Tell of the refusal of a genuine token."""
        return self._events.refusals(NotSignedIn, "bearer", caller, account=person.account_id, reason="ended")
