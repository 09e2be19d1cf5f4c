import asyncio
import json
from dataclasses import astuple, replace
from datetime import timedelta

import pytest

from gateway.domain.errors import Unavailable
from gateway.settings import RedisSettings
from gateway.state.browser_sign_ins import BrowserSignIn, BrowserSignIns
from gateway.state.keys import sha256
from gateway.state.store import State
from tests.state.opening import KEY, opened, two_replicas
from tests.state.redis_servers import RedisServer

MINUTES = timedelta(minutes=10)
HERE = "pipeshub"
SENT = BrowserSignIn("the-sign-in", "id-of-ann", "the-verifier", "the-nonce", sha256("the-cookie"))


@pytest.fixture
def browsers(state: State) -> BrowserSignIns:
    return state.browser_sign_ins


async def test_what_was_begun_is_found_once(browsers: BrowserSignIns) -> None:
    for begun in (SENT, replace(SENT, account_id=None)):
        state = await browsers.begin(begun, HERE, MINUTES)
        assert await browsers.take(state, HERE) == begun
        assert await browsers.take(state, HERE) is None


async def test_states_are_long_and_url_safe_and_differ(browsers: BrowserSignIns) -> None:
    states = {await browsers.begin(SENT, HERE, MINUTES) for _ in range(20)}
    assert len(states) == 20
    assert all(len(each) == 43 and each.replace("-", "").replace("_", "").isalnum() for each in states)


@pytest.mark.parametrize("made_up", ["", "made-up", "\ud800", "A" * 43, "a:b}{c", "x" * 9000])
async def test_a_made_up_state_is_unknown(browsers: BrowserSignIns, made_up: str) -> None:
    assert await browsers.take(made_up, HERE) is None


async def test_it_goes_on_at_its_own_surface_only(browsers: BrowserSignIns) -> None:
    state = await browsers.begin(SENT, HERE, MINUTES)
    assert await browsers.take(state, "nap") is None
    assert await browsers.take(state, HERE) is None


async def test_it_is_of_the_browser_that_has_the_secret(browsers: BrowserSignIns) -> None:
    assert SENT.is_of("the-cookie")
    assert not any(map(SENT.is_of, ("", "the-cookie ", sha256("the-cookie"), "\ud800", "ü")))


async def test_of_forty_at_once_on_two_replicas_one_takes_it(own_redis: RedisServer) -> None:
    async with two_replicas(own_redis.url) as (one, other):
        state = await one.browser_sign_ins.begin(SENT, HERE, MINUTES)
        both = [one.browser_sign_ins, other.browser_sign_ins] * 20
        await asyncio.gather(*(each.take("warm", HERE) for each in both))
        taken = await own_redis.ask_at_once(each.take(state, HERE) for each in both)
    assert [each for each in taken if each] == [SENT]


async def test_it_ends_in_its_time(own_state: State, own_redis: RedisServer) -> None:
    state = await own_state.browser_sign_ins.begin(SENT, HERE, MINUTES)
    (key,) = own_redis.ask("KEYS", "*")
    assert own_redis.ask("TTL", key) == pytest.approx(600, abs=2)
    own_redis.ask("PEXPIRE", key, "1")
    await asyncio.sleep(0.02)
    assert await own_state.browser_sign_ins.take(state, HERE) is None


async def test_nothing_of_it_is_kept_or_shown_in_clear(own_state: State, own_redis: RedisServer) -> None:
    state = await own_state.browser_sign_ins.begin(SENT, HERE, MINUTES)
    secret = [state, "the-", SENT.browser]
    everything = "\n".join(own_redis.everything()) + "\n".join(own_redis.ask("KEYS", "*"))
    assert [each for each in secret if each in everything] == []
    assert [each for each in secret if each in repr(SENT)] == []


async def test_during_a_rotation_of_keys_it_goes_on(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as before:
        state = await before.browser_sign_ins.begin(SENT, HERE, MINUTES)
    async with opened(redis_settings, keys=("B" * 43, KEY)) as after:
        assert await after.browser_sign_ins.take(state, HERE) == SENT


@pytest.mark.parametrize(("purpose", "version"), [("browser-sign-in", 2), ("sign-in", 1)])
async def test_what_another_version_or_purpose_wrote_is_unknown(
    own_state: State, own_redis: RedisServer, purpose: str, version: int
) -> None:
    state = await own_state.browser_sign_ins.begin(SENT, HERE, MINUTES)
    (key,) = own_redis.ask("KEYS", "*")
    written = json.dumps([version, HERE, *astuple(SENT)]).encode()
    own_redis.ask("SET", key, own_state.secrets.seal(purpose, written).decode())
    assert await own_state.browser_sign_ins.take(state, HERE) is None


async def test_without_redis_nothing_is_begun_or_found(own_state: State, own_redis: RedisServer) -> None:
    own_redis.kill()
    with pytest.raises(Unavailable):
        await own_state.browser_sign_ins.begin(SENT, HERE, MINUTES)
    with pytest.raises(Unavailable):
        await own_state.browser_sign_ins.take("state", HERE)
