"""Claims on links: of many at once one is given, and none outlives who has it."""

import asyncio
from datetime import timedelta

import pytest

from gateway.domain.errors import Unavailable
from gateway.settings import RedisSettings
from gateway.state.links import Links
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.servers.waiting import until_async
from tests.state.claiming import RESET, claimed
from tests.state.cutting import Cutter
from tests.state.opening import HOUR, opened, patiently, redis_at, two_replicas
from tests.state.redis_servers import RedisServer

ANN = Subject.account("id-of-ann")


async def test_of_fifty_claims_at_once_on_two_replicas_one_is_given(own_redis: RedisServer) -> None:
    async with two_replicas(own_redis.url) as (one, other):
        secret = await one.links.issue(RESET, ANN, HOUR)
        both = [one.links, other.links] * 25
        await asyncio.gather(*(links.claim(RESET, "warm") for links in both))
        given = await own_redis.ask_at_once(links.claim(RESET, secret) for links in both)
        claims = [claim for claim in given if claim]
        assert len(claims) == 1
        await claims[0].consume()
        assert await other.links.claim(RESET, secret) is None


async def test_a_released_link_may_be_claimed_again(links: Links, subject: Subject) -> None:
    secret = await links.issue(RESET, subject, HOUR)
    for _ in range(3):
        await (await claimed(links, secret)).release()
    await (await claimed(links, secret)).consume()
    assert await links.claim(RESET, secret) is None


async def test_a_consumed_link_is_not_released(links: Links, subject: Subject) -> None:
    secret = await links.issue(RESET, subject, HOUR)
    claim = await claimed(links, secret)
    await claim.consume()
    await claim.release()
    assert await links.claim(RESET, secret) is None


async def test_who_dies_with_a_claim_loses_it_after_three_deadlines(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings, deadline=timedelta(seconds=1)) as state:
        secret = await state.links.issue(RESET, ANN, HOUR)
        late = await claimed(state.links, secret)
        assert await state.links.claim(RESET, secret) is None
        await asyncio.sleep(3.05)
        await claimed(state.links, secret)
        await late.release()
        assert await state.links.claim(RESET, secret) is None


async def test_who_is_late_consumes_the_link_all_the_same(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings, deadline=timedelta(seconds=1)) as state:
        secret = await state.links.issue(RESET, ANN, HOUR)
        late = await claimed(state.links, secret)
        await asyncio.sleep(3.05)
        await late.consume()
        assert await state.links.claim(RESET, secret) is None


async def test_a_claim_whose_answer_is_lost_is_released(own_redis: RedisServer) -> None:
    way = Cutter(own_redis.port)
    async with way.listening() as url, opened(patiently(redis_at(url))) as state:
        secret = await state.links.issue(RESET, ANN, HOUR)
        await (await claimed(state.links, secret)).release()
        way.answers_to_pass = way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await state.links.claim(RESET, secret)
        await state.links.end()
        assert await state.links.claim(RESET, secret)


async def test_consuming_goes_on_after_the_outage_in_which_it_was_asked(
    hurried_state: State, own_redis: RedisServer
) -> None:
    secret = await hurried_state.links.issue(RESET, ANN, HOUR)
    claim = await claimed(hurried_state.links, secret)
    own_redis.freeze()
    await claim.consume()
    own_redis.thaw()

    async def is_settled() -> bool:
        return own_redis.ask("KEYS", "*link-claim*") == [] and await hurried_state.links.claim(RESET, secret) is None

    await until_async(is_settled)


async def test_a_cancelled_claimant_still_releases(own_state: State, own_redis: RedisServer) -> None:
    secret = await own_state.links.issue(RESET, ANN, HOUR)
    has_it = asyncio.Event()

    async def use() -> None:
        claim = await claimed(own_state.links, secret)
        try:
            has_it.set()
            await asyncio.sleep(60)
        finally:
            await claim.release()

    using = asyncio.create_task(use())
    await has_it.wait()
    using.cancel()
    with pytest.raises(asyncio.CancelledError):
        await using
    await own_state.links.end()
    assert own_redis.ask("KEYS", "*link-claim*") == []
    assert await own_state.links.claim(RESET, secret)
