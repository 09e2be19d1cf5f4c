import asyncio
from datetime import timedelta

import pytest
import structlog

from gateway.domain.errors import Unavailable
from gateway.settings import RedisSettings
from gateway.state.keys import Keys
from gateway.state.outbox import Outbox
from gateway.state.store import State
from tests.state.opening import HOUR, KEY, opened
from tests.state.parcels import next_of
from tests.state.redis_servers import RedisServer

KEYS = Keys("gateway:")


async def test_a_parcel_arrives_as_it_was_put_in(state: State) -> None:
    parcel_id = await state.outbox.add("mail", {"to": "Ånn", "why": ""}, HOUR)
    parcel = await next_of(state.outbox)
    assert (parcel.id, parcel.kind, parcel.content, parcel.attempts) == (parcel_id, "mail", {"to": "Ånn", "why": ""}, 1)


async def test_a_parcel_shows_no_content_when_printed(state: State) -> None:
    await state.outbox.add("mail", {"to": "hidden"}, HOUR)
    assert "hidden" not in repr(await next_of(state.outbox))


async def test_parcels_come_in_the_order_they_were_put_in(state: State) -> None:
    for number in range(5):
        await state.outbox.add("mail", {"number": str(number)}, HOUR)
    numbers = [(await next_of(state.outbox)).content["number"] for _ in range(5)]
    assert numbers == list("01234")


async def test_a_waiting_consumer_is_woken_at_once(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.state.outbox._POLL", 60)
    waiting = asyncio.create_task(next_of(state.outbox))
    await asyncio.sleep(0.05)
    async with asyncio.timeout(20):  # less than the time between two looks
        await state.outbox.add("mail", {}, HOUR)
        await waiting


async def test_what_one_replica_puts_in_another_may_do(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as one, opened(redis_settings) as other:
        await one.outbox.add("mail", {}, HOUR)
        parcel = await next_of(other.outbox)
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


async def test_a_failed_parcel_comes_again_after_a_second_and_then_after_two(
    own_state: State, own_redis: RedisServer
) -> None:
    await own_state.outbox.add("mail", {}, HOUR)
    loop = asyncio.get_running_loop()
    parcel = await next_of(own_state.outbox)
    for wait in (1, 2):
        began = loop.time()
        assert await parcel.failed() is False
        assert _seconds_left(own_redis) <= wait
        parcel = await next_of(own_state.outbox)
        assert loop.time() - began > wait - 0.1
    assert parcel.attempts == 3


def _seconds_left(redis: RedisServer) -> float:
    """Read when the parcel comes again: it does when nobody has said anything of it for a minute."""
    with redis.asked() as client:
        (pending,) = client.xpending_range(KEYS.outbox, "gateway", "-", "+", 1)
    return 60 - float(pending["time_since_delivered"]) / 1000


async def test_a_failed_parcel_lets_others_pass(state: State) -> None:
    await state.outbox.add("mail", {"number": "1"}, HOUR)
    await state.outbox.add("mail", {"number": "2"}, HOUR)
    await (await next_of(state.outbox)).failed()
    assert (await next_of(state.outbox)).content["number"] == "2"


async def test_a_parcel_that_is_due_again_comes_before_new_ones(state: State) -> None:
    await state.outbox.add("mail", {"number": "failed"}, HOUR)
    await (await next_of(state.outbox)).failed()
    for number in range(20):
        await state.outbox.add("mail", {"number": str(number)}, HOUR)
    await asyncio.sleep(1.1)
    given = [await next_of(state.outbox) for _ in range(3)]
    assert [(each.content["number"], each.attempts) for each in given] == [("failed", 2), ("0", 1), ("1", 1)]


async def test_nothing_is_left_of_a_parcel_that_was_done(own_state: State, own_redis: RedisServer) -> None:
    await own_state.outbox.add("mail", {}, HOUR)
    await (await next_of(own_state.outbox)).done()
    assert own_redis.ask("XLEN", KEYS.outbox) == 0
    assert own_redis.ask("XPENDING", KEYS.outbox, "gateway")["pending"] == 0


async def test_a_parcel_whose_life_would_be_over_at_the_next_attempt_is_given_up(state: State) -> None:
    await state.outbox.add("mail", {}, timedelta(seconds=14))
    for gives_up in (False, False, False, True):
        assert await (await next_of(state.outbox)).failed() is gives_up
    assert await state.outbox.depth() == 0


async def test_a_parcel_nobody_took_in_its_life_is_given_up_and_told_once(state: State) -> None:
    await state.outbox.add("late", {}, timedelta(milliseconds=50))
    await state.outbox.add("mail", {}, HOUR)
    await asyncio.sleep(0.1)
    with structlog.testing.capture_logs() as told:
        parcel = await next_of(state.outbox)
    assert parcel.kind == "mail"
    assert told == [{"event": "parcel_given_up", "kind": "late", "attempts": 0, "log_level": "warning"}]
    assert (state.outbox.outlived(), state.outbox.outlived()) == ({"late": 1}, {})
    assert await state.outbox.depth() == 1


async def test_the_last_parcel_is_told_too_when_its_life_was_over_before_anybody_came(state: State) -> None:
    await state.outbox.add("late", {}, timedelta(milliseconds=50))
    await asyncio.sleep(0.1)
    with structlog.testing.capture_logs() as told, pytest.raises(TimeoutError):
        await next_of(state.outbox, within=1)
    assert [(each["event"], each["kind"]) for each in told] == [("parcel_given_up", "late")]
    assert await state.outbox.depth() == 0


async def test_depth_and_age_tell_of_what_is_not_done(state: State) -> None:
    assert (await state.outbox.depth(), await state.outbox.oldest_age()) == (0, timedelta())
    await state.outbox.add("mail", {}, HOUR)
    await asyncio.sleep(0.1)
    await state.outbox.add("mail", {}, HOUR)
    assert await state.outbox.depth() == 2
    assert timedelta(seconds=0.1) <= await state.outbox.oldest_age() < timedelta(seconds=5)
    await (await next_of(state.outbox)).done()
    assert await state.outbox.depth() == 1


async def test_a_full_outbox_refuses_and_drops_nothing(own_state: State, own_redis: RedisServer) -> None:
    await own_state.outbox.add("first", {}, HOUR)
    with own_redis.asked() as redis, redis.pipeline() as pipeline:
        for _ in range(9_999):
            pipeline.xadd(KEYS.outbox, {"until": "0", "sealed": ""})
        pipeline.execute()
    with pytest.raises(Unavailable):
        await own_state.outbox.add("one too many", {}, HOUR)
    assert (await next_of(own_state.outbox)).kind == "first"


async def test_a_parcel_is_found_by_what_it_is_about_until_it_is_out(state: State) -> None:
    outbox = state.outbox
    await outbox.add("mail", {}, HOUR)
    await outbox.add("mail", {}, HOUR, about="bob")
    assert not await outbox.has_any("ann")
    withdrawn = await outbox.add("mail", {}, HOUR, wait=timedelta(seconds=30), about="ann")
    assert await outbox.has_any("ann")
    assert await outbox.withdraw(withdrawn)
    assert not await outbox.has_any("ann")
    await outbox.add("mail", {}, HOUR, about="ann")
    for _ in range(3):
        parcel = await next_of(outbox)
        assert await outbox.has_any("ann")
        await parcel.done()
    assert not await outbox.has_any("ann")


async def test_during_a_rotation_of_keys_parcels_can_be_read(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings, keys=(KEY,)) as before:
        await before.outbox.add("mail", {}, HOUR)
    async with opened(redis_settings, keys=("B" * 43, KEY)) as after:
        assert (await next_of(after.outbox)).kind == "mail"


async def test_a_parcel_this_replica_cannot_read_is_left_to_others(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings, keys=("B" * 43,)) as newer, opened(redis_settings) as older:
        await newer.outbox.add("mail", {}, HOUR)
        with pytest.raises(TimeoutError):
            await next_of(older.outbox, within=3)
        assert (await next_of(newer.outbox)).attempts > 1


async def test_parcels_survive_a_restart_of_the_gateway(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as before:
        await before.outbox.add("mail", {}, HOUR)
    async with opened(redis_settings) as after:
        assert (await next_of(after.outbox)).kind == "mail"


async def test_the_consumer_goes_on_after_redis_was_killed_and_lost_everything(
    own_state: State, own_redis: RedisServer
) -> None:
    waiting = asyncio.create_task(next_of(own_state.outbox, within=20))
    await asyncio.sleep(0.1)
    own_redis.kill()
    await asyncio.sleep(1.2)
    assert not waiting.done()
    own_redis.start()
    await own_state.outbox.add("mail", {}, HOUR)
    assert (await waiting).kind == "mail"


async def _do_all(outbox: Outbox, given: list[str]) -> None:
    async for parcel in outbox.parcels():
        given.append(parcel.id)
        await asyncio.sleep(0.005)
        await parcel.done()
