"""Things that work once: claimed by one request, then used up or given back (security S14)."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Literal

from gateway.state.undoing import Undoing

Settlement = Literal["consume", "release"]
Settle = Callable[[Settlement], Awaitable[None]]
"""Tells Redis how a claim ended."""


class Claim:
    """Something that is nobody else's for a while; it is settled once."""

    __slots__ = ("_is_settled", "_settle", "_undoing")

    def __init__(self, settle: Settle, undoing: Undoing) -> None:
        self._settle = settle
        self._undoing = undoing
        self._is_settled = False

    async def consume(self) -> None:
        """Use it up, because what it was for is done; never raises, and goes on while Redis cannot be asked."""
        await self._settle_once("consume")

    async def release(self) -> None:
        """Let others claim it again, unless it is consumed; never raises, since a claim expires by itself."""
        await self._settle_once("release")

    async def _settle_once(self, settlement: Settlement) -> None:
        if not self._is_settled:
            self._is_settled = True
            await self._undoing.of(partial(self._settle, settlement))
