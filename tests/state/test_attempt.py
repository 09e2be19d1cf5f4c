import asyncio
from datetime import timedelta

import pytest

from gateway.domain.errors import AccountLocked, TooManyAttempts
from gateway.settings import RedisSettings
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.state.opening import opened
from tests.state.tries import Evaluator, causes_lock, guess_wrong, sign_in


@pytest.mark.parametrize("position", [0, 3, 5, 20, 50, 79])
async def test_of_eighty_guesses_at_once_only_few_are_evaluated(
    redis_settings: RedisSettings, subject: Subject, position: int
) -> None:
    guesses = [i == position for i in range(80)]
    async with opened(redis_settings) as one, opened(redis_settings) as other:
        replicas = [Evaluator(one.attempts, subject), Evaluator(other.attempts, subject)]
        await asyncio.gather(*(replicas[i % 2].attempt(right=right) for i, right in enumerate(guesses)))
    won, evaluated = sum(each.won for each in replicas), sum(each.evaluated for each in replicas)
    # Five failures lock; the right one, if it gets its turn, allows five more, and was itself evaluated.
    assert won <= 1
    assert 5 <= evaluated <= (5 if won == 0 else 10)
    assert sum(each.refused for each in replicas) == 80 - evaluated


async def test_twelve_parallel_right_sign_ins_all_pass(state: State, subject: Subject) -> None:
    keycloak = Evaluator(state.attempts, subject, seconds=0.2)
    await asyncio.gather(*(keycloak.attempt(right=True) for _ in range(12)))
    assert keycloak.won == 12
    assert 1 < keycloak.at_once <= 5


async def test_at_once_bounds_the_tries_in_flight(state: State, subject: Subject) -> None:
    keycloak = Evaluator(state.attempts, subject)
    await asyncio.gather(*(keycloak.attempt(right=True, limit_at_once=1) for _ in range(8)))
    assert keycloak.won == 8
    assert keycloak.at_once == 1


async def test_who_waits_too_long_for_a_place_is_told_to_come_again(
    redis_settings: RedisSettings, subject: Subject
) -> None:
    async with (
        opened(redis_settings, deadline=timedelta(seconds=3)) as state,
        state.attempts.slot(subject, at_once=1),
    ):
        with pytest.raises(TooManyAttempts) as refusal:
            async with state.attempts.slot(subject, at_once=1):
                pytest.fail("two were in flight")
    assert refusal.value.retry_after == 1


async def test_a_place_that_nobody_settles_expires(redis_settings: RedisSettings, subject: Subject) -> None:
    async with opened(redis_settings, deadline=timedelta(seconds=1.5)) as state:
        died = state.attempts.slot(subject, at_once=1)
        await died.__aenter__()
        await asyncio.sleep(3.05)
        async with state.attempts.slot(subject, at_once=1) as attempt:
            await attempt.complete()
        await died.__aexit__(None, None, None)


async def test_a_cancelled_try_gives_its_place_back_and_counts_for_nobody(state: State, subject: Subject) -> None:
    for _ in range(6):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02), state.attempts.slot(subject, at_once=1):
                await asyncio.sleep(60)
    assert [await guess_wrong(state.attempts, subject) for _ in range(4)] == [None] * 4


async def test_cancelling_does_not_stop_a_wrong_try_from_counting(state: State, subject: Subject) -> None:
    for _ in range(5):
        started = asyncio.Event()

        async def guess(started: asyncio.Event) -> None:
            async with state.attempts.slot(subject) as attempt:
                started.set()
                await causes_lock(attempt)

        task = asyncio.create_task(guess(started))
        await started.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    await state.attempts.end()
    with pytest.raises(AccountLocked):
        await sign_in(state.attempts, subject)


async def test_cancelled_while_waiting_for_a_place_takes_none(state: State, subject: Subject) -> None:
    async with state.attempts.slot(subject, at_once=1) as holder:
        for _ in range(3):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.06), state.attempts.slot(subject, at_once=1):
                    pytest.fail("two were in flight")
        await holder.complete()
    async with state.attempts.slot(subject, at_once=1) as attempt:
        await attempt.complete()


async def test_a_try_is_settled_once(state: State, subject: Subject) -> None:
    async with state.attempts.slot(subject) as attempt:
        for _ in range(5):
            assert not await causes_lock(attempt)
    await sign_in(state.attempts, subject)


async def test_an_error_inside_the_block_only_frees_the_place(state: State, subject: Subject) -> None:
    for _ in range(6):
        with pytest.raises(LookupError):
            async with state.attempts.slot(subject, at_once=1):
                raise LookupError
    await sign_in(state.attempts, subject)
