"""Codes while Redis is away, frozen, full or restarted."""

import asyncio

import pytest

from gateway.domain.errors import Unavailable
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.servers.waiting import until_async
from tests.state.codes import SIGN_IN, check, check_settled, issue, other_than
from tests.state.cutting import Cutter
from tests.state.opening import opened, patiently, redis_at
from tests.state.redis_servers import RedisServer


async def test_flushed_scripts_are_taught_again(own_state: State, own_redis: RedisServer) -> None:
    codes, ann = own_state.one_time_codes, Subject.account("ann")
    code = await issue(codes, ann)
    own_redis.ask("SCRIPT", "FLUSH")
    checked = await codes.check(SIGN_IN, ann, code)
    own_redis.ask("SCRIPT", "FLUSH")
    await checked.give_back()
    own_redis.ask("SCRIPT", "FLUSH")
    assert await check(codes, ann, code) == "right"


async def test_a_right_code_whose_answer_is_lost_is_good_again(own_redis: RedisServer) -> None:
    way, ann = Cutter(own_redis.port), Subject.account("ann")
    async with way.listening() as url, opened(patiently(redis_at(url))) as state:
        code = await issue(state.one_time_codes, ann)
        await check(state.one_time_codes, Subject.account("warm"), code)
        way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await check(state.one_time_codes, ann, code)
        assert await check_settled(state.one_time_codes, ann, code) == "right"


async def test_a_wrong_code_whose_answer_is_lost_counts_once(own_redis: RedisServer) -> None:
    way, ann = Cutter(own_redis.port), Subject.account("ann")
    async with way.listening() as url, opened(patiently(redis_at(url))) as state:
        code = await issue(state.one_time_codes, ann)
        await check(state.one_time_codes, Subject.account("warm"), code)
        way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await check(state.one_time_codes, ann, other_than(code))
        await state.one_time_codes.end()
        verdicts = [await check(state.one_time_codes, ann, other_than(code)) for _ in range(5)]
    assert verdicts == ["wrong"] * 4 + ["none"]


async def test_a_right_code_checked_by_a_frozen_redis_is_good_afterwards(
    hurried_state: State, own_redis: RedisServer
) -> None:
    codes, ann = hurried_state.one_time_codes, Subject.account("ann")
    code = await issue(codes, ann)
    own_redis.freeze()
    with pytest.raises(Unavailable):
        await check(codes, ann, code)
    own_redis.thaw()

    async def is_right() -> bool:
        return await check(codes, ann, code) == "right"

    await until_async(is_right)


async def test_a_cancelled_check_leaves_the_code_good(own_state: State, own_redis: RedisServer) -> None:
    codes, ann = own_state.one_time_codes, Subject.account("ann")
    code = await issue(codes, ann)
    own_redis.freeze()
    entered = asyncio.create_task(check(codes, ann, code))
    await asyncio.sleep(0.1)
    entered.cancel()
    with pytest.raises(asyncio.CancelledError):
        await entered
    own_redis.thaw()
    assert await check_settled(codes, ann, code) == "right"


async def test_a_full_redis_evaluates_no_code(own_state: State, own_redis: RedisServer) -> None:
    codes, ann = own_state.one_time_codes, Subject.account("ann")
    code = await issue(codes, ann)
    own_redis.ask("CONFIG", "SET", "maxmemory", "1")
    for entered in (code, other_than(code)):
        with pytest.raises(Unavailable):
            await check(codes, ann, entered)
    own_redis.ask("CONFIG", "SET", "maxmemory", "0")
    assert await check_settled(codes, ann, code) == "right"
