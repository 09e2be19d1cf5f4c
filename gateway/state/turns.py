"""Turns: of requests that would do the same, one does, and the others wait for what comes of it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from gateway.domain.errors import Unavailable

_POLL = 0.03
"""Seconds until whoever waits for a turn asks again."""

T = TypeVar("T")


async def awaited(ask: Callable[[], Awaitable[T | None]], patience: float) -> T:
    """Ask for a turn until nobody else has it.

    Args:
        ask: gives the turn, or what makes it needless; None while another has it.
        patience: seconds.

    Raises:
        Unavailable: another takes too long; and whatever asking raises.
    """
    loop = asyncio.get_running_loop()
    ends = loop.time() + patience
    while loop.time() < ends:
        if (answer := await ask()) is not None:
            return answer
        await asyncio.sleep(_POLL)
    raise Unavailable("redis")
