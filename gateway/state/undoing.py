"""Undoing what a request began, for as long as an outage of Redis may last (security R5)."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

from gateway.domain.errors import Unavailable
from gateway.unfinished import Unfinished, is_cancelled

PATIENCE = 60.0
"""Seconds after which an undoing is given up; what is to be undone must be kept that long."""
PAUSE = 1.0
"""Seconds until a Redis that could not be asked is asked again."""

Undo = Callable[[], Awaitable[object]]
"""Asks Redis to undo one thing; asked again it must change nothing."""


class Undoing:
    """Asks until Redis has answered; no cancellation of the request reaches it, and it never raises."""

    def __init__(self) -> None:
        self._unfinished = Unfinished()

    async def of(self, undo: Undo) -> None:
        """Undo now, or when Redis can be asked again; wait for the first answer only."""
        trying = self.begin(undo)
        if not is_cancelled():
            await asyncio.shield(trying)

    def begin(self, undo: Undo) -> asyncio.Task[None]:
        """Undo without waiting, since the question is lost whose answer was lost."""
        return self._unfinished.begin(self._try(undo))

    @contextmanager
    def of_lost_answers(self, undo: Undo) -> Iterator[None]:
        """Undo what is asked for inside, when nobody hears whether Redis has done it; without waiting."""
        try:
            yield
        except (Unavailable, asyncio.CancelledError):
            self.begin(undo)
            raise

    async def end(self) -> None:
        """Wait for the undoing that requests left behind."""
        await self._unfinished.end()

    async def _try(self, undo: Undo) -> None:
        try:
            await undo()
        except Unavailable:
            self._unfinished.begin(asked_again(undo, PATIENCE))


async def asked_again(question: Undo, seconds: float) -> None:
    """Ask until Redis has answered, first after a pause; give up after so many seconds."""
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    while loop.time() < ends:
        await asyncio.sleep(PAUSE)
        with suppress(Unavailable):
            await question()
            return
