"""One try that was admitted, from its place to its settling (security S3, S4)."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

from gateway.domain.errors import Unavailable
from gateway.unfinished import is_cancelled

Outcome = Literal["complete", "wrong", "free"]


OnLock = Callable[[], Awaitable[None]]
"""Tells of a lock that a wrong try caused, maybe only after an outage; must not raise."""


class Attempt:
    """One admitted try; it is settled once, and what settles it goes on when the request is cancelled (security S4)."""

    __slots__ = ("_begin", "_settled")

    def __init__(self, begin: Callable[[Outcome, OnLock | None], asyncio.Task[None]]) -> None:
        self._begin = begin
        self._settled = False

    async def complete(self) -> None:
        """Settle as a complete sign-in: failures, locks and the way to the ceiling are forgotten.

        Raises:
            CredentialsRefused: the account has been given another password since the try was admitted, so what was
                proven is out of date.
            Unavailable: Redis cannot be asked.
        """
        await self._settle("complete")

    async def wrong(self, on_lock: OnLock) -> None:
        """Settle as a wrong try.

        Args:
            on_lock: is called if this try causes a lock; after an outage of Redis, when it is counted at last.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        await self._settle("wrong", on_lock)

    async def give_back(self) -> None:
        """Give the place back unless the try is settled; never raises, since a place expires by itself."""
        if self._settled:
            return
        self._settled = True
        giving = self._begin("free", None)
        if not is_cancelled():
            with suppress(Unavailable):
                await asyncio.shield(giving)

    async def _settle(self, outcome: Outcome, on_lock: OnLock | None = None) -> None:
        if not self._settled:
            self._settled = True
            await asyncio.shield(self._begin(outcome, on_lock))
