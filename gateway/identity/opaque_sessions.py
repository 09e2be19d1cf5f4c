"""Sessions of Keycloak's behind opaque tokens of ours (cyclos contract section 6)."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta

from gateway.domain.callers import Caller
from gateway.domain.errors import SessionOver, TokenRefused
from gateway.domain.organizations import Organization
from gateway.domain.tokens import Tokens
from gateway.domain.visits import OpaqueSession
from gateway.identity.security_events import NOBODY, SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.keycloak.realm import Realm
from gateway.state.opaque_sessions import FoundSession
from gateway.state.store import State


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """How long things last.

    Attributes:
        timeout: a session that is not used, unless it has asked for less.
        word_counts: Keycloak's word that a session goes on.
        pending_for: a session that awaits a second proof.
    """

    timeout: timedelta
    word_counts: timedelta
    pending_for: timedelta


class OpaqueSessions:
    """Begins, finds and ends them; what Keycloak has ended counts no more, at once where Keycloak tells of it."""

    def __init__(
        self,
        realm: Realm,
        state: State,
        sessions: Sessions,
        events: SecurityEvents,
        *,
        terms: SessionTerms,
        clock: Callable[[], float],
    ) -> None:
        """Take what it works with.

        Args:
            clock: seconds since the epoch.
        """
        self._realm = realm
        self._state = state
        self._sessions = sessions
        self._events = events
        self._terms = terms
        self._clock = clock

    async def begin(self, who: OpaqueSession, tokens: Tokens, lasting: timedelta | None) -> tuple[str, OpaqueSession]:
        """Begin a session that stands for one of Keycloak's.

        Args:
            who: whose it is.
            tokens: of Keycloak's session; when ours cannot begin, it is the caller's to end.
            lasting: how long it lasts without being used; what is set where that is less, or where it is None.

        Returns:
            Its token, and what is kept of it.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        session = self._standing_for(who, tokens)
        return await self._kept(session, lasting), session

    async def complete(self, token: str, session: OpaqueSession, tokens: Tokens) -> None:
        """Make a full session of one whose second proof was given, under the same token.

        Args:
            token: the session's.
            session: what was kept of it.
            tokens: of Keycloak's session; when ours cannot go on, it is the caller's to end.

        Raises:
            SessionOver: it has ended meanwhile, or another request has completed it.
            Unavailable: Redis cannot be asked.
        """
        if not await self._state.opaque_sessions.complete(token, self._standing_for(session, tokens)):
            raise SessionOver

    async def now(self) -> int:
        """Return the time by which `begin_pending` takes it.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        return await self._state.opaque_sessions.now()

    async def begin_pending(
        self, who: OpaqueSession, lasting: timedelta | None, begun: int
    ) -> tuple[str, OpaqueSession]:
        """Begin a session that awaits a second proof; Keycloak has none yet.

        Args:
            who: as in `begin`.
            lasting: the same.
            begun: when, by `now`, the first proof had not been judged: a new password that was set since ends it.

        Returns:
            As `begin`.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        session = replace(who, issued_at=int(self._clock()))
        return await self._kept(session, lasting, begun), session

    async def find(self, token: str, organization: Organization | None, caller: Caller) -> OpaqueSession:
        """Find the session that a token stands for, and renew its timeout.

        Args:
            token: as the request has it, of any shape.
            organization: the one whose address was called, or None.
            caller: who is asking.

        Raises:
            SessionOver: unknown, over, ended here or in Keycloak, or another organization's.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        found = await self._state.opaque_sessions.use(token, self._terms.word_counts)
        if found is None:
            self._events.tell("bearer", "refused", caller, account=NOBODY, reason="token")
            raise SessionOver
        try:
            with self._events.refusals(SessionOver, "bearer", caller, account=found.session.account_id, reason="ended"):
                return await self._confirmed(token, found, organization)
        except (Exception, asyncio.CancelledError):
            if found.is_due:
                await found.give_back()
            raise

    async def end(self, token: str, session: OpaqueSession, caller: Caller) -> None:
        """End a session, here and in Keycloak.

        What belongs to a program goes on: only the program's own disconnection ends that.

        Raises:
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        """
        if session.is_pending or session.access_client is not None:
            self._events.tell("sign_out", "done", caller, account=session.account_id)
        else:
            with suppress(TokenRefused):
                await self._sessions.sign_out(session.refresh_token, caller)
        await self._state.opaque_sessions.end_one(token)

    def _standing_for(self, who: OpaqueSession, tokens: Tokens) -> OpaqueSession:
        return replace(
            who,
            session_id=tokens.session_id,
            refresh_token=tokens.refresh_token,
            issued_at=self._realm.tokens.presented(tokens.refresh_token).issued_at,
        )

    async def _kept(self, session: OpaqueSession, lasting: timedelta | None, begun: int | None = None) -> str:
        least = min(lasting or self._terms.timeout, self._terms.timeout)
        pending_for = self._terms.pending_for
        return await self._state.opaque_sessions.begin(session, least, pending_for=pending_for, begun=begun)

    async def _confirmed(self, token: str, found: FoundSession, organization: Organization | None) -> OpaqueSession:
        session = found.session
        if session.organization_id != (organization.id if organization else None):
            raise SessionOver
        try:
            await self._require_undenied(session)
            return await self._rechecked(found, organization) if found.is_due else session
        except TokenRefused:
            await self._state.opaque_sessions.end_one(token)
            raise SessionOver from None

    async def _require_undenied(self, session: OpaqueSession) -> None:
        denied = self._state.ended_sessions
        if await denied.includes(session.session_id, session.account_id, session.issued_at):
            raise TokenRefused

    async def _rechecked(self, found: FoundSession, organization: Organization | None) -> OpaqueSession:
        """Have Keycloak's word that it goes on.

        Raises:
            TokenRefused: it does not.
        """
        session = found.session
        if organization and not await self._realm.organizations.has_member(organization, session.account_id):
            raise TokenRefused
        refresh_token = await self._word_of(session)
        if not await found.goes_on(refresh_token):
            raise TokenRefused
        return replace(session, refresh_token=refresh_token)

    async def _word_of(self, session: OpaqueSession) -> str:
        if not session.is_pending:
            return (await self._realm.tokens.refresh(session.refresh_token)).refresh_token
        account = await self._realm.users.get(session.account_id)
        if account is None or not account.enabled:
            raise TokenRefused
        return ""
