"""One try that was admitted, from its place to its settling (security S3, S4)."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from gateway.domain.errors import Unavailable
from gateway.unfinished import is_cancelled

Outcome = Literal["complete", "wrong", "free"]


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that a wrong try caused.

    Attributes:
        seconds: whole seconds until it ends; the longest lock there is, when only lifting ends it.
    """

    seconds: int


class Attempt:
    """One admitted try; it is settled once, and what settles it goes on when the request is cancelled (security S4)."""

    __slots__ = ("_begin", "_settled")

    def __init__(self, begin: Callable[[Outcome], asyncio.Task[Lock | None]]) -> None:
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

    async def wrong(self) -> Lock | None:
        """Settle as a wrong try.

        Returns:
            The lock it caused, if it did.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        return await self._settle("wrong")

    async def give_back(self) -> None:
        """Give the place back unless the try is settled; never raises, since a place expires by itself."""
        if self._settled:
            return
        self._settled = True
        giving = self._begin("free")
        if not is_cancelled():
            with suppress(Unavailable):
                await asyncio.shield(giving)

    async def _settle(self, outcome: Outcome) -> Lock | None:
        if self._settled:
            return None
        self._settled = True
        return await asyncio.shield(self._begin(outcome))
