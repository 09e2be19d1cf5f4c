"""Steps that are undone, because what they led to has failed."""

import asyncio
from dataclasses import replace

import pytest

from gateway.domain.errors import Unavailable
from gateway.state.sign_in_session import SignInSession
from gateway.state.sign_in_sessions import SignInSessions
from gateway.state.store import State
from tests.servers.waiting import until_async
from tests.state.cutting import Cutter
from tests.state.opening import HOUR, opened, patiently, redis_at
from tests.state.redis_servers import RedisServer
from tests.state.sign_ins import CODE, GOOGLE, HERE, ONE_STEP, PASSWORD, TWO_STEPS, got


async def test_a_finished_sign_in_reopened_stands_at_its_last_step(own_state: State, own_redis: RedisServer) -> None:
    sign_ins = own_state.sign_in_sessions
    token = await sign_ins.begin(TWO_STEPS, HOUR)
    await sign_ins.advance(token, 0, "ann", 0)
    finished = await sign_ins.finish(token, 1, "ann")
    await finished.reopen()
    await finished.reopen()
    assert await sign_ins.get(token, HERE) == replace(TWO_STEPS, step=1, account_id="ann", proven_by=(PASSWORD,))
    (key,) = own_redis.ask("KEYS", "*")
    assert own_redis.ask("TTL", key) == pytest.approx(3600, abs=2)
    assert (await sign_ins.finish(token, 1, "ann")).outcome == "completed"


async def test_a_first_step_reopened_is_bound_to_nobody(sign_ins: SignInSessions) -> None:
    token = await sign_ins.begin(TWO_STEPS, HOUR)
    await (await sign_ins.advance(token, 0, "ann", 0)).reopen()
    assert await sign_ins.get(token, HERE) == TWO_STEPS
    assert (await sign_ins.advance(token, 0, "bob", 0)).outcome == "completed"


async def test_reopening_undoes_its_own_step_only(sign_ins: SignInSessions) -> None:
    three = replace(TWO_STEPS, steps=((PASSWORD,), (CODE,), (GOOGLE,)))
    token = await sign_ins.begin(three, HOUR)
    first = await sign_ins.advance(token, 0, "ann", 0)
    refused = await sign_ins.advance(token, 0, "ann", 0)
    await sign_ins.advance(token, 1, "ann", 0)
    await first.reopen()
    await refused.reopen()
    assert (await got(sign_ins, token)).step == 2


async def test_a_renewed_sign_in_reopened_stands_where_it_stood_under_its_old_token(sign_ins: SignInSessions) -> None:
    token = await sign_ins.begin(TWO_STEPS, HOUR)
    renewed = await sign_ins.advance_renewed(token, 0, "ann", 0)
    await renewed.reopen()
    await renewed.reopen()
    assert await sign_ins.get(renewed.token, HERE) is None
    assert await sign_ins.get(token, HERE) == TWO_STEPS


@pytest.mark.parametrize(
    ("begun", "completing"),
    [(TWO_STEPS, "advance"), (TWO_STEPS, "advance_renewed"), (ONE_STEP, "finish")],
    ids=["further", "renewed", "last"],
)
async def test_a_step_whose_answer_is_lost_stands_open_again(
    own_redis: RedisServer, begun: SignInSession, completing: str
) -> None:
    way = Cutter(own_redis.port)
    async with way.listening() as url, opened(patiently(redis_at(url))) as state:
        sign_ins = state.sign_in_sessions
        token = await sign_ins.begin(begun, HOUR)
        complete, way_of = getattr(sign_ins, completing), () if completing == "finish" else (0,)
        await complete("warm", 0, "ann", *way_of)
        way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await complete(token, 0, "ann", *way_of)
        await sign_ins.end()
        assert await sign_ins.get(token, HERE) == begun


async def test_a_finish_that_a_frozen_redis_swallowed_stands_open_afterwards(
    hurried_state: State, own_redis: RedisServer
) -> None:
    sign_ins = hurried_state.sign_in_sessions
    token = await sign_ins.begin(ONE_STEP, HOUR)
    own_redis.freeze()
    with pytest.raises(Unavailable):
        await sign_ins.finish(token, 0, "ann")
    own_redis.thaw()

    async def stands_open() -> bool:
        return await sign_ins.get(token, HERE) == ONE_STEP

    await until_async(stands_open)


async def test_a_cancelled_finish_stands_open_afterwards(own_state: State, own_redis: RedisServer) -> None:
    sign_ins = own_state.sign_in_sessions
    token = await sign_ins.begin(ONE_STEP, HOUR)
    own_redis.freeze()
    finishing = asyncio.create_task(sign_ins.finish(token, 0, "ann"))
    await asyncio.sleep(0.1)
    finishing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await finishing
    own_redis.thaw()
    await sign_ins.end()
    assert await sign_ins.get(token, HERE) == ONE_STEP
