"""Parcels that one consumer loses to another."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from pydantic import SecretStr

from gateway.settings import RedisSettings
from gateway.state.connection import connected
from gateway.state.keys import Keys
from gateway.state.outbox import Outbox
from gateway.state.secrets import Secrets
from tests.state.opening import HOUR, KEY, redis_at
from tests.state.parcels import next_of
from tests.state.redis_servers import RedisServer


@pytest.fixture
async def impatient(own_redis: RedisServer) -> AsyncIterator[Outbox]:
    async with _outbox(redis_at(own_redis.url), claim=timedelta(milliseconds=200)) as outbox:
        yield outbox


async def test_a_parcel_that_was_done_never_comes_again(redis_settings: RedisSettings) -> None:
    async with _outbox(redis_settings, claim=timedelta(milliseconds=50)) as outbox:
        await outbox.add("mail", {}, HOUR)
        await (await next_of(outbox)).done()
        await asyncio.sleep(0.1)
        with pytest.raises(TimeoutError):
            await next_of(outbox, within=1)


async def test_another_replica_gets_the_parcel_of_one_that_died(redis_settings: RedisSettings) -> None:
    async with _outbox(redis_settings, claim=timedelta(milliseconds=300)) as outbox:
        await outbox.add("mail", {}, HOUR)
        await next_of(outbox)
        parcel = await next_of(outbox)
        assert parcel.attempts == 2


async def test_who_lost_a_parcel_to_another_does_not_put_it_back(redis_settings: RedisSettings) -> None:
    async with _outbox(redis_settings, claim=timedelta(milliseconds=100)) as outbox:
        await outbox.add("mail", {}, HOUR)
        slow = await next_of(outbox)
        await asyncio.sleep(0.15)
        await (await next_of(outbox)).done()
        assert await slow.failed() is False
        assert await outbox.depth() == 0


async def test_who_lost_a_parcel_to_another_does_not_take_it_away_again(redis_settings: RedisSettings) -> None:
    async with _outbox(redis_settings, claim=timedelta(seconds=5)) as outbox:
        await outbox.add("mail", {}, HOUR)
        slow = await next_of(outbox)
        await asyncio.sleep(5.05)
        holder = await next_of(outbox)
        # Put back by the slow one, it would be given out a second from now, and a third consumer would work on it.
        assert await slow.failed() is False
        with pytest.raises(TimeoutError):
            await next_of(outbox, within=1.6)
        await holder.done()


async def test_a_parcel_done_while_redis_was_frozen_does_not_come_again(
    impatient: Outbox, own_redis: RedisServer
) -> None:
    await impatient.add("mail", {}, HOUR)
    parcel = await next_of(impatient)
    own_redis.freeze()
    await parcel.done()
    assert await impatient.put_back(parcel.id, parcel.attempts) is False
    own_redis.thaw()
    with pytest.raises(TimeoutError):
        await next_of(impatient, within=1.5)
    assert await impatient.depth() == 0


@asynccontextmanager
async def _outbox(settings: RedisSettings, *, claim: timedelta) -> AsyncIterator[Outbox]:
    async with connected(settings) as connection:
        yield Outbox(connection, Keys(settings.prefix), Secrets([SecretStr(KEY)]), claim=claim)
