"""Waiting for what goes on by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

from gateway.domain.errors import Unavailable


async def until(is_so: Callable[[], Awaitable[bool]], *, within: float = 20.0) -> None:
    """Wait until it is so, for so many seconds at most; as long as Redis cannot be asked, it is not."""
    async with asyncio.timeout(within):
        while True:
            with suppress(Unavailable):
                if await is_so():
                    return
            await asyncio.sleep(0.05)
