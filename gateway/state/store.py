"""All that the gateway keeps in Redis, opened and closed together."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Self

from pydantic import SecretStr

from gateway.settings import LimitSettings, LockoutSettings, RedisSettings
from gateway.state.attempts import Attempts
from gateway.state.ended_sessions import EndedSessions
from gateway.state.limits import Limits
from gateway.state.outbox import Outbox
from gateway.state.secrets import Secrets


@dataclass(frozen=True, slots=True)
class State:
    """What is kept in Redis."""

    attempts: Attempts
    limits: Limits
    ended_sessions: EndedSessions
    outbox: Outbox
    secrets: Secrets

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        redis: RedisSettings,
        lockout: LockoutSettings,
        limits: LimitSettings,
        *,
        secret_keys: list[SecretStr],
        deadline: timedelta,
    ) -> AsyncIterator[Self]:
        """Open everything; Redis need not be up yet (security R14).

        Args:
            redis: where it is.
            lockout: the lock-out.
            limits: limits by address and mailbox.
            secret_keys: keys that seal and hash; the first seals, all open.
            deadline: longest time a request may take.
        """
        raise NotImplementedError
        yield cls(Attempts(), Limits(), EndedSessions(), Outbox(), Secrets(secret_keys))

    async def ping(self) -> None:
        """Ask Redis for a sign of life.

        Raises:
            Unavailable: there is none within the time-out.
        """
        raise NotImplementedError
