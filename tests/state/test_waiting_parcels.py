"""Parcels that wait for their time, or are taken out before it."""

import asyncio
from datetime import timedelta

import pytest

from gateway.state.store import State
from tests.state.opening import HOUR
from tests.state.parcels import next_of


async def test_a_parcel_that_nobody_was_given_may_be_withdrawn(state: State) -> None:
    before_anybody_asked = await state.outbox.add("mail", {}, HOUR, wait=timedelta(seconds=30))
    assert await state.outbox.withdraw(before_anybody_asked)
    asked_for = await state.outbox.add("mail", {}, HOUR, wait=timedelta(seconds=30))
    with pytest.raises(TimeoutError):
        await next_of(state.outbox, within=1)
    assert await state.outbox.withdraw(asked_for)
    assert not await state.outbox.withdraw(asked_for)
    assert await state.outbox.depth() == 0


async def test_a_parcel_that_somebody_was_given_is_not_withdrawn(state: State) -> None:
    await state.outbox.add("mail", {}, HOUR)
    parcel = await next_of(state.outbox)
    assert not await state.outbox.withdraw(parcel.id)
    await parcel.failed()
    assert not await state.outbox.withdraw(parcel.id)
    assert await state.outbox.depth() == 1


async def test_a_parcel_that_waits_is_not_given_out_before_its_time(state: State) -> None:
    await state.outbox.add("later", {}, HOUR, wait=timedelta(seconds=5))
    await state.outbox.add("now", {}, HOUR)
    first = await next_of(state.outbox)
    await first.done()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await next_of(state.outbox)
    second = await next_of(state.outbox)
    assert (first.kind, second.kind, second.attempts) == ("now", "later", 1)


async def test_a_parcel_that_was_taken_out_while_it_waited_is_never_given_out(state: State) -> None:
    parcel_id = await state.outbox.add("later", {}, HOUR, wait=timedelta(seconds=1))
    await state.outbox.take_out(parcel_id)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2):
            await next_of(state.outbox)
    assert await state.outbox.depth() == 0
