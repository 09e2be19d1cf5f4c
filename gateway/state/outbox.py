"""Work to be done after the answer: kept sealed in a Redis stream until done or outlived (security R10)."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Parcel:
    """One piece of work, given to one consumer at a time.

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

    async def done(self) -> None:
        """Take the parcel out for good; never raises."""
        raise NotImplementedError

    async def failed(self) -> bool:
        """Have it tried again later: after 1 s, then twice as long each time, up to a minute; never raises.

        Returns:
            True when its lifetime would be over by then: it is given up, and that is the caller's to tell.
        """
        raise NotImplementedError


class Outbox:
    """A queue shared by all replicas; every parcel is given out at least once."""

    async def add(self, kind: str, content: Mapping[str, str], lifetime: timedelta) -> str:
        """Put a parcel in.

        Args:
            kind: what is to be done.
            content: what it takes; sealed before it is kept.
            lifetime: when it is too late to be done.

        Returns:
            The parcel's id.

        Raises:
            Unavailable: Redis cannot be asked, or the outbox is full.
        """
        raise NotImplementedError

    async def parcels(self) -> AsyncIterator[Parcel]:
        """Give out parcels, one at a time, for ever; while Redis cannot be asked it waits."""
        raise NotImplementedError
        yield Parcel("", "", {}, 0)

    async def depth(self) -> int:
        """Count the parcels that are not done yet.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError

    async def oldest_age(self) -> timedelta:
        """Say how long the oldest parcel has been waiting; zero when there is none.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError
