"""Tokens that work once: which they are, whose turn it is to spend one, and what that was answered (security S23).

A token is found by its hash only, and what it was answered can be read with the token at hand and in no other way.
"""

import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from gateway.domain.errors import Unavailable
from gateway.state import turns
from gateway.state.connection import Connection
from gateway.state.keys import Keys
from gateway.state.secrets import Secrets
from gateway.state.times import milliseconds
from gateway.state.undoing import Undoing

_PURPOSE = "spent-token"


class Answered(NamedTuple):
    """A token that was spent a moment ago.

    Attributes:
        answer: what it was answered, to be answered again.
    """

    answer: bytes


class Reused(NamedTuple):
    """A token that was spent longer ago: whoever sends it is late, or has it from somebody else."""


class Turn:
    """The right to spend a token, which nobody else has meanwhile; ended once, by either of two."""

    __slots__ = ("_settle", "_undoing")

    def __init__(self, settle: Callable[..., Awaitable[bool]], undoing: Undoing) -> None:
        self._settle = settle
        self._undoing = undoing

    async def spend(self, answer: bytes, *, grace: timedelta, remembered_for: timedelta) -> None:
        """Note that the token is spent.

        Args:
            answer: what it is answered.
            grace: how long that is answered again.
            remembered_for: how long it is known as spent: the rest of its own life.

        Raises:
            Unavailable: Redis cannot be asked, or the turn took too long; the token may be spent.
        """
        if not await self._settle(answer, grace, remembered_for):
            raise Unavailable("redis")

    async def give_back(self) -> None:
        """Let others spend the token, unless it is spent; never raises, since a turn ends by itself."""
        await self._undoing.of(self._settle)


class SpentTokens:
    """Gives out turns, one at a time for each token."""

    def __init__(self, redis: Connection, keys: Keys, secrets: Secrets, *, deadline: timedelta) -> None:
        """Take what they are made of.

        Args:
            redis: where they are kept.
            keys: what they are called.
            secrets: seals what tokens were answered.
            deadline: longest time a request may take; a turn that was never ended expires after twice that.
        """
        self._redis = redis
        self._keys = keys
        self._secrets = secrets
        self._turn_life = milliseconds(2 * deadline)
        self._patience = deadline.total_seconds()
        self._spend = redis.script("spend_token")
        self._settle = redis.script("settle_token")
        self._undoing = Undoing()

    async def turn(self, token: str) -> Turn | Answered | Reused:
        """Get the turn to spend a token; wait while another has it.

        Args:
            token: as the request has it, of any shape.

        Returns:
            The turn, to be ended in any case; or what has become of the token.

        Raises:
            Unavailable: Redis cannot be asked, or another takes too long.
        """
        nonce = secrets.token_hex(8)
        settle = partial(self._settled, token, nonce)
        return await turns.awaited(partial(self._asked, token, nonce, settle), self._patience)

    async def promise(self, token: str, *, remembered_for: timedelta) -> None:
        """Note that a token works once, before anybody has it.

        Args:
            token: as it was granted.
            remembered_for: its own life.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        mark = self._keys.spent_token(token)[1]
        await self._redis.write("SET", mark, 0, "NX", "PX", milliseconds(remembered_for))

    async def includes(self, token: str) -> bool:
        """Say whether a token works once, or has.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        return bool(await self._redis.read("EXISTS", self._keys.spent_token(token)[1]))

    async def end(self) -> None:
        """Wait for the turns that requests left behind."""
        await self._undoing.end()

    async def _asked(
        self, token: str, nonce: str, settle: Callable[..., Awaitable[bool]]
    ) -> Turn | Answered | Reused | None:
        with self._undoing.of_lost_answers(settle):
            verdict, *answer = await self._redis.run(
                self._spend, self._keys.spent_token(token), (nonce, self._turn_life)
            )
        match verdict:
            case b"yours":
                return Turn(settle, self._undoing)
            case b"again":
                return self._answered(token, answer[0])
            case b"spent":
                return Reused()
        return None

    def _answered(self, token: str, sealed: bytes) -> Answered | Reused:
        answer = self._secrets.unseal(_PURPOSE, sealed, beside=token)
        return Reused() if answer is None else Answered(answer)

    async def _settled(
        self,
        token: str,
        nonce: str,
        answer: bytes | None = None,
        grace: timedelta = timedelta(0),
        remembered_for: timedelta = timedelta(0),
    ) -> bool:
        spent: tuple[bytes | int, ...] = ()
        if answer is not None:
            sealed = self._secrets.seal(_PURPOSE, answer, beside=token)
            spent = (sealed, milliseconds(grace), milliseconds(remembered_for))
        return bool(await self._redis.run(self._settle, self._keys.spent_token(token), (nonce, *spent)))
