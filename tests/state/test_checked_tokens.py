import asyncio
from datetime import timedelta

from gateway.state.store import State

_TOKEN = "~an access client's token"


async def test_a_token_counts_as_checked_for_its_time_only(state: State) -> None:
    assert not await state.checked_tokens.includes(_TOKEN)
    await state.checked_tokens.add(_TOKEN, timedelta(seconds=3))
    assert await state.checked_tokens.includes(_TOKEN)
    assert not await state.checked_tokens.includes(f"{_TOKEN}x")
    await asyncio.sleep(3.05)
    assert not await state.checked_tokens.includes(_TOKEN)


async def test_nothing_is_noted_for_no_time(state: State) -> None:
    await state.checked_tokens.add(_TOKEN, timedelta(0))
    assert not await state.checked_tokens.includes(_TOKEN)


async def test_a_token_can_be_made_to_be_checked_again(state: State) -> None:
    await state.checked_tokens.add(_TOKEN, timedelta(hours=1))
    await state.checked_tokens.remove(_TOKEN)
    assert not await state.checked_tokens.includes(_TOKEN)
