"""Keycloak sessions after sign-in: kept alive, ended one by one or all together."""

import asyncio
from datetime import timedelta

from gateway.domain.callers import Caller
from gateway.domain.errors import TokenRefused, Unavailable
from gateway.domain.tokens import SignedIn, Tokens
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.keycloak.sessions import Session
from gateway.state.outbox import Parcel
from gateway.state.store import State

END_SESSIONS = "end_sessions"
_AT_ONCE = 8
_RESUMED_FOR = timedelta(days=1)


class Sessions:
    """What ends here is refused by the gateway at once, although its access tokens still verify (security S22)."""

    def __init__(self, realm: Realm, state: State, events: SecurityEvents, remembered_for: timedelta) -> None:
        """Take the rooms.

        Args:
            realm: Keycloak.
            state: Redis.
            events: where to tell.
            remembered_for: how long ended sessions are kept on the deny list: the longest life of an access token.
        """
        self._realm = realm
        self._state = state
        self._events = events
        self._remembered_for = remembered_for

    async def refresh(self, refresh_token: str, caller: Caller) -> Tokens:
        """Exchange a refresh or offline token for new tokens of its session.

        Raises:
            TokenRefused: garbage, expired, session ended, account disabled, or not one of our clients' refresh tokens.
            Unavailable: Keycloak cannot be asked.
        """
        try:
            return await self._realm.tokens.refresh(refresh_token)
        except TokenRefused:
            self._events.tell("refresh", "refused", caller, account="none")
            raise

    async def sign_out(self, refresh_token: str, caller: Caller) -> None:
        """End the one session a refresh or offline token belongs to; a session already gone is fine.

        Raises:
            TokenRefused: garbage, or not a refresh token of one of our clients.
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        """
        try:
            ended = await self._realm.tokens.end_session(refresh_token)
        except TokenRefused:
            self._events.tell("sign_out", "refused", caller, account="none")
            raise
        await self._state.ended_sessions.end([ended.session_id], self._remembered_for)
        self._events.tell("sign_out", "done", caller, account=ended.account_id)

    async def sign_out_person(self, person: SignedIn, caller: Caller) -> None:
        """End the one session of a person's access token.

        Raises:
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        """
        for offline in (False, True):
            await self._realm.sessions.end(Session(person.session_id, offline=offline))
        await self._state.ended_sessions.end([person.session_id], self._remembered_for)
        self._events.tell("sign_out", "done", caller, account=person.account_id)

    async def end_all_but(self, kept: str | None, account_id: str) -> None:
        """End all sessions of an account, ordinary and offline, except the kept one.

        The gateway itself refuses them from now on. When Keycloak cannot be asked, ending them there is put into the
        outbox: a password that was changed must not be reported as unchanged.

        Args:
            kept: Keycloak session id, or None to end every session.
            account_id: Keycloak user id.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        await self._state.ended_sessions.end_all_but(account_id, kept, self._remembered_for)
        try:
            await self._end_in_keycloak(account_id, kept)
        except Unavailable:
            content = {"account": account_id, "kept": kept or ""}
            await self._state.outbox.add(END_SESSIONS, content, _RESUMED_FOR)

    async def resume_ending(self, parcel: Parcel) -> None:
        """End in Keycloak what could not be ended when it was asked."""
        await self._end_in_keycloak(parcel.content["account"], parcel.content["kept"] or None)

    async def note_ended(self, logout_token: str) -> None:
        """Take Keycloak's word that it ended a session (OpenID Connect Back-Channel Logout 1.0).

        Each logout token counts once; Keycloak may repeat it.

        Raises:
            TokenRefused: not a logout token of this realm for one of our clients.
            Unavailable: the signing keys or Redis cannot be asked.
        """
        token = await self._realm.access_tokens.verify_logout_token(logout_token)
        if not await self._state.ended_sessions.first_use(token.token_id, self._remembered_for):
            return
        ended = token.ended
        if ended.session_id:
            await self._state.ended_sessions.end([ended.session_id], self._remembered_for)
        else:
            await self._state.ended_sessions.end_all_but(ended.account_id, None, self._remembered_for)
        self._events.tell("sessions_ended", "done", account=ended.account_id, reason="by_keycloak")

    async def _end_in_keycloak(self, account_id: str, kept: str | None) -> None:
        others = [each for each in await self._realm.sessions.of(account_id) if each.id != kept]
        await self._state.ended_sessions.end([each.id for each in others], self._remembered_for)
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def end(session: Session) -> None:
            async with at_once:
                await self._realm.sessions.end(session)

        await asyncio.gather(*map(end, others))
        self._events.tell("sessions_ended", "done", account=account_id)
