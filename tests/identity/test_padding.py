"""How long a refusal takes; that every surface draws refusals out is tested there."""

import asyncio
import time
from datetime import timedelta

import pytest

from gateway.domain.errors import CredentialsRefused
from gateway.identity.padding import Padding


async def test_a_refusal_takes_the_floor() -> None:
    began = time.monotonic()
    await _refuse(floor=timedelta(seconds=0.3), jitter=timedelta(hours=1), chance=0)
    assert time.monotonic() - began >= 0.3


async def test_a_refusal_takes_longer_by_chance() -> None:
    began = time.monotonic()
    await _refuse(floor=timedelta(), jitter=timedelta(seconds=0.5), chance=1)
    assert time.monotonic() - began >= 0.5


async def test_a_refusal_takes_no_longer_when_chance_is_none() -> None:
    async with asyncio.timeout(30):
        await _refuse(floor=timedelta(), jitter=timedelta(hours=1), chance=0)


async def _refuse(*, floor: timedelta, jitter: timedelta, chance: float) -> None:
    padding = Padding(floor, jitter, randomness=lambda: chance)
    with pytest.raises(CredentialsRefused):
        async with padding.padded():
            raise CredentialsRefused
