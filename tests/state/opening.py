"""Opens the room as `create_app` does, with the settings a test wants."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta

from pydantic import SecretStr

from gateway.settings import LimitSettings, LockoutSettings, RedisSettings
from gateway.state.store import State

KEY = "A" * 43
DEADLINE = timedelta(seconds=4.8)
HOUR = timedelta(hours=1)


def opened(
    redis: RedisSettings,
    *,
    lockout: LockoutSettings | None = None,
    limits: LimitSettings | None = None,
    keys: tuple[str, ...] = (KEY,),
    deadline: timedelta = DEADLINE,
) -> AbstractAsyncContextManager[State]:
    """Open one replica's state."""
    return State.open(
        redis,
        lockout or LockoutSettings(),
        limits or LimitSettings(),
        secret_keys=[SecretStr(key) for key in keys],
        deadline=deadline,
    )


@asynccontextmanager
async def two_replicas(url: str) -> AsyncIterator[tuple[State, State]]:
    """Open the state of two replicas that share a Redis."""
    settings = patiently(redis_at(url))
    async with opened(settings) as one, opened(settings) as other:
        yield one, other


def redis_at(url: str, prefix: str = "gateway:") -> RedisSettings:
    """Name a Redis, with the time-outs an operator gets."""
    return RedisSettings(url=SecretStr(url), prefix=prefix)


def patiently(settings: RedisSettings) -> RedisSettings:
    """Wait longer: where no time-out is at stake, a busy machine shall not cause one."""
    patience = timedelta(seconds=5)
    return settings.model_copy(update={"connect_timeout": patience, "timeout": patience})
