"""How long a refusal takes (security S13)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from gateway.domain.errors import AccountNotReady, AnothersIdentity, CredentialsRefused


class Padding:
    """Draws refusals out, so that their time does not tell their reason."""

    def __init__(self, floor: timedelta, jitter: timedelta, *, randomness: Callable[[], float]) -> None:
        """Take how far.

        Args:
            floor: the least time that a refusal takes.
            jitter: the most that is added by chance.
            randomness: draws a number from 0 to 1.
        """
        self._floor = floor.total_seconds()
        self._jitter = jitter.total_seconds()
        self._randomness = randomness

    @asynccontextmanager
    async def padded(self) -> AsyncIterator[None]:
        """Let no refusal inside take less than the floor.

        That something has to be done first is no secret on some surfaces, and told like all others on the rest.
        """
        loop = asyncio.get_running_loop()
        due = loop.time() + self._floor + self._jitter * self._randomness()
        try:
            yield
        except (CredentialsRefused, AccountNotReady, AnothersIdentity):
            await asyncio.sleep(max(0.0, due - loop.time()))
            raise
