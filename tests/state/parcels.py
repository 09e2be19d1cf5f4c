"""Parcels that come out of the outbox."""

import asyncio

from gateway.state.outbox import Outbox, Parcel


async def next_of(outbox: Outbox, within: float = 20) -> Parcel:
    """Be given the next one, or time out."""
    async with asyncio.timeout(within):
        return await anext(outbox.parcels())
