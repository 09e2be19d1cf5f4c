import asyncio
import json
import uuid
from datetime import timedelta

import pytest

from gateway.domain.purposes import LinkPurpose
from gateway.settings import RedisSettings
from gateway.state.links import Links
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.state.claiming import RESET, claimed
from tests.state.opening import HOUR, KEY, opened
from tests.state.redis_servers import RedisServer

ANN = Subject.account("id-of-ann")


async def test_a_link_works_once(links: Links, subject: Subject) -> None:
    secret = await links.issue(RESET, subject, HOUR)
    await (await claimed(links, secret)).consume()
    assert await links.claim(RESET, secret) is None


async def test_a_claim_tells_whose_link_it_is_and_what_was_kept_with_it(links: Links) -> None:
    invited = Subject.name("digest of an address")
    secret = await links.issue(LinkPurpose.VERIFY, invited, HOUR, content={"role": "mémber"})
    claim = await claimed(links, secret, LinkPurpose.VERIFY)
    assert (claim.subject, claim.content) == (invited, {"role": "mémber"})


async def test_looking_at_a_link_takes_nothing_of_it_away(links: Links, subject: Subject) -> None:
    secret = await links.issue(RESET, subject, HOUR)
    assert [await links.is_good(RESET, secret) for _ in range(3)] == [True] * 3
    claim = await claimed(links, secret)
    assert await links.is_good(RESET, secret)
    await claim.consume()
    assert not await links.is_good(RESET, secret)


async def test_a_link_that_is_void_or_of_another_purpose_is_not_good(links: Links, subject: Subject) -> None:
    first, second = [await links.issue(RESET, subject, HOUR) for _ in range(2)]
    assert [await links.is_good(RESET, each) for each in (first, second, "made up", "")] == [False, True, False, False]
    assert not await links.is_good(LinkPurpose.ACTIVATION, second)


async def test_a_secret_may_be_given(links: Links, subject: Subject) -> None:
    given = uuid.uuid4().hex
    assert await links.issue(LinkPurpose.ACTIVATION, subject, HOUR, secret=given) == given
    assert (await claimed(links, given, LinkPurpose.ACTIVATION)).subject == subject


async def test_secrets_are_long_and_url_safe_and_differ(links: Links, subject: Subject) -> None:
    issued = {await links.issue(RESET, subject, HOUR) for _ in range(20)}
    assert len(issued) == 20
    assert all(len(secret) == 43 and secret.replace("-", "").replace("_", "").isalnum() for secret in issued)


@pytest.mark.parametrize("secret", ["", "made-up", "\ud800", "A" * 43, "a:b}{c", "x" * 9000])
async def test_a_made_up_secret_is_refused(links: Links, secret: str) -> None:
    assert await links.claim(RESET, secret) is None


async def test_a_secret_fits_its_purpose_only(links: Links, subject: Subject) -> None:
    issued = {purpose: await links.issue(purpose, subject, HOUR) for purpose in LinkPurpose}
    for purpose, secret in issued.items():
        fitting = [other for other in LinkPurpose if await links.claim(other, secret)]
        assert fitting == [purpose]


async def test_a_token_of_a_sign_in_is_no_link(state: State, subject: Subject) -> None:
    secret = await state.links.issue(RESET, subject, HOUR)
    assert await state.sign_in_sessions.get(secret, "pipeshub") is None


async def test_a_newer_link_voids_the_older_one(links: Links, subject: Subject) -> None:
    older, newer = [await links.issue(RESET, subject, HOUR) for _ in range(2)]
    assert await links.claim(RESET, older) is None
    assert await links.claim(RESET, newer)


async def test_a_newer_link_leaves_other_purposes_and_people_alone(links: Links, subject: Subject) -> None:
    verify = await links.issue(LinkPurpose.VERIFY, subject, HOUR)
    of_another = await links.issue(RESET, Subject.name(subject.key), HOUR)
    await links.issue(RESET, subject, HOUR)
    assert await links.claim(LinkPurpose.VERIFY, verify)
    assert await links.claim(RESET, of_another)


async def test_without_that_limit_several_work_until_all_are_voided(links: Links, subject: Subject) -> None:
    issued = [await links.issue(LinkPurpose.VERIFY, subject, HOUR, limit_one=False) for _ in range(4)]
    for secret in issued[:2]:
        await (await claimed(links, secret, LinkPurpose.VERIFY)).consume()
    await (await claimed(links, issued[2], LinkPurpose.VERIFY)).release()
    await links.void_all(LinkPurpose.VERIFY, subject)
    assert [await links.claim(LinkPurpose.VERIFY, secret) for secret in issued] == [None] * 4


async def test_voiding_leaves_other_purposes_and_people_alone(links: Links, subject: Subject) -> None:
    verify = await links.issue(LinkPurpose.VERIFY, subject, HOUR)
    of_another = await links.issue(RESET, Subject.account("bystander"), HOUR)
    await links.void_all(RESET, subject)
    assert await links.claim(LinkPurpose.VERIFY, verify)
    assert await links.claim(RESET, of_another)


async def test_a_link_whose_life_is_over_is_refused(links: Links, subject: Subject) -> None:
    secret = await links.issue(RESET, subject, timedelta(milliseconds=40))
    await asyncio.sleep(0.08)
    assert await links.claim(RESET, secret) is None


async def test_a_short_link_does_not_outlive_itself_beside_a_long_one(own_state: State, own_redis: RedisServer) -> None:
    await own_state.links.issue(RESET, ANN, HOUR, limit_one=False)
    short = await own_state.links.issue(RESET, ANN, timedelta(milliseconds=40), limit_one=False)
    await asyncio.sleep(0.08)
    assert await own_state.links.claim(RESET, short) is None
    good = "gateway:1:{account:id-of-ann}:links:reset"
    assert own_redis.ask("TTL", good) == pytest.approx(3600, abs=2)
    await own_state.links.issue(RESET, ANN, timedelta(minutes=1), limit_one=False)
    assert own_redis.ask("ZCARD", good) == 2
    assert own_redis.ask("TTL", good) == pytest.approx(3600, abs=2)


async def test_every_key_of_a_link_has_an_end(own_state: State, own_redis: RedisServer) -> None:
    secret = await own_state.links.issue(RESET, ANN, HOUR)
    await claimed(own_state.links, secret)
    lives = sorted(own_redis.ask("PTTL", key) for key in own_redis.ask("KEYS", "*"))
    assert lives == [pytest.approx(14_400, abs=2000)] + [pytest.approx(3_600_000, abs=2000)] * 2


async def test_neither_secret_nor_content_is_kept_in_clear(own_state: State, own_redis: RedisServer) -> None:
    secret = await own_state.links.issue(RESET, ANN, HOUR, content={"email": "ann@acme.example"})
    claim = await claimed(own_state.links, secret)
    everything = "\n".join(own_redis.everything()) + "\n".join(own_redis.ask("KEYS", "*"))
    assert [each for each in (secret, "acme", "email") if each in everything] == []
    assert "acme" not in repr(claim)


async def test_during_a_rotation_of_keys_a_link_works(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as before:
        secret = await before.links.issue(RESET, ANN, HOUR)
    async with opened(redis_settings, keys=("B" * 43, KEY)) as after:
        assert await after.links.claim(RESET, secret)


async def test_what_newer_replicas_wrote_is_unknown_and_no_error(own_state: State, own_redis: RedisServer) -> None:
    secret = await own_state.links.issue(RESET, ANN, HOUR)
    (key,) = own_redis.ask("KEYS", "*:link:*")
    sealed = own_state.secrets.seal("link reset", json.dumps([2, "anything"]).encode())
    own_redis.ask("SET", key, sealed.decode(), "KEEPTTL")
    assert await own_state.links.claim(RESET, secret) is None


async def test_flushed_scripts_are_taught_again(own_state: State, own_redis: RedisServer) -> None:
    secret = await own_state.links.issue(RESET, ANN, HOUR)
    own_redis.ask("SCRIPT", "FLUSH")
    claim = await claimed(own_state.links, secret)
    own_redis.ask("SCRIPT", "FLUSH")
    await claim.release()
    own_redis.ask("SCRIPT", "FLUSH")
    assert await own_state.links.claim(RESET, secret)


async def test_one_link_is_voided_and_the_others_stay(links: Links, subject: Subject) -> None:
    first, second = [await links.issue(LinkPurpose.VERIFY, subject, HOUR, limit_one=False) for _ in range(2)]
    await links.void(LinkPurpose.VERIFY, subject, first)
    assert await links.claim(LinkPurpose.VERIFY, first) is None
    assert await links.claim(LinkPurpose.VERIFY, second)


async def test_data_lost_by_redis_is_an_unknown_link(own_state: State, own_redis: RedisServer) -> None:
    secret = await own_state.links.issue(RESET, ANN, HOUR)
    own_redis.ask("DEL", *own_redis.ask("KEYS", "*:links:*"))
    assert await own_state.links.claim(RESET, secret) is None
