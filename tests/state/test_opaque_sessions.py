import asyncio
from dataclasses import replace

import pytest

from gateway.domain.errors import Unavailable
from gateway.domain.visits import OpaqueSession
from gateway.settings import RedisSettings
from gateway.state.opaque_sessions import OpaqueSessions
from gateway.state.store import State
from tests.state.opening import HOUR, KEY, opened
from tests.state.redis_servers import RedisServer
from tests.state.visiting import ALWAYS, ANN, BY_PROGRAM, PENDING, begun, used


@pytest.mark.parametrize("session", [ANN, BY_PROGRAM, PENDING], ids=["by name", "by program", "pending"])
async def test_a_session_is_found_as_it_was_begun(sessions: OpaqueSessions, session: OpaqueSession) -> None:
    token = await begun(sessions, session)
    for _ in range(3):
        found = await used(sessions, token)
        assert (found.session, found.is_due) == (session, False)
        assert found.session.is_pending == (session is PENDING)


async def test_tokens_are_long_and_alphanumeric_and_differ(sessions: OpaqueSessions) -> None:
    tokens = {await begun(sessions) for _ in range(20)}
    assert len(tokens) == len({each[:32] for each in tokens}) == len({each[32:] for each in tokens}) == 20
    assert all(len(each) == 64 and each.isascii() and each.isalnum() for each in tokens)


@pytest.mark.parametrize("made_up", ["", "made-up", "\ud800", "A" * 64, "a:b}{c", "x" * 9000])
async def test_a_made_up_token_is_unknown(sessions: OpaqueSessions, made_up: str) -> None:
    assert await sessions.use(made_up, HOUR) is None


async def test_half_a_token_is_unknown(sessions: OpaqueSessions) -> None:
    token = await begun(sessions)
    assert [await sessions.use(each, HOUR) for each in (token[:32], token[32:], token[32:] + token[:32])] == [None] * 3


async def test_every_use_renews_the_timeout(own_state: State, own_redis: RedisServer) -> None:
    sessions = own_state.opaque_sessions
    token = await begun(sessions)
    (key,) = own_redis.ask("KEYS", "*")
    for _ in range(2):
        own_redis.ask("EXPIRE", key, "60")
        await used(sessions, token)
        assert own_redis.ask("TTL", key) == pytest.approx(3600, abs=30)
    own_redis.ask("PEXPIRE", key, "1")
    await asyncio.sleep(0.05)
    assert await sessions.use(token, HOUR) is None


async def test_what_has_ended_stays_ended(sessions: OpaqueSessions) -> None:
    token = await begun(sessions)
    found = await used(sessions, token, ALWAYS)
    for _ in range(2):
        await sessions.end_one(token)
    assert not await found.goes_on("the next")
    await found.give_back()
    assert not await sessions.complete(token, ANN)
    assert await sessions.use(token, HOUR) is None


async def test_nothing_can_be_read_in_redis_and_everything_ends(own_state: State, own_redis: RedisServer) -> None:
    tokens = [await begun(own_state.opaque_sessions, each) for each in (ANN, BY_PROGRAM, PENDING)]
    keys = own_redis.ask("KEYS", "*")
    everything = "\n".join([*own_redis.everything(), *keys])
    secrets = [part for each in tokens for part in (each, each[:32], each[32:])]
    assert not [each for each in (*secrets, "the-refresh-token", "example.org", "id-of-ann") if each in everything]
    assert sorted(own_redis.ask("TTL", key) for key in keys) == pytest.approx([600, 3600, 3600], abs=2)


async def test_what_is_kept_opens_with_its_own_token_only(own_state: State, own_redis: RedisServer) -> None:
    sessions = own_state.opaque_sessions
    mine, others = await begun(sessions), await begun(sessions, replace(ANN, account_id="id-of-eve"))
    first, second = own_redis.ask("KEYS", "*")
    sealed = own_redis.ask("HGET", first, "sealed")
    own_redis.ask("HSET", first, "sealed", own_redis.ask("HGET", second, "sealed"))
    own_redis.ask("HSET", second, "sealed", sealed)
    assert [await sessions.use(token, HOUR) for token in (mine, others)] == [None, None]


async def test_a_session_outlives_a_new_secret_key_in_front(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as before:
        token = await begun(before.opaque_sessions)
    async with opened(redis_settings, keys=("B" * 43, KEY)) as after:
        assert (await used(after.opaque_sessions, token)).session == ANN
    async with opened(redis_settings, keys=("B" * 43,)) as without:
        assert await without.opaque_sessions.use(token, HOUR) is None


@pytest.mark.parametrize(
    "written", [b'[3,"id-of-ann",null,null,null,"","",0]', b'[2,"id-of-ann",["card","1"],null,null,"","",0]']
)
async def test_of_another_version_there_is_no_session(own_state: State, own_redis: RedisServer, written: bytes) -> None:
    token = await begun(own_state.opaque_sessions)
    (key,) = own_redis.ask("KEYS", "*")
    own_redis.ask("HSET", key, "sealed", own_state.secrets.seal("opaque-session", written, beside=token).decode())
    assert await own_state.opaque_sessions.use(token, HOUR) is None


async def test_without_redis_nothing_is_found_and_nothing_begins(own_state: State, own_redis: RedisServer) -> None:
    sessions = own_state.opaque_sessions
    token = await begun(sessions)
    found = await used(sessions, token, ALWAYS)
    own_redis.kill()
    for asked in (sessions.use(token, HOUR), begun(sessions), sessions.end_one(token), sessions.complete(token, ANN)):
        with pytest.raises(Unavailable):
            await asked
    await found.give_back()


async def test_a_redis_that_has_lost_everything_knows_no_session(own_state: State, own_redis: RedisServer) -> None:
    token = await begun(own_state.opaque_sessions)
    own_redis.ask("FLUSHALL")
    assert await own_state.opaque_sessions.use(token, HOUR) is None
