import asyncio
import secrets
from datetime import timedelta

import pytest

from gateway.domain.errors import Unavailable
from gateway.settings import RedisSettings
from gateway.state.spent_tokens import Answered, Reused, SpentTokens, Turn
from gateway.state.store import State
from tests.state.cutting import Cutter
from tests.state.opening import HOUR, opened, patiently, redis_at
from tests.state.redis_servers import RedisServer

MOMENT = timedelta(milliseconds=60)


@pytest.fixture
def tokens(state: State) -> SpentTokens:
    return state.spent_tokens


@pytest.fixture
def token() -> str:
    return secrets.token_urlsafe(600)


async def test_a_spent_token_is_answered_the_same_again(tokens: SpentTokens, token: str) -> None:
    await _spend(tokens, token, b"the answer")
    for _ in range(3):
        assert await tokens.turn(token) == Answered(b"the answer")


async def test_after_that_time_it_is_a_reuse(tokens: SpentTokens, token: str) -> None:
    await _spend(tokens, token, b"the answer", grace=MOMENT)
    await asyncio.sleep(0.1)
    for _ in range(3):
        assert await tokens.turn(token) == Reused()


async def test_a_token_whose_own_life_is_over_is_forgotten(tokens: SpentTokens, token: str) -> None:
    await _spend(tokens, token, b"the answer", grace=MOMENT, remembered_for=MOMENT)
    await asyncio.sleep(0.1)
    assert not await tokens.includes(token)


async def test_a_token_that_was_never_promised_is_included_once_it_is_spent(tokens: SpentTokens, token: str) -> None:
    assert not await tokens.includes(token)
    turn = await _turn(tokens, token)
    assert not await tokens.includes(token)
    await turn.give_back()
    assert not await tokens.includes(token)
    await _spend(tokens, token, b"the answer")
    assert await tokens.includes(token)
    assert not await tokens.includes(f"{token}x")


async def test_a_promised_token_is_included_before_it_is_spent_once(tokens: SpentTokens, token: str) -> None:
    await tokens.promise(token, remembered_for=HOUR)
    assert await tokens.includes(token)
    await (await _turn(tokens, token)).give_back()
    await _spend(tokens, token, b"the answer")
    await tokens.promise(token, remembered_for=HOUR)
    assert await tokens.turn(token) == Answered(b"the answer")


async def test_a_promise_ends_with_the_token_s_own_life(tokens: SpentTokens, token: str) -> None:
    await tokens.promise(token, remembered_for=MOMENT)
    await asyncio.sleep(0.1)
    assert not await tokens.includes(token)


async def test_of_many_at_once_one_spends_and_the_others_get_its_answer(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as one, opened(redis_settings) as other:
        for number in range(5):
            both = [one.spent_tokens, other.spent_tokens] * 15
            outcomes = await asyncio.gather(*(_spent_or_told(tokens, f"token-{number}") for tokens in both))
            assert len(set(outcomes)) == 1


async def test_a_turn_that_is_given_back_is_the_next_one_s(tokens: SpentTokens, token: str) -> None:
    turn = await _turn(tokens, token)
    waiting = asyncio.create_task(tokens.turn(token))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await turn.give_back()
    assert isinstance(await waiting, Turn)


async def test_a_spent_token_is_not_given_back(tokens: SpentTokens, token: str) -> None:
    turn = await _turn(tokens, token)
    await turn.spend(b"the answer", grace=HOUR, remembered_for=HOUR)
    await turn.give_back()
    assert await tokens.turn(token) == Answered(b"the answer")


async def test_a_turn_of_the_dead_is_another_s_and_comes_too_late(redis_settings: RedisSettings, token: str) -> None:
    async with opened(redis_settings, deadline=MOMENT) as impatient, opened(redis_settings) as patient:
        late = await _turn(impatient.spent_tokens, token)
        turn = await _turn(patient.spent_tokens, token)
        with pytest.raises(Unavailable):
            await late.spend(b"the late answer", grace=HOUR, remembered_for=HOUR)
        await late.give_back()
        await turn.spend(b"the answer", grace=HOUR, remembered_for=HOUR)
        assert await patient.spent_tokens.turn(token) == Answered(b"the answer")


async def test_nobody_waits_beyond_the_deadline(redis_settings: RedisSettings, token: str) -> None:
    async with opened(redis_settings) as holding, opened(redis_settings, deadline=MOMENT) as waiting:
        await _turn(holding.spent_tokens, token)
        with pytest.raises(Unavailable):
            await waiting.spent_tokens.turn(token)


async def test_neither_token_nor_answer_can_be_read_in_redis(
    own_state: State, own_redis: RedisServer, token: str
) -> None:
    await _spend(own_state.spent_tokens, token, b"the new tokens")
    keys = own_redis.ask("KEYS", "*")
    everything = "\n".join([*own_redis.everything(), *keys])
    assert token not in everything
    assert "the new tokens" not in everything
    assert sorted(own_redis.ask("TTL", key) for key in keys) == pytest.approx([3600, 3600], abs=2)


async def test_the_answer_opens_with_the_token_only(own_state: State, own_redis: RedisServer, token: str) -> None:
    await _spend(own_state.spent_tokens, token, b"the new tokens")
    await _spend(own_state.spent_tokens, f"{token}-other", b"others")
    mine, other = (key for key in own_redis.ask("KEYS", "*:answer"))
    sealed = own_redis.ask("GET", mine)
    own_redis.ask("SET", mine, own_redis.ask("GET", other), "KEEPTTL")
    own_redis.ask("SET", other, sealed, "KEEPTTL")
    assert await own_state.spent_tokens.turn(token) == Reused()
    assert own_state.secrets.unseal("spent-token", sealed.encode()) is None


@pytest.mark.parametrize("odd", ["", "\ud800", "a:b}{c", "x" * 9000])
async def test_a_token_may_have_any_shape(tokens: SpentTokens, odd: str) -> None:
    turn = await _turn(tokens, odd)
    await turn.give_back()
    assert not await tokens.includes(odd)


async def test_a_turn_whose_answer_is_lost_is_given_back(own_redis: RedisServer, token: str) -> None:
    way = Cutter(own_redis.port)
    async with way.listening() as url, opened(patiently(redis_at(url))) as state:
        tokens = state.spent_tokens
        await (await _turn(tokens, "warm")).give_back()
        way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await tokens.turn(token)
        await tokens.end()
        assert isinstance(await tokens.turn(token), Turn)


async def test_a_spending_whose_answer_is_lost_is_answered_the_same_again(own_redis: RedisServer, token: str) -> None:
    way = Cutter(own_redis.port)
    async with way.listening() as url, opened(patiently(redis_at(url))) as state:
        tokens = state.spent_tokens
        await (await _turn(tokens, "warm")).give_back()
        turn = await _turn(tokens, token)
        way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await turn.spend(b"the answer", grace=HOUR, remembered_for=HOUR)
        await turn.give_back()
        assert await tokens.turn(token) == Answered(b"the answer")


async def test_flushed_scripts_are_taught_again(own_state: State, own_redis: RedisServer, token: str) -> None:
    own_redis.ask("SCRIPT", "FLUSH")
    turn = await _turn(own_state.spent_tokens, token)
    own_redis.ask("SCRIPT", "FLUSH")
    await turn.spend(b"the answer", grace=HOUR, remembered_for=HOUR)
    assert await own_state.spent_tokens.includes(token)


async def test_redis_down_is_unavailable(own_state: State, own_redis: RedisServer, token: str) -> None:
    own_redis.kill()
    with pytest.raises(Unavailable):
        await own_state.spent_tokens.turn(token)
    with pytest.raises(Unavailable):
        await own_state.spent_tokens.includes(token)
    with pytest.raises(Unavailable):
        await own_state.spent_tokens.promise(token, remembered_for=HOUR)


async def _turn(tokens: SpentTokens, token: str) -> Turn:
    turn = await tokens.turn(token)
    assert isinstance(turn, Turn)
    return turn


async def _spend(
    tokens: SpentTokens, token: str, answer: bytes, *, grace: timedelta = HOUR, remembered_for: timedelta = HOUR
) -> None:
    await (await _turn(tokens, token)).spend(answer, grace=grace, remembered_for=remembered_for)


async def _spent_or_told(tokens: SpentTokens, token: str) -> bytes:
    turn = await tokens.turn(token)
    if isinstance(turn, Answered):
        return turn.answer
    assert isinstance(turn, Turn)
    await asyncio.sleep(0.05)
    answer = secrets.token_bytes(8)
    await turn.spend(answer, grace=HOUR, remembered_for=HOUR)
    return answer
