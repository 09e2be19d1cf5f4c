"""Pools that open few connections at a time."""

import asyncio
from typing import Any

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.sentinel import SentinelConnectionPool

_AT_ONCE = 4


class Pool(ConnectionPool):
    """A pool whose connections wait for each other to be opened.

    When a burst finds the pool empty, fifty connections opened at once on a busy machine each wait for the others'
    share of the processor, and run out of a time that was meant for the network.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:  # noqa: ANN401 - the library's options
        super().__init__(*arguments, **options)
        self._opening = asyncio.Semaphore(_AT_ONCE)

    async def ensure_connection(self, connection: AbstractConnection) -> None:
        """Open the connection if it is not open, or has been closed by the other side."""
        if connection.is_connected:
            await super().ensure_connection(connection)
            return
        async with self._opening:
            await super().ensure_connection(connection)


class SentinelPool(Pool, SentinelConnectionPool):
    """The same for the primary that Sentinels name."""
