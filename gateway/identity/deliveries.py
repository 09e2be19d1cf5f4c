"""Does what was put into the outbox, after the answers that put it there."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

import structlog
from prometheus_client import Counter, Gauge

from gateway.domain.errors import GatewayError, Unavailable
from gateway.state.outbox import Outbox, Parcel
from gateway.unfinished import Unfinished

_AT_ONCE = 4
"""Deliveries under way: a mail server that hangs must not hold up the rest of the outbox."""
_MEASURED_EVERY = 5.0

_log = structlog.get_logger()

Deliver = Callable[[Parcel], Awaitable[None]]


class Deliveries:
    """A consumer of the outbox; every replica has one, and each parcel is done by one of them."""

    def __init__(self, outbox: Outbox, kinds: Mapping[str, Deliver], unfinished: Unfinished, given_up: Counter) -> None:
        """Take who delivers what.

        Args:
            outbox: where parcels come from.
            kinds: kind of parcel → what does it; a `GatewayError` has it tried again later.
            unfinished: where a delivery goes on that is under way when the consumer is cancelled.
            given_up: where to count what is given up, with the label kind.
        """
        self._given_up = given_up
        self._unfinished = unfinished
        self._outbox = outbox
        self._kinds = kinds
        self._places = asyncio.Semaphore(_AT_ONCE)

    async def run(self) -> None:
        """Deliver until cancelled; what is under way then goes on: half a delivery would be done twice (R12)."""
        parcels = self._outbox.parcels()
        while True:
            # The place first: a parcel that waits for one here would be missed elsewhere.
            await self._places.acquire()
            parcel = await anext(parcels)
            self._unfinished.begin(self._attempt(parcel)).add_done_callback(lambda _: self._places.release())

    async def measure(self, depth: Gauge, age: Gauge) -> None:
        """Show how much waits, for how long, and what came too late, until cancelled.

        The first two stand still while Redis is down.
        """
        while True:
            for kind, times in self._outbox.outlived().items():
                self._given_up.labels(kind).inc(times)
            with suppress(Unavailable):
                depth.set(await self._outbox.depth())
                age.set((await self._outbox.oldest_age()).total_seconds())
            await asyncio.sleep(_MEASURED_EVERY)

    async def _attempt(self, parcel: Parcel) -> None:
        try:
            await self._kinds[parcel.kind](parcel)
        except GatewayError as error:
            await self._put_back(parcel, type(error).__name__)
        except Exception as error:  # noqa: BLE001 - what a newer version put there, or a fault of ours, must stop no other
            _log.error("unexpected_error", kind=parcel.kind, exc_info=error)
            await self._put_back(parcel, "unexpected")
        else:
            await parcel.done()

    async def _put_back(self, parcel: Parcel, reason: str) -> None:
        given_up = await parcel.failed()
        if given_up:
            self._given_up.labels(parcel.kind).inc()
        write = _log.error if given_up else _log.warning
        write(
            "delivery_given_up" if given_up else "delivery_failed",
            kind=parcel.kind,
            attempts=parcel.attempts,
            reason=reason,
        )
