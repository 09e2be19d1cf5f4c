import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import structlog
from pydantic import SecretStr

from gateway.domain.errors import Unavailable
from gateway.settings import RedisSettings
from gateway.state.connection import connected
from gateway.state.keys import Keys
from gateway.state.outbox import Outbox, Parcel
from gateway.state.secrets import Secrets
from gateway.state.store import State
from tests.state.opening import KEY, opened, redis_at
from tests.state.redis_servers import RedisServer

pytestmark = pytest.mark.anyio

HOUR = timedelta(hours=1)
KEYS = Keys("gateway:")


async def test_a_parcel_arrives_as_it_was_put_in(state: State) -> None:
    parcel_id = await state.outbox.add("mail", {"to": "Ånn", "why": ""}, HOUR)
    parcel = await _next(state.outbox)
    assert (parcel.id, parcel.kind, parcel.content, parcel.attempts) == (parcel_id, "mail", {"to": "Ånn", "why": ""}, 1)


async def test_a_parcel_shows_no_content_when_printed(state: State) -> None:
    await state.outbox.add("mail", {"to": "hidden"}, HOUR)
    assert "hidden" not in repr(await _next(state.outbox))


async def test_parcels_come_in_the_order_they_were_put_in(state: State) -> None:
    for number in range(5):
        await state.outbox.add("mail", {"number": str(number)}, HOUR)
    numbers = [(await _next(state.outbox)).content["number"] for _ in range(5)]
    assert numbers == list("01234")


async def test_a_waiting_consumer_is_woken_at_once(state: State) -> None:
    waiting = asyncio.create_task(_next(state.outbox))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(0.4):  # less than the time between two looks
        await state.outbox.add("mail", {}, HOUR)
        await waiting


async def test_what_one_replica_puts_in_another_may_do(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as one, opened(redis_settings) as other:
        await one.outbox.add("mail", {}, HOUR)
        parcel = await _next(other.outbox)
        await parcel.done()
        assert await one.outbox.depth() == 0


async def test_each_parcel_is_given_to_one_consumer(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as one, opened(redis_settings) as other:
        added = [await one.outbox.add("mail", {}, HOUR) for _ in range(30)]
        given: list[str] = []
        consumers = [asyncio.create_task(_do_all(replica.outbox, given)) for replica in (one, other, one)]
        while len(given) < len(added):  # noqa: ASYNC110 - the consumers tell nobody
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.1)
        for consumer in consumers:
            consumer.cancel()
    assert sorted(given) == sorted(added)


async def test_a_failed_parcel_comes_again_after_a_second_and_then_after_two(state: State) -> None:
    await state.outbox.add("mail", {}, HOUR)
    loop = asyncio.get_running_loop()
    waits = []
    parcel = await _next(state.outbox)
    for _ in range(2):
        assert await parcel.failed() is False
        began = loop.time()
        parcel = await _next(state.outbox)
        waits.append(loop.time() - began)
    assert parcel.attempts == 3
    assert 0.9 < waits[0] < 2 < waits[1] < 4


async def test_a_failed_parcel_lets_others_pass(state: State) -> None:
    await state.outbox.add("mail", {"number": "1"}, HOUR)
    await state.outbox.add("mail", {"number": "2"}, HOUR)
    await (await _next(state.outbox)).failed()
    assert (await _next(state.outbox)).content["number"] == "2"


async def test_a_parcel_that_is_due_again_comes_before_new_ones(state: State) -> None:
    await state.outbox.add("mail", {"number": "failed"}, HOUR)
    await (await _next(state.outbox)).failed()
    for number in range(20):
        await state.outbox.add("mail", {"number": str(number)}, HOUR)
    await asyncio.sleep(1.1)
    given = [await _next(state.outbox) for _ in range(3)]
    assert [(each.content["number"], each.attempts) for each in given] == [("failed", 2), ("0", 1), ("1", 1)]


async def test_a_parcel_that_was_done_never_comes_again(redis_settings: RedisSettings) -> None:
    async with _outbox(redis_settings, claim=timedelta(milliseconds=50)) as outbox:
        await outbox.add("mail", {}, HOUR)
        await (await _next(outbox)).done()
        await asyncio.sleep(0.1)
        with pytest.raises(TimeoutError):
            await _next(outbox, within=1)


async def test_another_replica_gets_the_parcel_of_one_that_died(redis_settings: RedisSettings) -> None:
    async with _outbox(redis_settings, claim=timedelta(milliseconds=300)) as outbox:
        await outbox.add("mail", {}, HOUR)
        await _next(outbox)
        parcel = await _next(outbox, within=2)
        assert parcel.attempts == 2


async def test_who_lost_a_parcel_to_another_does_not_put_it_back(redis_settings: RedisSettings) -> None:
    async with _outbox(redis_settings, claim=timedelta(milliseconds=100)) as outbox:
        await outbox.add("mail", {}, timedelta(seconds=1.5))
        slow = await _next(outbox)
        await asyncio.sleep(0.15)
        await (await _next(outbox)).done()
        assert await slow.failed() is False
        assert await outbox.depth() == 0


async def test_who_lost_a_parcel_to_another_does_not_take_it_away_again(redis_settings: RedisSettings) -> None:
    async with _outbox(redis_settings, claim=timedelta(seconds=2)) as outbox:
        await outbox.add("mail", {}, HOUR)
        slow = await _next(outbox)
        await asyncio.sleep(2.05)
        holder = await _next(outbox)
        # Put back by the slow one, it would be given out a second from now, and a third consumer would work on it.
        assert await slow.failed() is False
        with pytest.raises(TimeoutError):
            await _next(outbox, within=1.6)
        await holder.done()


async def test_nothing_is_left_of_a_parcel_that_was_done(own_state: State, own_redis: RedisServer) -> None:
    await own_state.outbox.add("mail", {}, HOUR)
    await (await _next(own_state.outbox)).done()
    assert own_redis.ask("XLEN", KEYS.outbox) == 0
    assert own_redis.ask("XPENDING", KEYS.outbox, "gateway")["pending"] == 0


async def test_a_parcel_whose_life_would_be_over_at_the_next_attempt_is_given_up(state: State) -> None:
    await state.outbox.add("mail", {}, timedelta(seconds=0.5))
    assert await (await _next(state.outbox)).failed() is True
    assert await state.outbox.depth() == 0


async def test_a_parcel_nobody_took_in_its_life_is_given_up_and_told_once(state: State) -> None:
    await state.outbox.add("late", {}, timedelta(milliseconds=50))
    await state.outbox.add("mail", {}, HOUR)
    await asyncio.sleep(0.1)
    with structlog.testing.capture_logs() as told:
        parcel = await _next(state.outbox)
    assert parcel.kind == "mail"
    assert told == [{"event": "parcel_given_up", "kind": "late", "attempts": 0, "log_level": "warning"}]
    assert (state.outbox.outlived(), state.outbox.outlived()) == ({"late": 1}, {})
    assert await state.outbox.depth() == 1


async def test_the_last_parcel_is_told_too_when_its_life_was_over_before_anybody_came(state: State) -> None:
    await state.outbox.add("late", {}, timedelta(milliseconds=50))
    await asyncio.sleep(0.1)
    with structlog.testing.capture_logs() as told, pytest.raises(TimeoutError):
        await _next(state.outbox, within=1)
    assert [(each["event"], each["kind"]) for each in told] == [("parcel_given_up", "late")]
    assert await state.outbox.depth() == 0


async def test_depth_and_age_tell_of_what_is_not_done(state: State) -> None:
    assert (await state.outbox.depth(), await state.outbox.oldest_age()) == (0, timedelta())
    await state.outbox.add("mail", {}, HOUR)
    await asyncio.sleep(0.1)
    await state.outbox.add("mail", {}, HOUR)
    assert await state.outbox.depth() == 2
    assert timedelta(seconds=0.1) <= await state.outbox.oldest_age() < timedelta(seconds=5)
    await (await _next(state.outbox)).done()
    assert await state.outbox.depth() == 1


async def test_a_full_outbox_refuses_and_drops_nothing(own_state: State, own_redis: RedisServer) -> None:
    await own_state.outbox.add("first", {}, HOUR)
    with own_redis.asked() as redis, redis.pipeline() as pipeline:
        for _ in range(9_999):
            pipeline.xadd(KEYS.outbox, {"until": "0", "sealed": ""})
        pipeline.execute()
    with pytest.raises(Unavailable):
        await own_state.outbox.add("one too many", {}, HOUR)
    assert (await _next(own_state.outbox)).kind == "first"


async def test_during_a_rotation_of_keys_parcels_can_be_read(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings, keys=(KEY,)) as before:
        await before.outbox.add("mail", {}, HOUR)
    async with opened(redis_settings, keys=("B" * 43, KEY)) as after:
        assert (await _next(after.outbox)).kind == "mail"


async def test_a_parcel_this_replica_cannot_read_is_left_to_others(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings, keys=("B" * 43,)) as newer, opened(redis_settings) as older:
        await newer.outbox.add("mail", {}, HOUR)
        with pytest.raises(TimeoutError):
            await _next(older.outbox, within=0.5)
        assert (await _next(newer.outbox)).attempts == 2


async def test_parcels_survive_a_restart_of_the_gateway(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as before:
        await before.outbox.add("mail", {}, HOUR)
    async with opened(redis_settings) as after:
        assert (await _next(after.outbox)).kind == "mail"


async def test_the_consumer_goes_on_after_redis_was_killed_and_lost_everything(
    own_state: State, own_redis: RedisServer
) -> None:
    waiting = asyncio.create_task(_next(own_state.outbox, within=20))
    await asyncio.sleep(0.1)
    own_redis.kill()
    await asyncio.sleep(1.2)
    assert not waiting.done()
    own_redis.start()
    await own_state.outbox.add("mail", {}, HOUR)
    assert (await waiting).kind == "mail"


async def test_a_parcel_done_while_redis_was_frozen_does_not_come_again(
    impatient: Outbox, own_redis: RedisServer
) -> None:
    await impatient.add("mail", {}, HOUR)
    parcel = await _next(impatient)
    own_redis.freeze()
    await parcel.done()
    assert await impatient.put_back(parcel.id, parcel.attempts) is False
    own_redis.thaw()
    with pytest.raises(TimeoutError):
        await _next(impatient, within=1.5)
    assert await impatient.depth() == 0


@pytest.fixture
async def impatient(own_redis: RedisServer) -> AsyncIterator[Outbox]:
    async with _outbox(redis_at(own_redis.url), claim=timedelta(milliseconds=200)) as outbox:
        yield outbox


@asynccontextmanager
async def _outbox(settings: RedisSettings, *, claim: timedelta) -> AsyncIterator[Outbox]:
    async with connected(settings) as connection:
        yield Outbox(connection, Keys(settings.prefix), Secrets([SecretStr(KEY)]), claim=claim)


async def _next(outbox: Outbox, within: float = 5) -> Parcel:
    async with asyncio.timeout(within):
        return await anext(outbox.parcels())


async def _do_all(outbox: Outbox, given: list[str]) -> None:
    async for parcel in outbox.parcels():
        given.append(parcel.id)
        await asyncio.sleep(0.005)
        await parcel.done()


async def test_a_parcel_that_nobody_was_given_may_be_withdrawn(state: State) -> None:
    before_anybody_asked = await state.outbox.add("mail", {}, HOUR, wait=timedelta(seconds=30))
    assert await state.outbox.withdraw(before_anybody_asked)
    asked_for = await state.outbox.add("mail", {}, HOUR, wait=timedelta(seconds=30))
    with pytest.raises(TimeoutError):
        await _next(state.outbox, within=1)
    assert await state.outbox.withdraw(asked_for)
    assert not await state.outbox.withdraw(asked_for)
    assert await state.outbox.depth() == 0


async def test_a_parcel_that_somebody_was_given_is_not_withdrawn(state: State) -> None:
    await state.outbox.add("mail", {}, HOUR)
    parcel = await _next(state.outbox)
    assert not await state.outbox.withdraw(parcel.id)
    await parcel.failed()
    assert not await state.outbox.withdraw(parcel.id)
    assert await state.outbox.depth() == 1


async def test_a_parcel_that_waits_is_not_given_out_before_its_time(state: State) -> None:
    await state.outbox.add("later", {}, HOUR, wait=timedelta(seconds=2))
    await state.outbox.add("now", {}, HOUR)
    first = await _next(state.outbox)
    await first.done()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await _next(state.outbox)
    second = await _next(state.outbox)
    assert (first.kind, second.kind, second.attempts) == ("now", "later", 1)


async def test_a_parcel_that_was_taken_out_while_it_waited_is_never_given_out(state: State) -> None:
    parcel_id = await state.outbox.add("later", {}, HOUR, wait=timedelta(seconds=1))
    await state.outbox.take_out(parcel_id)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2):
            await _next(state.outbox)
    assert await state.outbox.depth() == 0
