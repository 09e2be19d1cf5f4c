import asyncio
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import redis

from gateway.domain.errors import AccountLocked
from gateway.settings import LockoutSettings, RedisSettings
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.servers.stored import clock_of, lock_of
from tests.servers.waiting import until_async
from tests.state.opening import opened
from tests.state.tries import guess_wrong, is_locked, sign_in


@pytest.mark.parametrize("kind", [Subject.account, Subject.name])
async def test_five_wrong_in_a_row_lock_for_fifteen_minutes(state: State, kind: Callable[[str], Subject]) -> None:
    subject = kind(uuid.uuid4().hex)
    locks = [await guess_wrong(state.attempts, subject) for _ in range(5)]
    assert locks == [None, None, None, None, 900]
    with pytest.raises(AccountLocked) as refusal:
        await sign_in(state.attempts, subject)
    assert 895 <= refusal.value.retry_after <= 900


async def test_an_account_and_a_name_of_the_same_spelling_do_not_meet(state: State) -> None:
    for _ in range(5):
        await guess_wrong(state.attempts, Subject.name("same"))
    await sign_in(state.attempts, Subject.account("same"))


async def test_complete_sign_in_forgets_the_failures(state: State, subject: Subject) -> None:
    for _ in range(4):
        await guess_wrong(state.attempts, subject)
    await sign_in(state.attempts, subject)
    assert [await guess_wrong(state.attempts, subject) for _ in range(4)] == [None] * 4


async def test_one_right_factor_of_several_forgets_nothing(state: State, subject: Subject) -> None:
    for _ in range(4):
        await guess_wrong(state.attempts, subject)
    async with state.attempts.slot(subject):
        pass
    assert await guess_wrong(state.attempts, subject) == 900


async def test_replicas_share_the_counter(redis_settings: RedisSettings, subject: Subject) -> None:
    async with opened(redis_settings) as one, opened(redis_settings) as other:
        for replica in (one, other, one, other, one):
            await guess_wrong(replica.attempts, subject)
        with pytest.raises(AccountLocked):
            await sign_in(other.attempts, subject)


async def test_each_further_lock_is_twice_as_long(redis_settings: RedisSettings) -> None:
    lockout = LockoutSettings(max_failures=1, duration=timedelta(seconds=1))
    subject = Subject.account("doubling")
    async with opened(redis_settings, lockout=lockout) as state:
        for lasts in (1, 2):
            assert await guess_wrong(state.attempts, subject) == lasts
            assert await _waited_out(state, redis_settings, subject) == 1000 * lasts
        assert await guess_wrong(state.attempts, subject) == 4


async def test_no_lock_is_longer_than_the_longest(redis_settings: RedisSettings) -> None:
    lockout = LockoutSettings(max_failures=1, duration=timedelta(seconds=1), max_duration=timedelta(seconds=1))
    subject = Subject.account("longest")
    async with opened(redis_settings, lockout=lockout) as state:
        for _ in range(2):
            assert await guess_wrong(state.attempts, subject) == 1
            assert await _waited_out(state, redis_settings, subject) == 1000


async def test_a_complete_sign_in_after_a_lock_makes_the_next_lock_short_again(redis_settings: RedisSettings) -> None:
    lockout = LockoutSettings(max_failures=1, duration=timedelta(seconds=1))
    subject = Subject.account("short again")
    async with opened(redis_settings, lockout=lockout) as state:
        assert await guess_wrong(state.attempts, subject) == 1
        await asyncio.sleep(1.05)
        await sign_in(state.attempts, subject)
        assert await guess_wrong(state.attempts, subject) == 1


async def test_a_hundred_wrong_in_a_row_lock_until_lifted(redis_settings: RedisSettings) -> None:
    second = timedelta(seconds=1)
    subject = Subject.account("stubborn")
    lockout = LockoutSettings(max_failures=100, duration=second, max_duration=second)
    async with opened(redis_settings, lockout=lockout) as state:
        locks = [await guess_wrong(state.attempts, subject) for _ in range(100)]
        assert locks == [None] * 99 + [1]
        await asyncio.sleep(1.2)
        with pytest.raises(AccountLocked) as refusal:
            await sign_in(state.attempts, subject)
        assert refusal.value.retry_after == 1
        await state.attempts.lift("stubborn")
        await sign_in(state.attempts, subject)


async def test_locks_in_between_do_not_start_the_hundred_anew(redis_settings: RedisSettings) -> None:
    subject = Subject.account("stubborn")
    rules = {"duration": timedelta(seconds=1), "max_duration": timedelta(seconds=1)}
    async with opened(redis_settings, lockout=LockoutSettings(max_failures=60, **rules)) as state:
        for _ in range(60):
            await guess_wrong(state.attempts, subject)
        await asyncio.sleep(1.1)
        for _ in range(40):
            await guess_wrong(state.attempts, subject)
        await asyncio.sleep(1.1)
        with pytest.raises(AccountLocked):
            await sign_in(state.attempts, subject)


async def test_lifting_opens_a_locked_account_with_a_clean_record(state: State, subject: Subject) -> None:
    for _ in range(5):
        await guess_wrong(state.attempts, subject)
    await state.attempts.lift(subject.key)
    assert [await guess_wrong(state.attempts, subject) for _ in range(5)][-1] == 900


async def test_a_lowered_limit_locks_at_the_next_failure(redis_settings: RedisSettings, subject: Subject) -> None:
    async with opened(redis_settings) as before:
        for _ in range(4):
            await guess_wrong(before.attempts, subject)
    async with opened(redis_settings, lockout=LockoutSettings(max_failures=2)) as after:
        assert await guess_wrong(after.attempts, subject) == 900


async def _waited_out(state: State, settings: RedisSettings, subject: Subject) -> int:
    """Wait for the end of a lock, which comes no earlier than it should, and say how long it was, milliseconds."""

    async def is_open() -> bool:
        return not await is_locked(state.attempts, subject)

    with redis.Redis.from_url(settings.url.get_secret_value()) as client:
        lock = lock_of(client, settings.prefix, subject.kind, subject.key)
        await until_async(is_open)
        now = clock_of(client)
    async with state.attempts.slot(subject):
        pass
    assert now >= lock.ends
    return lock.ends - lock.began


async def test_a_password_set_after_the_last_wrong_try_lifts_the_lock(state: State, subject: Subject) -> None:
    for _ in range(5):
        await guess_wrong(state.attempts, subject)
    now = int(time.time() * 1000)  # noqa: TID251 - as the clock of another server tells it
    assert not await state.attempts.lift_outdated(subject.key, now - 3_600_000)
    assert not await state.attempts.lift_outdated(subject.key, now + 3_600_000)
    with pytest.raises(AccountLocked):
        await guess_wrong(state.attempts, subject)
    await asyncio.sleep(0.1)
    assert await state.attempts.lift_outdated(subject.key, int(time.time() * 1000) - 20)  # noqa: TID251 - the same
    assert await guess_wrong(state.attempts, subject) is None
