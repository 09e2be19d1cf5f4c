"""What goes on although whoever asked for it is gone (security S4)."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

_T = TypeVar("_T")

_PATIENCE = 2.0
"""Seconds; longer than one question to Redis may take by default."""


class Unfinished:
    """Keeps what was begun until it has ended."""

    def __init__(self, patience: float = _PATIENCE) -> None:
        """Take how long to wait in the end.

        Args:
            patience: seconds.
        """
        self._patience = patience
        self._tasks: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, _T]) -> asyncio.Task[_T]:
        """Start work that goes on by itself."""
        task = asyncio.create_task(work)
        self._tasks.add(task)  # the loop itself holds tasks only weakly
        task.add_done_callback(self._forget)
        return task

    async def to_the_end(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Do work that no cancellation of the caller reaches; raises what it raises."""
        return await asyncio.shield(self.begin(work))

    async def or_undone(self, work: Coroutine[Any, Any, _T], undo: Callable[[_T], Coroutine[Any, Any, None]]) -> _T:
        """Do work as `to_the_end`; what comes of it when the caller is gone is undone."""
        doing = self.begin(work)
        try:
            return await asyncio.shield(doing)
        except asyncio.CancelledError:
            self.begin(_undone(doing, undo))
            raise

    async def end(self) -> None:
        """Wait a little for what was begun, and cancel the rest."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._patience)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            # Nobody may be left to hear of a failure; asyncio would complain about that when the task is collected.
            task.exception()


async def _undone(doing: asyncio.Task[_T], undo: Callable[[_T], Coroutine[Any, Any, None]]) -> None:
    await undo(await doing)


def is_cancelled() -> bool:
    """Say whether the current task is being cancelled: who is out of time does not wait for what may be slow, too."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
