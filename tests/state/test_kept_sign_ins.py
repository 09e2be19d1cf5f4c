"""How sign-ins under way are kept: sealed, for a while, and readable by replicas of other ages."""

import json

import pytest

from gateway.settings import RedisSettings
from gateway.state.store import State
from tests.state.opening import HOUR, KEY, opened
from tests.state.redis_servers import RedisServer
from tests.state.sign_ins import HERE, TWO_STEPS


async def test_neither_token_nor_name_is_kept_in_clear(own_state: State, own_redis: RedisServer) -> None:
    token = await own_state.sign_in_sessions.begin(TWO_STEPS, HOUR)
    await own_state.sign_in_sessions.advance(token, 0, "id-of-ann", 0)
    await own_state.sign_in_sessions.end_all("id-of-ann")
    everything = "\n".join(own_redis.everything()) + "\n".join(own_redis.ask("KEYS", "*"))
    assert [each for each in (token, "acme", "org-1", "password") if each in everything] == []
    assert "ann@acme" not in repr(TWO_STEPS)


async def test_every_key_of_a_sign_in_has_an_end(own_state: State, own_redis: RedisServer) -> None:
    def lives() -> list[int]:
        return sorted(own_redis.ask("TTL", key) for key in own_redis.ask("KEYS", "*"))

    token = await own_state.sign_in_sessions.begin(TWO_STEPS, HOUR)
    assert lives() == [pytest.approx(3600, abs=2)]
    await own_state.sign_in_sessions.advance(token, 0, "ann", 0)
    await own_state.sign_in_sessions.end_all("ann")
    assert lives() == [pytest.approx(3600, abs=2), pytest.approx(7 * 86400, abs=2)]


async def test_during_a_rotation_of_keys_a_sign_in_goes_on(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as before:
        token = await before.sign_in_sessions.begin(TWO_STEPS, HOUR)
    async with opened(redis_settings, keys=("B" * 43, KEY)) as after:
        assert await after.sign_in_sessions.get(token, HERE) == TWO_STEPS


@pytest.mark.parametrize(
    "content", [[4, {"anything": "else"}], [3, HERE, None, [["passkey"]], "ann", ""]], ids=["version", "method"]
)
async def test_what_newer_replicas_wrote_is_unknown_and_no_error(
    own_state: State, own_redis: RedisServer, content: list[object]
) -> None:
    token = await own_state.sign_in_sessions.begin(TWO_STEPS, HOUR)
    (key,) = own_redis.ask("KEYS", "*")
    sealed = own_state.secrets.seal("sign-in", json.dumps(content).encode())
    own_redis.ask("HSET", key, "sealed", sealed.decode())
    assert await own_state.sign_in_sessions.get(token, HERE) is None


async def test_data_lost_by_redis_is_an_unknown_sign_in(own_state: State, own_redis: RedisServer) -> None:
    token = await own_state.sign_in_sessions.begin(TWO_STEPS, HOUR)
    own_redis.ask("FLUSHALL")
    assert await own_state.sign_in_sessions.get(token, HERE) is None
    assert (await own_state.sign_in_sessions.advance(token, 0, "ann", 0)).outcome == "gone"
