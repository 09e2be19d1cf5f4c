"""The way to Redis: one client, its time-outs and its one permitted repetition (security R1, R2, R4)."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from importlib.resources import files
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import ConnectionError as ConnectionLostError
from redis.exceptions import ReadOnlyError, ResponseError

from gateway.domain.errors import Unavailable
from gateway.settings import RedisSettings
from gateway.state.addresses import Client, client_of
from gateway.state.errors import translated

Argument = str | bytes | int

_CHANCE = secrets.SystemRandom().random
_LONGEST_PAUSE = 0.05
"""Seconds before a question is asked once more, by chance less: those that lost their connections at one time, come
back spread."""


class Connection:
    """Asks Redis; every question is answered within its time, the wait for a free connection included."""

    def __init__(self, client: Client, settings: RedisSettings, randomness: Callable[[], float]) -> None:
        self.client = client
        self._randomness = randomness
        self._seconds = (settings.connect_timeout + settings.timeout).total_seconds()
        # Before the library's pool: its blocking one costs half as much again as the command itself.
        self._places = asyncio.Semaphore(settings.max_connections)

    def script(self, name: str) -> AsyncScript:
        """Load `lua/<name>.lua`; Redis learns it when it is first run, and again whenever it forgot it."""
        return self.client.register_script(files("gateway.state").joinpath("lua", f"{name}.lua").read_text("utf-8"))

    async def run(self, script: AsyncScript, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:  # noqa: ANN401 - a script's answer has the shape its header tells
        """Run a script, once: a lost answer is a failure, never repeated (security R2).

        Raises:
            Unavailable: Redis cannot be asked; the script may have run.
        """
        async with self.lent():
            return await script(keys, arguments)

    async def write(self, *command: Argument) -> Any:  # noqa: ANN401 - whatever the command answers
        """Execute a command that changes something, once.

        Raises:
            Unavailable: Redis cannot be asked; the command may have been executed.
        """
        async with self.lent() as client:
            return await client.execute_command(*command)

    async def read(self, *command: Argument) -> Any:  # noqa: ANN401 - whatever the command answers
        """Execute a command that changes nothing, once more and a little later when the connection breaks.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        async with self.lent() as client:
            try:
                return await client.execute_command(*command)
            except ConnectionLostError:
                await asyncio.sleep(_LONGEST_PAUSE * self._randomness())
                return await client.execute_command(*command)

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[Client]:
        """Lend the client for one command.

        A cancelled or timed-out command closes its connection (the library's promise, and a test's): an answer that
        comes too late meets nobody.

        Raises:
            Unavailable: Redis cannot be asked, or not in time.
        """
        with translated():
            async with asyncio.timeout(self._seconds), self._places:
                try:
                    yield self.client
                except ResponseError as error:
                    await self._leave_if_replica(error)
                    raise

    async def _leave_if_replica(self, error: ResponseError) -> None:
        """Drop idle connections to a server that a failover has made a replica; new ones find the primary."""
        # Redis 6 wraps a script's error; Redis 7 does not, and the library then takes the word off.
        is_replica = isinstance(error, ReadOnlyError) or "READONLY" in str(error)
        if is_replica and isinstance(self.client, Redis):
            await self.client.connection_pool.disconnect(inuse_connections=False)


@asynccontextmanager
async def connected(settings: RedisSettings, randomness: Callable[[], float] = _CHANCE) -> AsyncIterator[Connection]:
    """Open the way to Redis and close it in the end; Redis need not be up (security R14).

    Args:
        settings: where it is.
        randomness: from 0 to 1, how much of the longest pause there is before a question is asked once more.
    """
    client, sentinel = client_of(settings)
    try:
        yield Connection(client, settings, randomness)
    finally:
        for each in (client, sentinel):
            if each is not None:
                with suppress(Unavailable), translated():
                    await each.aclose()
