"""Waiting for what goes on by itself, and tells nobody that it is done."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

from gateway.domain.errors import Unavailable

RECOVERED = 8.0
"""Seconds after which an outage is forgotten: the five of security R3, and some for a busy machine."""


def until(is_so: Callable[[], bool], *, within: float = 20.0) -> None:
    """Wait until it is so, for so many seconds at most."""
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, f"it was not so within {within:g} s"
        time.sleep(0.1)


async def until_async(is_so: Callable[[], Awaitable[bool]], *, within: float = 20.0) -> None:
    """Wait in a loop of one's own; as long as what is asked is `Unavailable`, it is not so."""
    async with asyncio.timeout(within):
        while True:
            with suppress(Unavailable):
                if await is_so():
                    return
            await asyncio.sleep(0.05)
