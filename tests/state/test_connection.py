import asyncio
import contextlib
import secrets
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import pytest

from devstack.children import free_port
from gateway.domain.errors import AccountLocked, Unavailable
from gateway.domain.purposes import CodePurpose, LinkPurpose
from gateway.settings import LockoutSettings, RedisSettings
from gateway.state.connection import connected
from gateway.state.sign_in_session import SignInSession
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.servers.full_backlogs import IN_NO_HURRY_BUT_TO_CONNECT, full_backlog
from tests.servers.waiting import RECOVERED, until_async
from tests.state.opening import HOUR, opened, patiently, redis_at
from tests.state.redis_servers import RedisServer, running_redis
from tests.state.tries import guess_wrong, guess_wrong_but, is_locked, lets_in, sign_in

ANN = Subject.account("ann")
ADDRESS = "203.0.113.7"


async def test_opening_needs_no_redis_and_heals_by_itself() -> None:
    with running_redis() as server:
        server.kill()
        async with opened(redis_at(server.url)) as state:
            with pytest.raises(Unavailable):
                await state.ping()
            server.start()
            await state.ping()


async def test_everything_is_refused_while_redis_is_away() -> None:
    async with opened(redis_at(f"redis://127.0.0.1:{free_port()}")) as state:
        for ask in _every_question(state):
            with pytest.raises(Unavailable) as refusal:
                await ask()
            assert refusal.value.dependency == "redis"


@pytest.mark.parametrize("kind", ["redis://{}", "redis+sentinel://{}/main", "redis+cluster://{}"])
async def test_a_redis_that_takes_no_connection_is_unavailable_in_the_time_for_connecting(kind: str) -> None:
    with full_backlog() as port:
        began = time.monotonic()
        settings = redis_at(kind.format(f"127.0.0.1:{port}")).model_copy(update=IN_NO_HURRY_BUT_TO_CONNECT)
        async with connected(settings) as connection:
            with pytest.raises(Unavailable):
                await connection.read("PING")
        assert time.monotonic() - began < 4.5  # redis-py itself takes 5 s for it


async def test_a_frozen_redis_refuses_all_of_sixty_in_time_and_locks_nobody(
    hurried_state: State, own_redis: RedisServer
) -> None:
    await hurried_state.ping()
    own_redis.freeze()
    began = time.monotonic()
    guesses = (guess_wrong(hurried_state.attempts, ANN) for _ in range(60))
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    assert time.monotonic() - began < 5
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    own_redis.thaw()
    await until_async(partial(lets_in, hurried_state.attempts, ANN), within=RECOVERED)


async def test_a_wrong_try_that_was_evaluated_counts_although_redis_froze(own_redis: RedisServer) -> None:
    async with opened(redis_at(own_redis.url), lockout=LockoutSettings(max_failures=1)) as state:
        with pytest.raises(Unavailable):
            await guess_wrong_but(own_redis.freeze, state.attempts, ANN)
        own_redis.thaw()
        await until_async(partial(is_locked, state.attempts, ANN))
        with pytest.raises(AccountLocked):
            await sign_in(state.attempts, ANN)


async def test_a_lock_whose_answer_an_outage_swallowed_is_told_after_it(own_redis: RedisServer) -> None:
    told: asyncio.Queue[None] = asyncio.Queue()
    async with opened(redis_at(own_redis.url), lockout=LockoutSettings(max_failures=1)) as state:
        async with state.attempts.slot(ANN) as attempt:
            own_redis.freeze()
            with pytest.raises(Unavailable):
                await attempt.wrong(partial(told.put, None))
        assert told.empty()
        own_redis.thaw()
        async with asyncio.timeout(20):
            await told.get()
        with pytest.raises(AccountLocked) as refusal:
            await state.attempts.require_open(ANN)
        assert refusal.value.retry_after == pytest.approx(900, abs=10)
    assert told.empty()


async def test_a_killed_redis_is_found_again_when_it_is_back(own_state: State, own_redis: RedisServer) -> None:
    await guess_wrong(own_state.attempts, ANN)
    own_redis.kill()
    with pytest.raises(Unavailable):
        await own_state.limits.require_open(ADDRESS)
    own_redis.start()
    await own_state.limits.require_open(ADDRESS)
    assert [await guess_wrong(own_state.attempts, ANN) for _ in range(5)][-1] == 900


async def test_flushed_scripts_are_taught_again(own_state: State, own_redis: RedisServer) -> None:
    await guess_wrong(own_state.attempts, ANN)
    own_redis.ask("SCRIPT", "FLUSH")
    assert [await guess_wrong(own_state.attempts, ANN) for _ in range(4)][-1] == 900
    own_redis.ask("SCRIPT", "FLUSH")
    await own_state.limits.count_failure(ADDRESS)
    await own_state.outbox.add("mail", {}, HOUR)


async def test_killed_connections_are_replaced_unnoticed(own_state: State, own_redis: RedisServer) -> None:
    await asyncio.gather(*(own_state.ping() for _ in range(5)))
    own_redis.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
    await asyncio.sleep(0.05)
    await asyncio.gather(*(guess_wrong(own_state.attempts, Subject.account(str(i))) for i in range(5)))


async def test_a_full_redis_lets_no_try_pass_uncounted(own_state: State, own_redis: RedisServer) -> None:
    own_redis.ask("CONFIG", "SET", "maxmemory", "1")
    assert [await guess_wrong(own_state.attempts, ANN) for _ in range(5)][-1] == 900
    with pytest.raises(Unavailable):
        await own_state.limits.admit("reset", "ann", most=3, window=HOUR)
    with pytest.raises(Unavailable):
        await own_state.outbox.add("mail", {}, HOUR)
    own_redis.ask("CONFIG", "SET", "maxmemory", "0")
    await own_state.outbox.add("mail", {}, HOUR)


async def test_a_primary_that_became_a_replica_is_left_for_the_new_one(
    own_state: State, own_redis: RedisServer
) -> None:
    await asyncio.gather(*(own_state.ping() for _ in range(5)))
    before = _connections(own_redis)
    own_redis.ask("REPLICAOF", "127.0.0.1", str(free_port()))
    with pytest.raises(Unavailable):
        await guess_wrong(own_state.attempts, ANN)
    own_redis.ask("REPLICAOF", "NO", "ONE")
    await sign_in(own_state.attempts, ANN)
    assert not before & _connections(own_redis)


async def test_a_wrong_password_for_redis_is_unavailable(own_redis: RedisServer) -> None:
    wrong, right = secrets.token_hex(32), secrets.token_hex(32)
    own_redis.ask("CONFIG", "SET", "requirepass", right)
    async with opened(redis_at(f"redis://:{wrong}@127.0.0.1:{own_redis.port}")) as state:
        with pytest.raises(Unavailable):
            await state.ping()
    async with opened(redis_at(f"redis://:{right}@127.0.0.1:{own_redis.port}")) as state:
        await state.ping()


async def test_cancelled_commands_never_answer_the_next_caller(redis_settings: RedisSettings) -> None:
    async with connected(redis_settings.model_copy(update={"max_connections": 4})) as connection:
        for delay in range(150):
            asked = asyncio.create_task(connection.read("ECHO", f"cancelled {delay}"))
            await asyncio.sleep(delay / 150 * 0.001)
            asked.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asked
            answers = await asyncio.gather(*(connection.read("ECHO", f"{delay}-{i}") for i in range(6)))
            assert answers == [f"{delay}-{i}".encode() for i in range(6)]


async def test_commands_timed_out_by_a_slow_redis_never_answer_the_next_caller(own_redis: RedisServer) -> None:
    async with connected(redis_at(own_redis.url).model_copy(update={"timeout": timedelta(seconds=0.2)})) as connection:
        await connection.read("ECHO", "warm")
        own_redis.freeze()
        late = await asyncio.gather(*(connection.read("ECHO", "late") for _ in range(10)), return_exceptions=True)
        assert {type(outcome) for outcome in late} == {Unavailable}
        own_redis.thaw()
        answers = await asyncio.gather(*(connection.read("ECHO", str(i)) for i in range(60)))
    assert answers == [str(i).encode() for i in range(60)]


async def test_more_callers_than_connections_wait_for_their_turn(own_redis: RedisServer) -> None:
    settings = patiently(redis_at(own_redis.url)).model_copy(update={"max_connections": 3})
    async with connected(settings) as connection:
        answers = await asyncio.gather(*(connection.read("ECHO", str(i)) for i in range(200)))
        assert len(_connections(own_redis)) <= 3
    assert answers == [str(i).encode() for i in range(200)]


async def test_trying_out_leaves_nothing_behind(own_state: State, own_redis: RedisServer) -> None:
    await own_state.try_out()
    assert 0 < own_redis.ask("PTTL", "gateway:1:trial") <= 1000
    await asyncio.sleep(1.1)
    assert own_redis.ask("KEYS", "*") == []


@pytest.mark.parametrize("memory", ["1", "0"])
async def test_trying_out_finds_a_redis_that_is_full(memory: str) -> None:
    with running_redis("--save", "", "--maxmemory", memory) as server:
        async with opened(patiently(redis_at(server.url))) as state:
            await state.ping()
            full = pytest.raises(Unavailable) if memory == "1" else contextlib.nullcontext()
            with full:
                await state.try_out()


def _every_question(state: State) -> list[Callable[[], Awaitable[object]]]:
    return [
        state.ping,
        partial(guess_wrong, state.attempts, ANN),
        partial(state.attempts.lift, "ann"),
        partial(state.limits.require_open, ADDRESS),
        partial(state.limits.count_failure, ADDRESS),
        partial(state.limits.admit_mail_request, ADDRESS),
        partial(state.limits.admit_mail, "mailbox", "1-0"),
        partial(state.limits.admit, "reset", "ann", most=3, window=HOUR),
        partial(state.ended_sessions.end, ["session"], HOUR),
        partial(state.ended_sessions.end_all_but, "ann", None, HOUR),
        partial(state.ended_sessions.includes, "session", "ann", 0),
        partial(state.ended_sessions.first_use, "jti", HOUR),
        partial(state.one_time_codes.issue, CodePurpose.SIGN_IN, ANN, lifetime=HOUR),
        partial(state.one_time_codes.check, CodePurpose.SIGN_IN, ANN, "123456"),
        partial(state.one_time_codes.void_all, ANN),
        partial(state.sign_in_sessions.begin, SignInSession("pipeshub", None, ((),), "ann"), HOUR),
        partial(state.sign_in_sessions.get, "token", "pipeshub"),
        partial(state.sign_in_sessions.advance, "token", 0, "ann", 0),
        partial(state.sign_in_sessions.finish, "token", 0, "ann"),
        partial(state.sign_in_sessions.end_all, "ann"),
        partial(state.links.issue, LinkPurpose.RESET, ANN, HOUR),
        partial(state.links.claim, LinkPurpose.RESET, "secret"),
        partial(state.links.void_all, LinkPurpose.RESET, ANN),
        partial(state.outbox.add, "mail", {}, HOUR),
        state.outbox.depth,
        state.outbox.oldest_age,
    ]


def _connections(server: RedisServer) -> set[str]:
    """List the ids of the server's clients, without the one that asks."""
    with server.asked() as client:
        return {each["id"] for each in client.client_list()} - {str(client.client_id())}
