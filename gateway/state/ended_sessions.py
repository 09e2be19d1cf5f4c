"""The deny list: sessions that have ended although their access tokens still verify (design section 2, security S21, S22)."""

from collections.abc import Iterable
from datetime import timedelta


class EndedSessions:
    """What was ended, kept until the last access token of it has expired."""

    async def end(self, session_ids: Iterable[str], lifetime: timedelta) -> None:
        """Refuse these sessions from now on.

        Args:
            session_ids: Keycloak session ids.
            lifetime: how long to remember: the longest life of an access token.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError

    async def end_all_but(self, account_id: str, kept_session: str | None, lifetime: timedelta) -> None:
        """Refuse everything issued to an account before this second, except to the kept session.

        Args:
            account_id: Keycloak user id.
            kept_session: Keycloak session id, or None to keep none.
            lifetime: how long to remember.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError

    async def includes(self, session_id: str, account_id: str, issued_at: int) -> bool:
        """Say whether a token's session has ended.

        Args:
            session_id: the token's Keycloak session.
            account_id: the token's Keycloak user id.
            issued_at: the token's `iat`, seconds since the epoch.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError

    async def first_use(self, token_id: str, lifetime: timedelta) -> bool:
        """Say whether a token id (`jti`) is seen for the first time within the lifetime.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError
