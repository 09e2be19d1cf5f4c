"""Finishing what must not be left half done."""

import asyncio
from collections.abc import Coroutine
from typing import Any

_unfinished: set[asyncio.Task[None]] = set()


async def completed(work: Coroutine[Any, Any, None]) -> None:
    """Run work that goes on to its end even when the request that began it is cancelled or out of time."""
    task = asyncio.create_task(work)
    # The loop itself holds tasks only weakly.
    _unfinished.add(task)
    task.add_done_callback(_unfinished.discard)
    await asyncio.shield(task)
