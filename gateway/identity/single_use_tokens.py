"""Refresh tokens that are to work once, before anybody has them (decision 0017)."""

from datetime import timedelta

from gateway.domain.tokens import Tokens
from gateway.state.store import State

_WITHOUT_EXPIRY = timedelta(days=365)
"""How long an offline token is remembered, which lives for as long as it is used."""
_BEYOND_EXPIRY = timedelta(minutes=1)
"""Keycloak's clock may be behind ours."""


class SingleUseTokens:
    """Marks them, so that nothing takes them that lets a token work twice."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def promise(self, tokens: Tokens) -> None:
        """Have the refresh token of these work once.

        Raises:
            Unavailable: Redis cannot be asked; nobody may get the tokens.
        """
        lasting = remembered_for(tokens.refresh_expires_in or None)
        await self._state.spent_tokens.promise(tokens.refresh_token, remembered_for=lasting)


def remembered_for(seconds: float | None) -> timedelta:
    """Return how long to remember a token that lives so long; None is for one without a fixed expiry."""
    return _WITHOUT_EXPIRY if seconds is None else timedelta(seconds=max(0.0, seconds)) + _BEYOND_EXPIRY
