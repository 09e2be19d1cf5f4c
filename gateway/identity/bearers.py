"""Whom a bearer token speaks for."""

from gateway.domain.callers import Caller
from gateway.domain.errors import NotSignedIn, TokenRefused
from gateway.domain.tokens import SignedIn
from gateway.keycloak.realm import Realm
from gateway.state.store import State


class Bearers:
    """Checks access tokens: locally, against the deny list, and where it matters with Keycloak itself."""

    def __init__(self, realm: Realm, state: State) -> None:
        self._realm = realm
        self._state = state

    async def verified(self, caller: Caller) -> SignedIn:
        """Check the caller's token by its signature and claims, and against what has ended (design section 2).

        Raises:
            NotSignedIn: no token, or not a good one (security S25).
            Unavailable: the signing keys or Redis cannot be asked.
        """
        if not caller.bearer:
            raise NotSignedIn
        try:
            person = await self._realm.access_tokens.verify(caller.bearer)
        except TokenRefused:
            raise NotSignedIn from None
        ended = self._state.ended_sessions
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
        if not await self._realm.tokens.is_active(caller.bearer or ""):
            raise NotSignedIn
        return person
