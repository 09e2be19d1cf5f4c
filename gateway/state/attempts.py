"""The lock-out: one counter for each account, over all surfaces and factors (security S1 to S4)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, Self


@dataclass(frozen=True, slots=True)
class Subject:
    """What tries are counted against: an account, or a name that nobody has.

    Attributes:
        kind: which of the two.
        key: Keycloak user id, or the digest of the name.
    """

    kind: Literal["account", "name"]
    key: str

    @classmethod
    def account(cls, account_id: str) -> Self:
        """Name an account by its Keycloak user id."""
        return cls("account", account_id)

    @classmethod
    def name(cls, digest: str) -> Self:
        """Name a name nobody has by its keyed digest, so that it locks like an account (security S2)."""
        return cls("name", digest)


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that a wrong try caused.

    Attributes:
        seconds: whole seconds until it ends.
    """

    seconds: int


class Attempt:
    """One admitted try; it is settled once, and what settles it goes on when the request is cancelled (security S4)."""

    async def complete(self) -> None:
        """Settle as a complete sign-in: failures, locks and the way to the ceiling are forgotten.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError

    async def wrong(self) -> Lock | None:
        """Settle as a wrong try.

        Returns:
            The lock it caused, if it did.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError


class Attempts:
    """Admits tries and settles them."""

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
        raise NotImplementedError
        yield Attempt()

    async def lift(self, account_id: str) -> None:
        """Forget an account's failures, locks and ceiling: unlocked, or its password set by mailed link or administrator.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError
