import asyncio
import sys
from datetime import timedelta

import pytest

from gateway.domain.errors import TooManyAttempts
from gateway.settings import LimitSettings, RedisSettings
from gateway.state.store import State
from tests.state.opening import opened

ADDRESS = "203.0.113.7"


async def test_the_twentieth_failure_blocks_the_address(state: State) -> None:
    outcomes = [await state.limits.count_failure(ADDRESS) for _ in range(20)]
    assert outcomes == [False] * 19 + [True]
    with pytest.raises(TooManyAttempts) as refusal:
        await state.limits.require_open(ADDRESS)
    assert 595 <= refusal.value.retry_after <= 600


async def test_nineteen_failures_leave_the_address_open(state: State) -> None:
    for _ in range(19):
        await state.limits.count_failure(ADDRESS)
    await state.limits.require_open(ADDRESS)


async def test_a_blocked_address_leaves_others_open(state: State) -> None:
    for _ in range(20):
        await state.limits.count_failure(ADDRESS)
    await state.limits.require_open("2001:db8::/64")


async def test_of_forty_five_failures_at_once_one_blocks(state: State) -> None:
    outcomes = await asyncio.gather(*(state.limits.count_failure(ADDRESS) for _ in range(45)))
    assert outcomes.count(True) == 1
    with pytest.raises(TooManyAttempts):
        await state.limits.require_open(ADDRESS)


async def test_a_block_ends_after_its_window_with_a_clean_count(redis_settings: RedisSettings) -> None:
    limits = LimitSettings(failures_per_address=2, failure_window=timedelta(seconds=1))
    async with opened(redis_settings, limits=limits) as state:
        assert [await state.limits.count_failure(ADDRESS) for _ in range(2)] == [False, True]
        await asyncio.sleep(1.05)
        await state.limits.require_open(ADDRESS)
        assert await state.limits.count_failure(ADDRESS) is False


async def test_sixty_mail_requests_an_hour_are_admitted(state: State) -> None:
    for _ in range(60):
        await state.limits.admit_mail_request(ADDRESS)
    with pytest.raises(TooManyAttempts) as refusal:
        await state.limits.admit_mail_request(ADDRESS)
    assert 3590 <= refusal.value.retry_after <= 3600


async def test_five_mails_to_a_mailbox_are_admitted_however_many_ask_at_once(state: State) -> None:
    outcomes = await asyncio.gather(*(state.limits.admit_mail("mailbox", str(each)) for each in range(30)))
    assert outcomes.count(True) == 5


async def test_twenty_mails_a_day_are_the_most(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings, limits=LimitSettings(mails_per_mailbox=100)) as state:
        outcomes = [await state.limits.admit_mail("mailbox", str(each)) for each in range(25)]
    assert outcomes == [True] * 20 + [False] * 5


@pytest.mark.parametrize(
    ("limits", "window"),
    [
        (LimitSettings(mails_per_mailbox=2), timedelta(minutes=10)),
        (LimitSettings(mails_per_mailbox_and_day=2), timedelta(days=1)),
        (LimitSettings(mails_per_mailbox=2, mails_per_mailbox_and_day=2), timedelta(days=1)),
    ],
    ids=["ten minutes", "a day", "both"],
)
async def test_a_mailbox_is_full_until_the_window_ends_that_is(
    redis_settings: RedisSettings, limits: LimitSettings, window: timedelta
) -> None:
    async with opened(redis_settings, limits=limits) as state:
        assert [await state.limits.admit_mail("full", str(each)) for each in range(3)] == [True, True, False]
        assert await state.limits.mails_resume_in("full") == pytest.approx(window.total_seconds(), abs=5)


async def test_a_limit_of_a_contract_says_when_its_window_ends(state: State) -> None:
    window = timedelta(seconds=4)
    for _ in range(3):
        await state.limits.admit("reset", "somebody", most=3, window=window)
    await asyncio.sleep(0.9)
    with pytest.raises(TooManyAttempts) as refusal:
        await state.limits.admit("reset", "somebody", most=3, window=window)
    assert 1 <= refusal.value.retry_after <= 4
    await asyncio.sleep(4.2)
    await state.limits.admit("reset", "somebody", most=3, window=window)


async def test_limits_of_other_names_and_subjects_are_counted_apart(state: State) -> None:
    window = timedelta(minutes=1)
    await state.limits.admit("reset", "somebody", most=1, window=window)
    await state.limits.admit("reset", "somebody else", most=1, window=window)
    await state.limits.admit("verify", "somebody", most=1, window=window)
    with pytest.raises(TooManyAttempts):
        await state.limits.admit("reset", "somebody", most=1, window=window)


def test_the_limits_library_brings_no_second_client() -> None:
    assert "coredis" not in sys.modules


async def test_a_mail_that_is_tried_again_counts_once(state: State) -> None:
    assert all([await state.limits.admit_mail("tried-again", "1-0") for _ in range(30)])
    assert await state.limits.admit_mail("tried-again", "2-0")


@pytest.mark.parametrize(
    "limits",
    [LimitSettings(mails_per_mailbox=2), LimitSettings(mails_per_mailbox_and_day=2)],
    ids=["ten minutes", "a day"],
)
async def test_a_mail_that_was_refused_is_refused_again_until_there_is_room_and_counts_nothing(
    redis_settings: RedisSettings, limits: LimitSettings
) -> None:
    async with opened(redis_settings, limits=limits) as state:
        admit = state.limits.admit_mail
        assert [await admit("full", each) for each in ("1-0", "2-0")] == [True, True]
        assert not any([await admit("full", each) for each in ("3-0", "3-0", "4-0", "3-0")])
        state.limits.take_back_mail("full", "1-0")
        await state.limits.end()
        assert [await admit("full", each) for each in ("3-0", "3-0", "4-0")] == [True, True, False]


async def test_after_a_mail_others_of_its_kind_have_to_wait_and_it_need_not_wait_for_itself(state: State) -> None:
    admit, pause = state.limits.admit_after_pause, timedelta(seconds=4)
    assert await admit("reset", "ann", "1-0", pause)
    assert await admit("reset", "ann", "1-0", pause)
    assert not await admit("reset", "ann", "2-0", pause)
    assert await admit("code", "ann", "2-0", pause)
    assert await admit("reset", "bob", "2-0", pause)
    await asyncio.sleep(4.05)
    assert await admit("reset", "ann", "3-0", pause)
    assert not await admit("reset", "ann", "1-0", pause)


async def test_of_many_mails_of_a_kind_at_once_one_is_admitted(state: State) -> None:
    pause = timedelta(minutes=1)
    asked = (state.limits.admit_after_pause("reset", "ann", f"{number}-0", pause) for number in range(20))
    assert (await asyncio.gather(*asked)).count(True) == 1


async def test_a_mail_of_a_kind_counts_once_however_often_it_is_tried(state: State) -> None:
    async def is_admitted(mail_id: str, subject: str = "ann") -> bool:
        window = timedelta(minutes=15)
        return await state.limits.admit_mail_of_kind("forgotten", subject, mail_id, most=2, window=window)

    assert [await is_admitted(each) for each in ("1-0", "1-0", "2-0", "1-0")] == [True] * 4
    assert not await is_admitted("3-0")
    assert await is_admitted("3-0", "bob")
    assert await state.limits.admit_mail("ann", "3-0")
