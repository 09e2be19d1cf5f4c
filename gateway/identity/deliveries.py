"""Does what was put into the outbox, after the answers that put it there."""

from collections.abc import Awaitable, Callable, Mapping

import structlog

from gateway.domain.errors import GatewayError
from gateway.state.outbox import Outbox, Parcel

_log = structlog.get_logger()

Deliver = Callable[[Parcel], Awaitable[None]]


class Deliveries:
    """One consumer of the outbox; every replica runs one, and each parcel is done by one of them."""

    def __init__(self, outbox: Outbox, kinds: Mapping[str, Deliver]) -> None:
        """Take who delivers what.

        Args:
            outbox: where parcels come from.
            kinds: kind of parcel → what does it; a `GatewayError` has it tried again later.
        """
        self._outbox = outbox
        self._kinds = kinds

    async def run(self) -> None:
        """Deliver until cancelled; a cancelled delivery is tried again by whoever runs next."""
        async for parcel in self._outbox.parcels():
            await self._attempt(parcel)

    async def _attempt(self, parcel: Parcel) -> None:
        try:
            await self._kinds[parcel.kind](parcel)
        except GatewayError as error:
            _log.warning("delivery_failed", kind=parcel.kind, attempts=parcel.attempts, reason=type(error).__name__)
            await parcel.failed()
        except Exception:  # noqa: BLE001 - what a newer version put there, or a fault of ours, must stop no other parcel
            _log.exception("delivery_failed", kind=parcel.kind, attempts=parcel.attempts)
            await parcel.failed()
        else:
            await parcel.done()
