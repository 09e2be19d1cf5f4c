"""The deny list: what has ended although its access tokens still verify (design section 2, security S21, S22)."""

from collections.abc import Iterable
from datetime import timedelta

from gateway.state.connection import Connection
from gateway.state.keys import Keys
from gateway.state.times import milliseconds

_LEEWAY = 10
"""Seconds by which Keycloak's clock may be behind Redis' (security S25); what was issued within them before the end is
refused by its session's id."""


class EndedSessions:
    """What was ended, kept until the last access token of it has expired."""

    def __init__(self, redis: Connection, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys
        self._end_sessions = redis.script("end_sessions")
        self._end_account = redis.script("end_account")
        self._end_issued_until = redis.script("end_issued_until")

    async def end(self, session_ids: Iterable[str], lifetime: timedelta) -> None:
        """Refuse these sessions from now on.

        Args:
            session_ids: Keycloak session ids.
            lifetime: how long to remember: the longest life of an access token.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        marks = [self._keys.ended_session(session_id) for session_id in session_ids if session_id]
        if marks:
            await self._redis.run(self._end_sessions, marks, (milliseconds(lifetime),))

    async def end_all_but(self, account_id: str, kept_session: str | None, lifetime: timedelta) -> None:
        """Refuse everything issued to an account before now, except to the kept session.

        What was issued within the last seconds is not covered, since the clocks differ and a sign-in may follow at
        once: end those sessions by their ids as well.

        Args:
            account_id: Keycloak user id.
            kept_session: Keycloak session id, or None to keep none.
            lifetime: how long to remember.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        mark = self._keys.ended_account(account_id)
        await self._redis.run(self._end_account, (mark,), (kept_session or "", milliseconds(lifetime)))

    async def end_issued_until(self, second: int, account_id: str, lifetime: timedelta) -> None:
        """Refuse everything issued to an account until a second of Keycloak's clock has passed, to the last of it.

        Doing it again ends nothing that was issued later.

        Args:
            second: since the epoch; tokens' `iat` are of the same clock, so nothing has to be allowed for.
            account_id: Keycloak user id.
            lifetime: how long to remember.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        mark = self._keys.ended_account(account_id)
        await self._redis.run(self._end_issued_until, (mark,), (second + 1 + _LEEWAY, milliseconds(lifetime)))

    async def includes(self, session_id: str, account_id: str, issued_at: int) -> bool:
        """Say whether a token's session has ended.

        Args:
            session_id: the token's Keycloak session.
            account_id: the token's Keycloak user id.
            issued_at: the token's `iat`, seconds since the epoch.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        session, account = await self._redis.read(
            "MGET", self._keys.ended_session(session_id), self._keys.ended_account(account_id)
        )
        if session is not None:
            return True
        return account is not None and issued_at < _not_before(account, session_id) - _LEEWAY

    async def includes_session(self, session_id: str) -> bool:
        """Say whether this very session was ended, whatever has become of the account's others.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        return await self._redis.read("GET", self._keys.ended_session(session_id)) is not None

    async def first_use(self, token_id: str, lifetime: timedelta) -> bool:
        """Say whether a token id (`jti`) is seen for the first time within the lifetime.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        mark = self._keys.used_token(token_id)
        return bool(await self._redis.write("SET", mark, 1, "NX", "PX", milliseconds(lifetime)))


def _not_before(mark: bytes, session_id: str) -> int:
    """Read an account's mark, as `end_account.lua` writes it, for one session."""
    for_all, for_kept, kept = mark.decode().split(" ", 2)
    return int(for_kept if session_id and session_id == kept else for_all)
