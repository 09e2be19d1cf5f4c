"""Limits by client address, mailbox and whatever a contract names (security S10 to S12)."""

import asyncio
import math
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import cast

from limits.aio.storage import RedisStorage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.typing import AsyncRedisClient

from gateway.domain.errors import AddressBlocked, TooManyAttempts, Unavailable
from gateway.settings import LimitSettings, LockoutSettings
from gateway.state.addresses import Client
from gateway.state.connection import Connection
from gateway.state.keys import Keys
from gateway.state.times import milliseconds, whole_seconds
from gateway.state.undoing import Undo, Undoing

_HOUR = timedelta(hours=1)
_MAIL_WINDOW = timedelta(minutes=10)
_DAY = timedelta(days=1)


class _Counters(RedisStorage):
    """The library's counters on our client; left alone it opens another one for Sentinels or a cluster."""

    def __init__(self, client: Client, root: str) -> None:
        self._shared = client
        super().__init__("async+redis://", implementation="redispy", key_prefix=root)

    def configure_bridge(self) -> None:
        """Have the library's scripts run through our client."""
        client = cast("AsyncRedisClient", self._shared)
        cast("RedispyBridge", self.bridge).connection_getter = lambda _readonly: client


class Limits:
    """Counts in windows that begin with the first hit; when Redis cannot be asked, nothing is admitted.

    Of the library's kinds of window it is the one that needs no clock but Redis' own (security R16); its script counts
    and sets the end in one step (S12).
    """

    def __init__(self, redis: Connection, keys: Keys, settings: LimitSettings, lockout: LockoutSettings) -> None:
        self._redis = redis
        self._keys = keys
        self._settings = settings
        self._tries_of_a_name = lockout.max_failures
        self._mail_windows = {
            "mails": (settings.mails_per_mailbox, _MAIL_WINDOW),
            "mails-a-day": (settings.mails_per_mailbox_and_day, _DAY),
        }
        self._counters = _Counters(redis.client, keys.root)
        self._take_back_hit = redis.script("take_back_hit")
        self._undoing = Undoing()

    async def require_open(self, address: str) -> None:
        """Refuse a client address that is blocked.

        Raises:
            AddressBlocked: blocked; says until when.
            Unavailable: Redis cannot be asked.
        """
        left = await self._redis.read("PTTL", self._keys.blocked_address(address))
        if left > 0:
            raise AddressBlocked(whole_seconds(left))

    async def count_failure(self, address: str) -> bool:
        """Count a failed credential of a client address.

        Returns:
            Whether this one blocks the address.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        window = self._settings.failure_window
        if await self._count("failures", address, window) < self._settings.failures_per_address:
            return False
        # Whoever comes first blocks: failures that were in flight then do not make it longer.
        return await self._marks_first(self._keys.blocked_address(address), window)

    async def is_early_failure(self, address: str, name: str) -> bool:
        """Count a failed credential of a client address for one name, wherever it was refused.

        Args:
            address: of the client.
            name: keyed digest of the name it was for, as it was sent.

        Returns:
            Whether it is one of the first within the window, of which there are as many as a lock-out allows tries.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        failures = await self._count("failures-of-name", f"{address}:{name}", self._settings.failure_window)
        return failures <= self._tries_of_a_name

    async def admit_mail_request(self, address: str) -> None:
        """Count a request that sends mail, or refuse it.

        Raises:
            TooManyAttempts: too many of this address within an hour.
            Unavailable: Redis cannot be asked.
        """
        await self.admit("mail-requests", address, most=self._settings.mails_per_address, window=_HOUR)

    def take_back_mail_request(self, address: str) -> None:
        """Forget the last one of an address, because nothing came of it; waits for nothing."""
        self.take_back("mail-requests", address)

    async def admit_mail(self, mailbox: str, mail_id: str) -> bool:
        """Count a mail to a mailbox, once however often it is tried.

        Args:
            mailbox: keyed digest of the address.
            mail_id: the same at every attempt.

        Returns:
            False when the mailbox has had enough, and the mail must not be sent; it is not counted then, and may be
            tried again.

        Raises:
            Unavailable: Redis cannot be asked; the mail may be counted twice when it is tried again.
        """
        mark = self._keys.counted_mail(mailbox, mail_id)
        if not await self._marks_first(mark, _DAY):
            return True
        hit: list[str] = []
        try:
            for name, (most, window) in self._mail_windows.items():
                hit.append(name)
                if await self._count(name, mailbox, window) > most:
                    await self._take_back_refused(mailbox, mark, hit)
                    return False
        except (Unavailable, asyncio.CancelledError):
            self._undoing.begin(partial(self._redis.write, "DEL", mark))  # what is marked goes out without a limit
            raise
        return True

    async def admit_mail_of_kind(self, name: str, subject: str, mail_id: str, *, most: int, window: timedelta) -> bool:
        """Count a mail against a limit of one contract, once however often it is tried.

        Args:
            name: of this kind of mail, one of our own words.
            subject: whom it is for, by an id.
            mail_id: the same at every attempt.
            most: mails admitted within the window.
            window: begins with the first; whole seconds, rounded up.

        Returns:
            False when there were enough, and the mail must not be sent.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        if not await self._marks_first(self._keys.counted_mail(f"{name}:{subject}", mail_id), _DAY):
            return True
        return await self._count(name, subject, window) <= most

    async def mails_resume_in(self, mailbox: str) -> int:
        """Say after how many seconds a mailbox that has had enough may get mail again.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        return max([await self._full_for(name, mailbox, most) for name, (most, _) in self._mail_windows.items()])

    def take_back_mail(self, mailbox: str, mail_id: str) -> None:
        """Forget a mail that was admitted, because it was never handed over; waits for nothing."""
        self._undoing.begin(partial(self._redis.write, "DEL", self._keys.counted_mail(mailbox, mail_id)))
        for name in self._mail_windows:
            self.take_back(name, mailbox)

    async def admit_after_pause(self, name: str, subject: str, mail_id: str, pause: timedelta) -> bool:
        """Begin the pause that follows a mail, unless that after another one still goes on.

        Args:
            name: of this kind of mail, one of our own words.
            subject: whom it is for, by an id.
            mail_id: the same at every attempt, so that a mail does not wait for itself.
            pause: least time from one mail to the next.

        Returns:
            False when this mail must not be sent.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        key = self._keys.pause(name, subject)
        if await self._redis.write("SET", key, mail_id, "NX", "PX", milliseconds(pause)):
            return True
        return await self._redis.read("GET", key) in (None, mail_id.encode())

    async def admit(self, name: str, subject: str, *, most: int, window: timedelta) -> int:
        """Count against a limit of one contract, or refuse.

        Args:
            name: the limit's name, one of our own words.
            subject: keyed digest or id of what is limited.
            most: hits admitted within the window.
            window: begins with the first hit; whole seconds, rounded up.

        Returns:
            How many there are by now within the window.

        Raises:
            TooManyAttempts: says when the window ends.
            Unavailable: Redis cannot be asked.
        """
        hits = await self._count(name, subject, window)
        if hits > most:
            raise TooManyAttempts(whole_seconds(await self._redis.read("PTTL", self._counter(name, subject))))
        return hits

    def take_back(self, name: str, subject: str) -> None:
        """Forget the last hit of a limit, because nothing came of it; waits for nothing."""
        self._undoing.begin(self._taking_back(name, subject))

    async def end(self) -> None:
        """Wait for what is being taken back."""
        await self._undoing.end()

    async def _marks_first(self, key: str, lifetime: timedelta) -> bool:
        return bool(await self._redis.write("SET", key, 1, "NX", "PX", milliseconds(lifetime)))

    def _counter(self, name: str, subject: str) -> str:
        """Return the key that the library counts at."""
        return f"{self._keys.root}:{self._keys.limit(name, subject)}"

    def _taking_back(self, name: str, subject: str) -> Undo:
        return partial(self._redis.run, self._take_back_hit, (self._counter(name, subject),), ())

    async def _take_back_refused(self, mailbox: str, mark: str, names: Sequence[str]) -> None:
        """Leave no trace of a mail: one that is tried again must find the same limits, and no mark to pass them by."""
        for name in names:
            await self._undoing.of(self._taking_back(name, mailbox))
        await self._undoing.of(partial(self._redis.write, "DEL", mark))

    async def _full_for(self, name: str, subject: str, most: int) -> int:
        key = self._counter(name, subject)
        count = int(await self._redis.read("GET", key) or 0)
        return whole_seconds(await self._redis.read("PTTL", key)) if count >= most else 1

    async def _count(self, name: str, subject: str, window: timedelta) -> int:
        async with self._redis.lent():
            return await self._counters.incr(self._keys.limit(name, subject), math.ceil(window.total_seconds()))
