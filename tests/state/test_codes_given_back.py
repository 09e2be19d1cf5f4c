"""Right codes that are given back, because what they were for has failed."""

import asyncio
from datetime import timedelta

from gateway.state.one_time_codes import OneTimeCodes
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.servers.waiting import until_async
from tests.state.codes import SIGN_IN, check, issue, other_than
from tests.state.redis_servers import RedisServer


async def test_a_code_given_back_is_right_once_more(codes: OneTimeCodes, subject: Subject) -> None:
    code = await issue(codes, subject)
    checked = await codes.check(SIGN_IN, subject, code)
    await checked.give_back()
    await checked.give_back()
    assert [await check(codes, subject, code) for _ in range(2)] == ["right", "none"]


async def test_giving_back_does_not_prolong(own_state: State, own_redis: RedisServer) -> None:
    ann = Subject.account("ann")
    code = await issue(own_state.one_time_codes, ann)
    for key in own_redis.ask("KEYS", "*"):
        own_redis.ask("EXPIRE", key, "50")
    await (await own_state.one_time_codes.check(SIGN_IN, ann, code)).give_back()
    assert {own_redis.ask("TTL", key) for key in own_redis.ask("KEYS", "*")} <= set(range(51))


async def test_a_code_given_back_after_its_life_is_expired(codes: OneTimeCodes, subject: Subject) -> None:
    code = await codes.issue(SIGN_IN, subject, lifetime=timedelta(seconds=3))
    checked = await codes.check(SIGN_IN, subject, code)
    await asyncio.sleep(3.05)
    assert await check(codes, subject, code) == "none"
    await checked.give_back()
    assert await check(codes, subject, code) == "expired"


async def test_giving_back_does_not_revive_a_replaced_code(codes: OneTimeCodes, subject: Subject) -> None:
    old = await issue(codes, subject)
    checked = await codes.check(SIGN_IN, subject, old)
    new = await issue(codes, subject)
    used = await codes.check(SIGN_IN, subject, new)
    await checked.give_back()
    assert used.verdict == "right"
    assert [await check(codes, subject, code) for code in (old, new)] == ["none", "none"]


async def test_giving_back_what_was_not_right_changes_nothing(codes: OneTimeCodes, subject: Subject) -> None:
    code = await issue(codes, subject)
    wrong = await codes.check(SIGN_IN, subject, other_than(code))
    assert await check(codes, subject, code) == "right"
    await wrong.give_back()
    assert await check(codes, subject, code) == "none"


async def test_wrong_entries_stay_counted_when_the_code_is_given_back(codes: OneTimeCodes, subject: Subject) -> None:
    code = await issue(codes, subject)
    for _ in range(4):
        await check(codes, subject, other_than(code))
    await (await codes.check(SIGN_IN, subject, code)).give_back()
    assert [await check(codes, subject, each) for each in (other_than(code), code)] == ["wrong", "none"]


async def test_a_code_is_given_back_after_the_outage_in_which_giving_back_was_asked(
    hurried_state: State, own_redis: RedisServer
) -> None:
    codes, ann = hurried_state.one_time_codes, Subject.account("ann")
    code = await issue(codes, ann)
    checked = await codes.check(SIGN_IN, ann, code)
    own_redis.freeze()
    await checked.give_back()
    own_redis.thaw()

    async def is_right() -> bool:
        return await check(codes, ann, code) == "right"

    await until_async(is_right)
