"""All that the gateway keeps in Redis, opened and closed together."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Self

from pydantic import SecretStr
from redis.commands.core import AsyncScript

from gateway.settings import LimitSettings, LockoutSettings, RedisSettings
from gateway.state.attempts import Attempts
from gateway.state.browser_sign_ins import BrowserSignIns
from gateway.state.checked_tokens import CheckedTokens
from gateway.state.connection import Connection, connected
from gateway.state.ended_sessions import EndedSessions
from gateway.state.invitations import Invitations
from gateway.state.keys import Keys
from gateway.state.limits import Limits
from gateway.state.links import Links
from gateway.state.one_time_codes import OneTimeCodes
from gateway.state.opaque_sessions import OpaqueSessions
from gateway.state.outbox import Outbox
from gateway.state.secrets import Secrets
from gateway.state.sign_in_sessions import SignInSessions
from gateway.state.spent_tokens import SpentTokens
from gateway.state.subjects import Subject
from gateway.state.times import milliseconds

_A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class State:
    """What is kept in Redis."""

    attempts: Attempts
    limits: Limits
    ended_sessions: EndedSessions
    outbox: Outbox
    one_time_codes: OneTimeCodes
    sign_in_sessions: SignInSessions
    browser_sign_ins: BrowserSignIns
    links: Links
    invitations: Invitations
    spent_tokens: SpentTokens
    checked_tokens: CheckedTokens
    opaque_sessions: OpaqueSessions
    secrets: Secrets
    _redis: Connection = field(repr=False)
    _keys: Keys = field(repr=False)
    _trial: AsyncScript = field(repr=False)

    def unknown(self, name: str) -> Subject:
        """Name a name that nobody need have, by its keyed digest (security S2, S48).

        Args:
            name: normalised, so that each spelling counts as the same.
        """
        return Subject.name(self.secrets.digest("unknown-name", name))

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
        keys, secrets = Keys(redis.prefix), Secrets(secret_keys)
        async with connected(redis) as connection:
            # Half of a request's time at most is spent waiting for a place; the rest is for what it was wanted for.
            attempts = Attempts(connection, keys, lockout, deadline=deadline, patience=deadline / 2)
            opened = cls(
                attempts=attempts,
                limits=Limits(connection, keys, limits, lockout),
                ended_sessions=EndedSessions(connection, keys),
                outbox=Outbox(connection, keys, secrets),
                one_time_codes=OneTimeCodes(connection, keys, secrets),
                sign_in_sessions=SignInSessions(connection, keys, secrets),
                browser_sign_ins=BrowserSignIns(connection, keys, secrets),
                links=Links(connection, keys, secrets, deadline=deadline),
                invitations=Invitations(connection, keys, secrets, deadline=deadline),
                spent_tokens=SpentTokens(connection, keys, secrets, deadline=deadline),
                checked_tokens=CheckedTokens(connection, keys),
                opaque_sessions=OpaqueSessions(connection, keys, secrets, deadline=deadline),
                secrets=secrets,
                _redis=connection,
                _keys=keys,
                _trial=connection.script("trial"),
            )
            try:
                yield opened
            finally:
                await opened._end()

    async def ping(self) -> None:
        """Ask Redis for a sign of life.

        Raises:
            Unavailable: there is none within the time-out.
        """
        await self._redis.read("PING")

    async def try_out(self) -> float:
        """Write something that is gone a second later, in the way in which the gateway writes.

        Returns:
            Redis' clock, seconds since the epoch; in a cluster, that of the node which has it.

        Raises:
            Unavailable: Redis does not take it: it is full, a replica, or does not allow what is needed.
        """
        seconds, microseconds = await self._redis.run(self._trial, (self._keys.trial,), (milliseconds(_A_SECOND),))
        return int(seconds) + int(microseconds) / 1_000_000

    async def _end(self) -> None:
        """End what cancelled requests left behind, all at once: while Redis is away each waits for its time-out."""
        ending = (
            self.attempts,
            self.limits,
            self.outbox,
            self.one_time_codes,
            self.sign_in_sessions,
            self.links,
            self.invitations,
            self.spent_tokens,
            self.opaque_sessions,
        )
        await asyncio.gather(*(each.end() for each in ending))
