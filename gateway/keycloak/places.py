"""How many calls may be with Keycloak at once, and how long the others queue (security R6)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from gateway.domain.errors import Unavailable


class Places:
    """Two limits: one for all calls, a lower one for those that cost Keycloak a password hash."""

    def __init__(self, in_flight: int, password_checks: int, queue_timeout: float) -> None:
        """Take the limits.

        Args:
            in_flight: most calls at a time.
            password_checks: most password checks among them.
            queue_timeout: seconds to queue, for both limits together.
        """
        self._in_flight = asyncio.Semaphore(in_flight)
        self._password_checks = asyncio.Semaphore(password_checks)
        self._queue_timeout = queue_timeout

    @asynccontextmanager
    async def taken(self, *, password_check: bool) -> AsyncIterator[None]:
        """Hold a place while inside.

        Raises:
            Unavailable: none became free in time.
        """
        # The narrower queue first, so that nobody waits in it while holding a place of the wider one.
        queues = (self._password_checks, self._in_flight) if password_check else (self._in_flight,)
        async with AsyncExitStack() as held:
            await self._queue(queues, held)
            yield

    async def _queue(self, queues: Sequence[asyncio.Semaphore], held: AsyncExitStack) -> None:
        try:
            async with asyncio.timeout(self._queue_timeout):
                for queue in queues:
                    await held.enter_async_context(queue)
        except TimeoutError:
            raise Unavailable("keycloak") from None
