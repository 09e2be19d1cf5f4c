import asyncio

import pytest

from gateway.domain.errors import CredentialsRefused
from gateway.state.store import State
from gateway.state.subjects import Subject
from gateway.state.times import milliseconds
from tests.state.opening import DEADLINE
from tests.state.redis_servers import RedisServer
from tests.state.tries import causes_lock, guess_wrong, sign_in

# Redis tells times in milliseconds: what is admitted in that of the change counts as admitted before.
_A_MOMENT = 0.005


async def test_a_try_in_flight_when_the_password_changes_becomes_no_sign_in(state: State, subject: Subject) -> None:
    async with state.attempts.slot(subject) as attempt:
        await state.attempts.outdate(subject.key)
        with pytest.raises(CredentialsRefused):
            await attempt.complete()
    await asyncio.sleep(_A_MOMENT)
    await sign_in(state.attempts, subject)


async def test_an_outdated_try_clears_no_counter(state: State, subject: Subject) -> None:
    assert [await guess_wrong(state.attempts, subject) for _ in range(4)] == [None] * 4
    async with state.attempts.slot(subject) as attempt:
        await state.attempts.outdate(subject.key)
        with pytest.raises(CredentialsRefused):
            await attempt.complete()
    assert await guess_wrong(state.attempts, subject) is not None


async def test_an_outdated_try_gives_its_place_back(state: State, subject: Subject) -> None:
    async with state.attempts.slot(subject, at_once=1) as attempt:
        await state.attempts.outdate(subject.key)
        with pytest.raises(CredentialsRefused):
            await attempt.complete()
        await asyncio.sleep(_A_MOMENT)
        async with state.attempts.slot(subject, at_once=1) as next_one:
            await next_one.complete()


async def test_an_outdated_wrong_try_counts_all_the_same(state: State, subject: Subject) -> None:
    for _ in range(4):
        await guess_wrong(state.attempts, subject)
    async with state.attempts.slot(subject) as attempt:
        await state.attempts.outdate(subject.key)
        assert await causes_lock(attempt)


async def test_the_mark_lasts_as_long_as_a_place(own_state: State, own_redis: RedisServer) -> None:
    await own_state.attempts.outdate("ann")
    left = own_redis.ask("PTTL", "gateway:1:{account:ann}:outdated")
    assert left == pytest.approx(2 * milliseconds(DEADLINE), abs=1000)
