"""The lock-out: one counter for each account, over all surfaces and factors (security S1 to S4).

Places, not counts: a try is admitted only while failures and tries in flight together stay below the limit, so however
many come at once, no more are evaluated than may fail. A right try gives its place back, and the next one gets it.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from weakref import WeakValueDictionary

from gateway.domain.errors import AccountLocked, CredentialsRefused, TooManyAttempts, Unavailable
from gateway.settings import LockoutSettings
from gateway.state.attempt import Attempt, OnLock, Outcome
from gateway.state.connection import Argument, Connection
from gateway.state.keys import Keys
from gateway.state.subjects import Subject
from gateway.state.times import milliseconds, whole_seconds
from gateway.state.undoing import asked_again
from gateway.unfinished import Unfinished

_CEILING = 100
"""Wrong tries in a row, without a complete sign-in between them, that lock until lifted (security S1, NIST 800-63B)."""
_DOUBLING = timedelta(hours=24)
_POLL = 0.02
"""Seconds between two looks for a place; security S3 wants 0.05 at most."""
_KEPT = {
    # "Until lifted" and "in a row" know no time, but every key must have an end (S45): a year without one wrong try.
    "account": timedelta(days=365),
    # Strangers can invent names without end, and each costs memory.
    "name": timedelta(days=30),
}


class Attempts:
    """Admits tries and settles them."""

    def __init__(
        self, redis: Connection, keys: Keys, settings: LockoutSettings, *, deadline: timedelta, patience: timedelta
    ) -> None:
        """Take the rules.

        Args:
            redis: where to count.
            keys: what the counters are called.
            settings: the lock-out.
            deadline: longest time a request may take; a place whose try was never settled expires after twice that.
            patience: longest wait for a place.
        """
        self._redis = redis
        self._keys = keys
        self._settings = settings
        self._place_life = milliseconds(2 * deadline)
        self._patience = patience.total_seconds()
        self._admit_try = redis.script("admit_try")
        self._settle_try = redis.script("settle_try")
        self._outdate_tries = redis.script("outdate_tries")
        self._lift_outdated = redis.script("lift_outdated")
        self._lines: WeakValueDictionary[Subject, asyncio.Lock] = WeakValueDictionary()
        self._unfinished = Unfinished()

    @asynccontextmanager
    async def slot(self, subject: Subject, *, at_once: int | None = None) -> AsyncIterator[Attempt]:
        """Hold a place for one try; leaving the block without settling only gives the place back.

        Args:
            subject: what the try counts against.
            at_once: most tries in flight for this subject; None for as many as may still fail.

        Raises:
            AccountLocked: nothing may be evaluated now.
            TooManyAttempts: no place became free within the patience.
            Unavailable: Redis cannot be asked.
        """
        nonce = secrets.token_hex(8)
        begin = partial(self._begin, subject, nonce)
        try:
            await self._admit(subject, nonce, at_once or 0)
        except (Unavailable, TooManyAttempts, asyncio.CancelledError):
            begin("free", None)  # the place may be taken, and only the answer lost
            raise
        attempt = Attempt(begin)
        try:
            yield attempt
        finally:
            await attempt.give_back()

    async def require_open(self, subject: Subject) -> None:
        """Refuse a subject that is locked, without a try.

        Raises:
            AccountLocked: nothing may be evaluated now.
            Unavailable: Redis cannot be asked.
        """
        record, _ = self._keys.attempts(subject.kind, subject.key)
        (mark,) = await self._redis.read("HMGET", record, "locked_until")
        locked_until = int(mark or 0)
        if not locked_until:
            return
        seconds, microseconds = await self._redis.read("TIME")
        left = locked_until - (int(seconds) * 1000 + int(microseconds) // 1000)
        if left > 0:
            raise AccountLocked(self._retry_after(left))

    async def lift_outdated(self, account_id: str, password_set_at: int) -> bool:
        """Lift the lock-out of an account whose password was set after its last wrong try.

        Args:
            account_id: Keycloak user id.
            password_set_at: milliseconds since the epoch.

        Returns:
            Whether there was something to lift.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        record, _ = self._keys.attempts("account", account_id)
        return bool(await self._redis.run(self._lift_outdated, (record,), (password_set_at,)))

    async def lift(self, account_id: str) -> bool:
        """Forget an account's failures, locks and ceiling.

        For an unlocked account, and for one whose password was set by a mailed link or by an administrator.

        Returns:
            Whether there were any.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        record, _ = self._keys.attempts("account", account_id)
        return bool(await self._redis.write("DEL", record))

    async def outdate(self, account_id: str) -> None:
        """Let no try in flight become a complete sign-in: what was proven before is not what counts now (security S21).

        Call it before the sessions there are get listed: a sign-in begins its session before it is complete, so it is
        either listed or outdated.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        mark = self._keys.outdated_tries("account", account_id)
        await self._redis.run(self._outdate_tries, (mark,), (self._place_life,))

    async def end(self) -> None:
        """Wait for the settling that cancelled requests left behind."""
        await self._unfinished.end()

    async def _admit(self, subject: Subject, nonce: str, at_once: int) -> None:
        keys = self._keys.attempts(subject.kind, subject.key)
        arguments = (nonce, self._settings.max_failures, at_once, self._place_life)
        line = self._lines.setdefault(subject, asyncio.Lock())
        if not line.locked() and await self._is_admitted(keys, arguments):
            return
        # One of a line looks for a place: a hundred tries at one account shall not be a hundred that keep asking Redis.
        try:
            async with asyncio.timeout(self._patience), line:
                while not await self._is_admitted(keys, arguments):  # noqa: ASYNC110 - Redis tells nobody
                    await asyncio.sleep(_POLL)
        except TimeoutError:
            raise TooManyAttempts(retry_after=1) from None

    async def _is_admitted(self, keys: tuple[str, str], arguments: tuple[Argument, ...]) -> bool:
        locked_for = await self._redis.run(self._admit_try, keys, arguments)
        if locked_for > 0:
            raise AccountLocked(self._retry_after(locked_for))
        return bool(locked_for == 0)

    def _begin(self, subject: Subject, nonce: str, outcome: Outcome, on_lock: OnLock | None) -> asyncio.Task[None]:
        return self._unfinished.begin(self._settle(subject, nonce, outcome, on_lock))

    async def _settle(self, subject: Subject, nonce: str, outcome: Outcome, on_lock: OnLock | None) -> None:
        keys = (*self._keys.attempts(subject.kind, subject.key), self._keys.outdated_tries(subject.kind, subject.key))
        rules = self._rules(subject, outcome)

        async def settle() -> None:
            lasts = await self._redis.run(self._settle_try, keys, (nonce, outcome, *rules))
            if lasts < 0:
                raise CredentialsRefused
            if lasts and on_lock:
                await on_lock()

        try:
            await settle()
        except Unavailable:
            # After the outage, so that no place stays taken and no wrong try uncounted; the nonce counts once.
            self._unfinished.begin(asked_again(settle, self._place_life / 1000))
            raise

    def _rules(self, subject: Subject, outcome: Outcome) -> tuple[Argument, ...]:
        if outcome != "wrong":
            return (self._place_life,)
        rules = self._settings
        return (
            rules.max_failures,
            milliseconds(rules.duration),
            milliseconds(rules.max_duration),
            _CEILING,
            milliseconds(_DOUBLING),
            milliseconds(max(_KEPT[subject.kind], rules.max_duration + _DOUBLING)),
        )

    def _retry_after(self, locked_for: int) -> int:
        """Return whole seconds; a lock for good is told as the longest, which gives nobody a year to wait for."""
        return whole_seconds(min(locked_for, milliseconds(self._settings.max_duration)))
