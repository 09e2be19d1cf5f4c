"""Pools that open few connections at a time, and lend none that has died unnoticed."""

import asyncio
from typing import Any

from redis.asyncio import ConnectionPool
from redis.asyncio.connection import AbstractConnection
from redis.asyncio.sentinel import SentinelConnectionPool
from redis.exceptions import RedisError

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
        """Open the connection if it is not open, has been closed by the other side, or has died in idleness."""
        if connection.is_connected and asyncio.get_running_loop().time() > connection.next_health_check:
            await self._leave_if_dead(connection)
        if connection.is_connected:
            await super().ensure_connection(connection)
            return
        async with self._opening:
            await super().ensure_connection(connection)

    async def _leave_if_dead(self, connection: AbstractConnection) -> None:
        """Close a connection that does not answer a PING, as when a firewall has forgotten it.

        The library asks as well, but only when a command is on its way, which then fails.
        """
        try:
            async with asyncio.timeout(self.connection_kwargs["socket_connect_timeout"]):
                await connection.check_health()  # type: ignore[no-untyped-call]  # not annotated there
        except (RedisError, TimeoutError):
            await connection.disconnect()


class SentinelPool(Pool, SentinelConnectionPool):
    """The same for the primary that Sentinels name."""
