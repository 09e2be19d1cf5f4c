"""Keycloak sessions after sign-in: kept alive, ended one by one or all together."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta

from gateway.domain.callers import Caller
from gateway.domain.errors import TokenRefused
from gateway.domain.tokens import PresentedToken, SignedIn, Tokens
from gateway.identity.foretold import RESUMED_FOR
from gateway.identity.security_events import NOBODY, SecurityEvents
from gateway.keycloak.access_tokens import LogoutToken
from gateway.keycloak.realm import Realm
from gateway.keycloak.sessions import Session
from gateway.state.store import State

_AT_ONCE = 8


class Sessions:
    """What ends here is refused by the gateway at once, although its access tokens still verify (security S22)."""

    def __init__(self, realm: Realm, state: State, events: SecurityEvents, remembered_for: timedelta) -> None:
        """Take what it works with.

        Args:
            remembered_for: how long ended sessions are kept on the deny list: the longest life of an access token, or
                that of Keycloak's word on a session.
        """
        self._realm = realm
        self._state = state
        self._events = events
        self._remembered_for = remembered_for

    async def refresh(self, refresh_token: str, caller: Caller) -> Tokens:
        """Exchange a refresh or offline token for new tokens of its session.

        Raises:
            TokenRefused: garbage, expired, session ended, account disabled, not one of our clients' refresh tokens, or
                one that works once.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        with self._events.refusals(TokenRefused, "refresh", caller, account=NOBODY):
            await self.require_lasting(refresh_token)
            # Where one surface promises that a token works once, no other may be the way around (decision 0017): its
            # first use there would show nobody that there is a second one.
            if await self._state.spent_tokens.includes(refresh_token):
                raise TokenRefused
            return await self._realm.tokens.refresh(refresh_token)

    async def require_lasting(self, refresh_token: str) -> PresentedToken:
        """Refuse what was ended here, also while Keycloak has not been told yet.

        Returns:
            What the token says of itself; Keycloak has not confirmed it.

        Raises:
            TokenRefused: it was ended, or cannot be a refresh token of ours.
            Unavailable: Redis cannot be asked.
        """
        says = self._realm.tokens.presented(refresh_token)
        if await self._state.ended_sessions.includes(says.session_id, says.account_id, says.issued_at):
            raise TokenRefused
        return says

    async def sign_out(self, refresh_token: str, caller: Caller) -> None:
        """End the one session a refresh or offline token belongs to; a session already gone is fine.

        Raises:
            TokenRefused: garbage, or not a refresh token of one of our clients.
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        """
        with self._events.refusals(TokenRefused, "sign_out", caller, account=NOBODY):
            ended = await self._realm.tokens.end_session(refresh_token)
        await self._state.ended_sessions.end([ended.session_id], self._remembered_for)
        self._events.tell("sign_out", "done", caller, account=ended.account_id)

    async def sign_out_person(self, person: SignedIn, caller: Caller) -> None:
        """End the one session of a person's access token.

        Raises:
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        """
        await self._end_one(person.session_id)
        await self._state.ended_sessions.end([person.session_id], self._remembered_for)
        self._events.tell("sign_out", "done", caller, account=person.account_id)

    async def end_reused(self, session_id: str, account_id: str, caller: Caller) -> None:
        """End a session of which a refresh token has come a second time: somebody else may have it (security S23).

        Raises:
            Unavailable: Keycloak or Redis cannot be asked; the next use of the token ends what is left.
        """
        self._events.tell("refresh", "refused", caller, account=account_id, reason="reused")
        remembered_for = max(self._remembered_for, RESUMED_FOR)
        await in_any_case(self._state.ended_sessions.end([session_id], remembered_for), self._end_one(session_id))
        self._events.tell("sessions_ended", "done", caller, account=account_id, reason="reused")

    async def _end_one(self, session_id: str) -> None:
        for offline in (False, True):
            await self._realm.sessions.end(Session(session_id, offline=offline))

    async def end_all_but(self, kept: str | None, account_id: str, *, standing: bool = True) -> None:
        """End all sessions of an account, ordinary and offline, except the kept one.

        What can be ended is ended, also when something cannot.

        Args:
            kept: Keycloak session id, or None to end every session.
            account_id: Keycloak user id.
            standing: those of access clients as well.

        Raises:
            Unavailable: Keycloak or Redis cannot be asked, so something may go on.
        """
        await in_any_case(
            self._state.ended_sessions.end_all_but(account_id, kept, max(self._remembered_for, RESUMED_FOR)),
            self.end_in_keycloak(kept, account_id, standing=standing),
        )

    async def end_in_keycloak(
        self, kept: str | None, account_id: str, *, begun_until: int | None = None, standing: bool = True
    ) -> None:
        """End the sessions that Keycloak lists, and refuse their access tokens.

        Args:
            kept: Keycloak session id, or None to end every session.
            account_id: Keycloak user id.
            begun_until: spare sessions that began later, milliseconds since the epoch; None to spare none.
            standing: those of access clients as well.

        Raises:
            Unavailable: Keycloak or Redis cannot be asked.
        """
        others = [each for each in await self._realm.sessions.of(account_id) if each.id != kept]
        if not standing:
            others = [each for each in others if not each.is_standing]
        if begun_until is not None:
            others = [each for each in others if each.began_at <= begun_until]
        at_once = asyncio.Semaphore(_AT_ONCE)

        async def end(session: Session) -> None:
            async with at_once:
                await self._realm.sessions.end(session)

        noted = self._state.ended_sessions.end([each.id for each in others], self._remembered_for)
        await in_any_case(noted, *map(end, others))
        self._events.tell("sessions_ended", "done", account=account_id)

    async def note_ended(self, logout_token: str, caller: Caller) -> None:
        """Take Keycloak's word that it ended a session (OpenID Connect Back-Channel Logout 1.0).

        A token that names no session ends everything issued to the account until the second of its own issue: both are
        of Keycloak's clock. Each logout token is told of once. A repetition is answered like the first one and ends
        nothing more, so it is no refusal, and there is nothing to tell.

        Args:
            logout_token: as it was posted.
            caller: who posted it.

        Raises:
            TokenRefused: not a logout token of this realm for one of our clients.
            Unavailable: the signing keys or Redis cannot be asked.
        """
        with self._events.refusals(TokenRefused, "sessions_ended", caller, account=NOBODY, reason="by_keycloak"):
            token = await self._realm.access_tokens.verify_logout_token(logout_token)
        # Once more does no harm, so a repetition mends what failed the first time.
        await self._deny(token)
        if await self._state.ended_sessions.first_use(token.token_id, self._remembered_for):
            self._events.tell("sessions_ended", "done", caller, account=token.ended.account_id, reason="by_keycloak")

    async def _deny(self, token: LogoutToken) -> None:
        ended, denied = token.ended, self._state.ended_sessions
        if ended.session_id:
            await denied.end([ended.session_id], self._remembered_for)
        else:
            await denied.end_issued_until(token.issued_at, ended.account_id, self._remembered_for)


async def in_any_case(*works: Awaitable[None]) -> None:
    """Do all of it, although some of it fails; then raise the first failure."""
    for outcome in await asyncio.gather(*works, return_exceptions=True):
        if outcome is not None:
            raise outcome
