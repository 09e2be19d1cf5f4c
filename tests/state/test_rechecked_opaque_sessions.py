"""Sessions for which Keycloak is asked again: its word counts for a while, and one asks for all."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.domain.errors import Unavailable
from gateway.settings import RedisSettings
from gateway.state.opaque_sessions import OpaqueSessions
from gateway.state.store import State
from tests.state.cutting import Cutter
from tests.state.opening import HOUR, opened, patiently, redis_at
from tests.state.redis_servers import RedisServer
from tests.state.visiting import ALWAYS, ANN, MOMENT, PENDING, begun, used


async def test_a_use_for_which_keycloak_was_asked_renews_the_timeout(own_state: State, own_redis: RedisServer) -> None:
    sessions = own_state.opaque_sessions
    token = await begun(sessions)
    (key,) = own_redis.ask("KEYS", "*")
    for _ in range(2):
        own_redis.ask("EXPIRE", key, "60")
        assert await (await used(sessions, token, ALWAYS)).goes_on("another")
        assert own_redis.ask("TTL", key) == pytest.approx(3600, abs=30)


async def test_a_use_that_does_not_go_on_renews_nothing(sessions: OpaqueSessions) -> None:
    token = await begun(sessions, lasting=timedelta(milliseconds=600))
    for _ in range(3):
        await asyncio.sleep(0.25)
        if found := await sessions.use(token, ALWAYS):
            await found.give_back()
    assert await sessions.use(token, HOUR) is None


async def test_keycloak_s_word_counts_for_a_while(sessions: OpaqueSessions) -> None:
    token = await begun(sessions)
    await asyncio.sleep(0.1)
    assert not (await used(sessions, token, HOUR)).is_due
    found = await used(sessions, token, MOMENT)
    assert found.is_due
    assert await found.goes_on("the next refresh token")
    found = await used(sessions, token, HOUR)
    assert (found.session, found.is_due) == (replace(ANN, refresh_token="the next refresh token"), False)


async def test_its_word_may_leave_everything_as_it_is(sessions: OpaqueSessions) -> None:
    token = await begun(sessions, PENDING)
    assert await (await used(sessions, token, ALWAYS)).goes_on()
    assert (await used(sessions, token)).session == PENDING


async def test_of_many_at_once_one_asks_keycloak_and_the_others_wait(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as one, opened(redis_settings) as other:
        token = await begun(one.opaque_sessions)
        await asyncio.sleep(2.1)
        asked = 0

        async def use(sessions: OpaqueSessions) -> None:
            nonlocal asked
            found = await used(sessions, token, timedelta(seconds=2))
            if found.is_due:
                asked += 1
                await asyncio.sleep(0.05)
                assert await found.goes_on("the next")

        await asyncio.gather(*(use(each.opaque_sessions) for each in (one, other) * 20))
        assert asked == 1


async def test_whoever_gives_back_lets_the_next_one_ask(sessions: OpaqueSessions) -> None:
    token = await begun(sessions)
    found = await used(sessions, token, ALWAYS)
    waiting = asyncio.create_task(sessions.use(token, ALWAYS))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await found.give_back()
    next_one = await waiting
    assert next_one is not None
    assert next_one.is_due


async def test_whoever_dies_with_the_turn_comes_too_late(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings, deadline=MOMENT) as impatient, opened(redis_settings) as patient:
        token = await begun(patient.opaque_sessions)
        late = await used(impatient.opaque_sessions, token, ALWAYS)
        found = await used(patient.opaque_sessions, token, ALWAYS)
        assert not await late.goes_on("too late")
        assert await found.goes_on("in time")
        assert (await used(patient.opaque_sessions, token)).session.refresh_token == "in time"


async def test_nobody_waits_beyond_the_deadline(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as holding, opened(redis_settings, deadline=MOMENT) as waiting:
        token = await begun(holding.opaque_sessions)
        await used(holding.opaque_sessions, token, ALWAYS)
        with pytest.raises(Unavailable):
            await waiting.opaque_sessions.use(token, ALWAYS)


async def test_a_turn_whose_answer_is_lost_is_given_back(own_redis: RedisServer) -> None:
    way = Cutter(own_redis.port)
    async with way.listening() as url, opened(patiently(redis_at(url))) as state:
        sessions = state.opaque_sessions
        token = await begun(sessions)
        await (await used(sessions, token, ALWAYS)).give_back()
        way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await sessions.use(token, ALWAYS)
        await sessions.end()
        assert (await used(sessions, token, ALWAYS)).is_due
