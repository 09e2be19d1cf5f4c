import asyncio
import time
import uuid
from datetime import timedelta

import pytest

from gateway.settings import RedisSettings
from gateway.state.store import State
from tests.state.opening import HOUR, opened
from tests.state.redis_servers import RedisServer

LONG_AGO = 1_000_000_000
FAR_AHEAD = 9_000_000_000


@pytest.fixture
def account() -> str:
    return str(uuid.uuid4())


async def test_an_ended_session_is_refused_and_another_is_not(state: State, account: str) -> None:
    await state.ended_sessions.end(["one", "two"], HOUR)
    assert await state.ended_sessions.includes("one", account, FAR_AHEAD)
    assert await state.ended_sessions.includes("two", account, FAR_AHEAD)
    assert not await state.ended_sessions.includes("three", account, LONG_AGO)


async def test_replicas_share_the_deny_list(redis_settings: RedisSettings, account: str) -> None:
    async with opened(redis_settings) as one, opened(redis_settings) as other:
        await one.ended_sessions.end(["one"], HOUR)
        assert await other.ended_sessions.includes("one", account, FAR_AHEAD)


async def test_ending_no_session_is_fine(state: State) -> None:
    await state.ended_sessions.end([], HOUR)
    await state.ended_sessions.end([""], HOUR)
    assert not await state.ended_sessions.includes("", "nobody", FAR_AHEAD)


async def test_an_ended_session_is_forgotten_after_its_lifetime(state: State, account: str) -> None:
    await state.ended_sessions.end(["one"], timedelta(milliseconds=50))
    await asyncio.sleep(0.1)
    assert not await state.ended_sessions.includes("one", account, FAR_AHEAD)


async def test_ending_all_refuses_what_was_issued_before_and_nothing_later(state: State, account: str) -> None:
    await state.ended_sessions.end_all_but(account, None, HOUR)
    assert await state.ended_sessions.includes("any", account, LONG_AGO)
    assert await state.ended_sessions.includes("", account, LONG_AGO)
    assert not await state.ended_sessions.includes("any", account, FAR_AHEAD)
    assert not await state.ended_sessions.includes("any", str(uuid.uuid4()), LONG_AGO)


async def test_clocks_ten_seconds_apart_refuse_nothing_that_is_issued_after_the_ending(
    own_state: State, own_redis: RedisServer
) -> None:
    await own_state.ended_sessions.end_all_but("somebody", None, HOUR)
    mark = own_redis.ask("GET", "gateway:1:{ended}:account:somebody")
    second = int(mark.split()[0])
    assert second <= int(own_redis.ask("TIME")[0])
    assert not await own_state.ended_sessions.includes("any", "somebody", second - 10)
    assert await own_state.ended_sessions.includes("any", "somebody", second - 11)


async def test_the_kept_session_is_not_refused(state: State, account: str) -> None:
    await state.ended_sessions.end_all_but(account, "kept", HOUR)
    assert not await state.ended_sessions.includes("kept", account, LONG_AGO)
    assert await state.ended_sessions.includes("other", account, LONG_AGO)


async def test_a_kept_session_stays_kept_when_it_ends_the_others_again(state: State, account: str) -> None:
    await state.ended_sessions.end_all_but(account, "kept", HOUR)
    await state.ended_sessions.end_all_but(account, "kept", HOUR)
    assert not await state.ended_sessions.includes("kept", account, LONG_AGO)


async def test_an_ended_session_cannot_keep_itself_alive(state: State, account: str) -> None:
    await state.ended_sessions.end_all_but(account, "owner", HOUR)
    await state.ended_sessions.end_all_but(account, "thief", HOUR)
    assert await state.ended_sessions.includes("thief", account, LONG_AGO)
    assert await state.ended_sessions.includes("owner", account, LONG_AGO)
    assert not await state.ended_sessions.includes("thief", account, FAR_AHEAD)


async def test_ending_all_ends_a_session_kept_before(state: State, account: str) -> None:
    await state.ended_sessions.end_all_but(account, "kept", HOUR)
    await state.ended_sessions.end_all_but(account, None, HOUR)
    assert await state.ended_sessions.includes("kept", account, LONG_AGO)


async def test_ending_until_a_second_refuses_the_whole_second_and_nothing_later(state: State, account: str) -> None:
    second = int(time.time())  # noqa: TID251 - tokens tell the time of day
    await state.ended_sessions.end_issued_until(second, account, HOUR)
    assert await state.ended_sessions.includes("any", account, second)
    assert not await state.ended_sessions.includes("any", account, second + 1)


async def test_ending_until_a_second_spares_no_session_that_was_kept_before(state: State, account: str) -> None:
    await state.ended_sessions.end_all_but(account, "kept", HOUR)
    await state.ended_sessions.end_issued_until(LONG_AGO, account, HOUR)
    assert await state.ended_sessions.includes("kept", account, LONG_AGO)
    assert not await state.ended_sessions.includes("kept", account, LONG_AGO + 1)
    assert await state.ended_sessions.includes("other", account, LONG_AGO + 1)


async def test_ending_all_refuses_on_what_was_refused_until_a_later_second(state: State, account: str) -> None:
    ahead = int(time.time()) + 5  # noqa: TID251 - as above
    await state.ended_sessions.end_issued_until(ahead, account, HOUR)
    await state.ended_sessions.end_all_but(account, None, HOUR)
    assert await state.ended_sessions.includes("any", account, ahead)


async def test_ending_until_a_second_shortens_no_memory(own_state: State, own_redis: RedisServer) -> None:
    await own_state.ended_sessions.end_all_but("somebody", None, 2 * HOUR)
    await own_state.ended_sessions.end_issued_until(LONG_AGO, "somebody", HOUR)
    assert own_redis.ask("PTTL", "gateway:1:{ended}:account:somebody") > HOUR.total_seconds() * 1000


async def test_a_token_id_has_one_first_use(state: State) -> None:
    uses = await asyncio.gather(*(state.ended_sessions.first_use("jti", HOUR) for _ in range(20)))
    assert uses.count(True) == 1
    assert await state.ended_sessions.first_use("another", HOUR)


async def test_a_session_is_told_from_the_others_of_its_account(state: State) -> None:
    account, session = str(uuid.uuid4()), uuid.uuid4().hex
    await state.ended_sessions.end_all_but(account, None, HOUR)
    assert not await state.ended_sessions.includes_session(session)
    await state.ended_sessions.end([session], HOUR)
    assert await state.ended_sessions.includes_session(session)
