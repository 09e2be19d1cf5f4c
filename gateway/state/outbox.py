"""Work to be done after the answer: kept sealed in a Redis stream until done or outlived (security R10)."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog

from gateway.domain.errors import Unavailable
from gateway.state.connection import Argument, Connection
from gateway.state.keys import Keys
from gateway.state.secrets import Secrets
from gateway.state.times import milliseconds
from gateway.state.undoing import PAUSE
from gateway.unfinished import Unfinished

_log = structlog.get_logger()

_PURPOSE = "outbox"
_VERSION = 1
_GROUP = "gateway"
_CONSUMER = "any"
"""One name for all replicas: a name for each would stay in the group for ever when its replica has gone."""
_CLAIM = timedelta(seconds=60)
_FIRST_WAIT = 1000
_LONGEST_WAIT = 60_000
_KEPT = timedelta(days=1)
"""How long the outbox is kept beyond its longest parcel, so that somebody tells what came too late."""
_MOST = 10_000
_UNREAD = "unknown"
"""Kind of a parcel that cannot be read, where it is counted."""
_QUESTIONS = ("add", "about", "next", "done", "withdraw", "failed", "age")
_POLL = 0.5
"""Seconds between two looks for what other replicas put in and what is to be tried again; own ones are seen at once."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One piece of work, given to one consumer at a time; whoever takes longer than a minute may lose it to another.

    Attributes:
        id: the same at every attempt.
        kind: what is to be done.
        content: what it takes.
        attempts: 1 when given out for the first time.
    """

    id: str
    kind: str
    content: Mapping[str, str] = field(repr=False)
    attempts: int
    _outbox: "Outbox" = field(repr=False, compare=False)

    @property
    def added_at(self) -> int:
        """Return when it was put in, milliseconds since the epoch, by Redis' clock."""
        return int(self.id.partition("-")[0])

    async def done(self) -> None:
        """Take the parcel out for good; never raises."""
        await self._outbox.take_out(self.id)

    async def failed(self) -> bool:
        """Have it tried again later: after 1 s, then twice as long each time, up to a minute; never raises.

        Returns:
            True when its life would be over by then: it is given up, and that is the caller's to tell.
        """
        return await self._outbox.put_back(self.id, self.attempts)


class Outbox:
    """A queue shared by all replicas; every parcel is given out at least once, and never again after it was done."""

    def __init__(self, redis: Connection, keys: Keys, secrets: Secrets, *, claim: timedelta = _CLAIM) -> None:
        """Take what it is made of.

        Args:
            redis: where parcels are kept.
            keys: what the stream is called.
            secrets: seals the parcels.
            claim: how long a consumer may be silent before another one gets its parcel.
        """
        self._redis = redis
        self._keys = (keys.outbox,)
        self._secrets = secrets
        self._claim = milliseconds(claim)
        self._scripts = {name: redis.script(f"outbox_{name}") for name in _QUESTIONS}
        self._added = asyncio.Event()
        self._done: set[str] = set()
        self._outlived: Counter[str] = Counter()
        self._unfinished = Unfinished()

    async def add(
        self,
        kind: str,
        content: Mapping[str, str],
        lifetime: timedelta,
        *,
        wait: timedelta = timedelta(),
        about: str = "",
    ) -> str:
        """Put a parcel in.

        Args:
            kind: what is to be done.
            content: what it takes; sealed before it is kept.
            lifetime: when it is too late to be done.
            wait: until it is given out for the first time; a minute at most.
            about: keyed digest by which `has_any` finds it; empty where nobody asks.

        Returns:
            The parcel's id.

        Raises:
            Unavailable: Redis cannot be asked, or the outbox is full.
        """
        sealed = self._secrets.seal(_PURPOSE, json.dumps([_VERSION, kind, dict(content)]).encode())
        life, pause = milliseconds(lifetime), int(wait.total_seconds() * 1000)
        parcel_id = await self._ask("add", life, sealed, _MOST, pause, about, milliseconds(_KEPT))
        if parcel_id is None:
            raise Unavailable("redis")
        self._added.set()
        return str(parcel_id.decode())

    async def has_any(self, about: str) -> bool:
        """Say whether a parcel that is about this waits, or is with somebody.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        return bool(await self._ask("about", about))

    async def parcels(self) -> AsyncIterator[Parcel]:
        """Give out parcels, one at a time, for ever; while Redis cannot be asked it waits."""
        while True:
            self._added.clear()
            try:
                await self._take_out_left_behind()
                given = await self._ask("next", _GROUP, _CONSUMER, self._claim)
            except Unavailable:
                await asyncio.sleep(PAUSE)
                continue
            if given is None:
                await self._wait_for_more()
            elif parcel := await self._opened(*given):
                yield parcel

    async def depth(self) -> int:
        """Count the parcels that are not done yet.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        return int(await self._redis.read("XLEN", *self._keys))

    async def oldest_age(self) -> timedelta:
        """Say how long the oldest parcel has been waiting; zero when there is none.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        return timedelta(milliseconds=await self._ask("age"))

    def outlived(self) -> Mapping[str, int]:
        """Count the parcels that were taken out instead of given out, by kind, since this was asked last."""
        counted, self._outlived = self._outlived, Counter()
        return counted

    async def take_out(self, parcel_id: str) -> None:
        """Take a parcel out for good, now or when Redis can be asked again; cancelling does not stop it."""
        self._done.add(parcel_id)
        with suppress(Unavailable):
            await self._unfinished.to_the_end(self._take_out(parcel_id))

    async def withdraw(self, parcel_id: str) -> bool:
        """Take a parcel out before anybody is given it.

        Returns:
            False when somebody was, so that it is his to do.

        Raises:
            Unavailable: Redis cannot be asked; the parcel may be out.
        """
        return bool(await self._ask("withdraw", _GROUP, parcel_id))

    async def put_back(self, parcel_id: str, attempts: int) -> bool:
        """Have a parcel tried again later, or say that it is given up.

        When Redis cannot be asked it is tried again as well: then its claim runs out.
        """
        wait = min(_FIRST_WAIT * 2 ** (attempts - 1), _LONGEST_WAIT)
        asked = self._ask("failed", _GROUP, _CONSUMER, self._claim, parcel_id, attempts, wait)
        with suppress(Unavailable):
            return bool(await self._unfinished.to_the_end(asked))
        return False

    async def end(self) -> None:
        """Wait for what cancelled consumers left behind."""
        await self._unfinished.end()

    async def _take_out(self, parcel_id: str) -> None:
        await self._ask("done", _GROUP, parcel_id)
        self._done.discard(parcel_id)

    async def _take_out_left_behind(self) -> None:
        """Take out what was done while Redis could not be asked, before it can be given out again."""
        for parcel_id in tuple(self._done):
            await self._take_out(parcel_id)

    async def _opened(self, raw_id: bytes, attempts: int, sealed: bytes, over: int) -> Parcel | None:
        parcel_id = raw_id.decode()
        kind, content = self._unsealed(sealed)
        if kind and not over:
            return Parcel(parcel_id, kind, content, attempts, self)
        # What cannot be read is of a newer version, or under a key that only other replicas have: theirs to do.
        if over or await self.put_back(parcel_id, attempts):
            self._outlived[kind or _UNREAD] += 1
            _log.warning("parcel_given_up", kind=kind, attempts=attempts - over)
        return None

    def _unsealed(self, sealed: bytes) -> tuple[str | None, dict[str, str]]:
        plain = self._secrets.unseal(_PURPOSE, sealed)
        version, *rest = json.loads(plain) if plain else (None,)
        return (rest[0], rest[1]) if version == _VERSION else (None, {})

    async def _wait_for_more(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_POLL):
                await self._added.wait()

    async def _ask(self, question: str, *arguments: Argument) -> Any:  # noqa: ANN401 - each script answers in its own shape
        return await self._redis.run(self._scripts[question], self._keys, arguments)
