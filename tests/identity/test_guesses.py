"""How long a refusal takes; what guesses count is tested on the surfaces."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from gateway.domain.errors import CredentialsRefused
from gateway.identity.guesses import Guesses
from gateway.identity.mailer import Mailer
from gateway.identity.notices import Notices
from gateway.identity.security_events import SecurityEvents
from gateway.settings import load
from gateway.unfinished import Unfinished
from gateway.web.metrics import Metrics
from tests.keycloak.opening import opened as opened_realm
from tests.state.opening import opened as opened_state


async def test_a_refusal_takes_longer_by_chance(gateway_variables: Mapping[str, str]) -> None:
    began = time.monotonic()
    await _refuse(gateway_variables, jitter=timedelta(seconds=0.5), chance=1)
    assert time.monotonic() - began >= 0.5


async def test_a_refusal_takes_no_longer_when_chance_is_none(gateway_variables: Mapping[str, str]) -> None:
    async with asyncio.timeout(30):
        await _refuse(gateway_variables, jitter=timedelta(hours=1), chance=0)


async def _refuse(variables: Mapping[str, str], *, jitter: timedelta, chance: float) -> None:
    async with _guesses(variables, jitter, chance) as guesses:
        with pytest.raises(CredentialsRefused):
            async with guesses.padded():
                raise CredentialsRefused


@asynccontextmanager
async def _guesses(variables: Mapping[str, str], jitter: timedelta, chance: float) -> AsyncIterator[Guesses]:
    settings = load(variables)
    limits = settings.limits.model_copy(update={"refusal_floor": timedelta(), "refusal_jitter": jitter})
    events = SecurityEvents(Metrics().events)
    async with opened_realm(settings.keycloak) as realm, opened_state(settings.redis) as state:
        notices = Notices(state.outbox, Mailer(realm, state, None), events)
        yield Guesses(realm, state, events, notices, limits, Unfinished(), randomness=lambda: chance)
