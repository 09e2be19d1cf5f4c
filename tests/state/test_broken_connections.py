"""What is done again, and what never, when an answer of Redis is lost."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial

import pytest

from gateway.domain.errors import Unavailable
from gateway.settings import RedisSettings
from gateway.state.addresses import client_of
from gateway.state.connection import connected
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.state.cutting import Cutter
from tests.state.opening import opened, patiently, redis_at
from tests.state.redis_servers import RedisServer
from tests.state.tries import guess_wrong, guess_wrong_but, sign_in

ANN = Subject.account("ann")
ADDRESS = "203.0.113.7"


@pytest.fixture
async def way(own_redis: RedisServer) -> Cutter:
    return Cutter(own_redis.port)


@pytest.fixture
async def cut_off(way: Cutter) -> AsyncIterator[State]:
    """Give a replica on a way that loses answers, with a connection that was used already."""
    async with way.listening() as url, opened(patiently(redis_at(url))) as state:
        await state.ping()
        await guess_wrong(state.attempts, Subject.account("somebody else"))
        yield state


async def test_a_read_is_repeated_once_when_its_connection_breaks(way: Cutter, cut_off: State) -> None:
    way.answers_to_cut = 1
    await cut_off.limits.require_open(ADDRESS)
    way.answers_to_cut = 2
    with pytest.raises(Unavailable):
        await cut_off.limits.require_open(ADDRESS)


@pytest.mark.parametrize("tells_forgotten", [False, True])
async def test_a_connection_that_was_forgotten_in_idleness_is_replaced_unnoticed(
    way: Cutter, own_redis: RedisServer, monkeypatch: pytest.MonkeyPatch, *, tells_forgotten: bool
) -> None:
    monkeypatch.setattr("gateway.state.addresses._HEALTH_CHECK", 1)
    way.tells_forgotten = tells_forgotten
    async with way.listening() as url, opened(_in_no_hurry_but_to_connect(url)) as state:
        await state.limits.count_failure(ADDRESS)
        way.forget()
        await asyncio.sleep(1.5)
        await state.limits.count_failure(ADDRESS)
    assert own_redis.ask("GET", f"gateway:1:limit:failures:{ADDRESS}") == "2"


@pytest.mark.parametrize("kind", ["redis://127.0.0.1", "redis+sentinel://127.0.0.1/main", "redis+cluster://127.0.0.1"])
async def test_a_connection_is_tried_after_fifteen_seconds_of_idleness(kind: str) -> None:
    client, _ = client_of(redis_at(kind))
    assert client.get_connection_kwargs()["health_check_interval"] == 15


@pytest.mark.parametrize("chance", [0.0, 40.0])
async def test_a_read_is_repeated_after_a_pause_that_chance_makes_shorter(way: Cutter, chance: float) -> None:
    async with way.listening() as url, connected(patiently(redis_at(url)), lambda: chance) as connection:
        await connection.read("PING")
        way.answers_to_cut = 1
        began = time.monotonic()
        await connection.read("PING")
        assert (time.monotonic() - began >= 2) is (chance > 0)


async def test_a_count_is_not_repeated_when_its_answer_is_lost(
    way: Cutter, cut_off: State, own_redis: RedisServer
) -> None:
    await cut_off.limits.count_failure(ADDRESS)
    way.answers_to_cut = 1
    with pytest.raises(Unavailable):
        await cut_off.limits.count_failure(ADDRESS)
    assert own_redis.ask("GET", f"gateway:1:limit:failures:{ADDRESS}") == "2"


async def test_a_wrong_try_whose_answer_is_lost_counts_once(way: Cutter, cut_off: State) -> None:
    with pytest.raises(Unavailable):
        await guess_wrong_but(partial(setattr, way, "answers_to_cut", 1), cut_off.attempts, ANN)
    await asyncio.sleep(1.2)
    assert [await guess_wrong(cut_off.attempts, ANN) for _ in range(4)] == [None, None, None, 900]


async def test_a_place_whose_answer_is_lost_is_given_back(way: Cutter, cut_off: State) -> None:
    way.answers_to_cut = 1
    with pytest.raises(Unavailable):
        await sign_in(cut_off.attempts, ANN)
    async with cut_off.attempts.slot(ANN, at_once=1) as attempt:
        await attempt.complete()


def _in_no_hurry_but_to_connect(url: str) -> RedisSettings:
    return redis_at(url).model_copy(update={"connect_timeout": timedelta(seconds=3), "timeout": timedelta(seconds=30)})
