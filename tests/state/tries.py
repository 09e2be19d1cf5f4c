"""What a person's tries at signing in do to the counter, without a Keycloak."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from gateway.domain.errors import AccountLocked, TooManyAttempts
from gateway.state.attempt import Attempt, Lock
from gateway.state.attempts import Attempts
from gateway.state.subjects import Subject


async def lock_of(attempt: Attempt) -> Lock | None:
    """Settle a try as wrong."""
    told: list[Lock] = []

    async def on_lock(lock: Lock) -> None:
        told.append(lock)

    await attempt.wrong(on_lock)
    return told[0] if told else None


async def guess_wrong(attempts: Attempts, subject: Subject) -> Lock | None:
    """Make one wrong try."""
    async with attempts.slot(subject) as attempt:
        return await lock_of(attempt)


async def guess_wrong_but(happens: Callable[[], None], attempts: Attempts, subject: Subject) -> None:
    """Make one wrong try to whose settling something happens."""
    async with attempts.slot(subject) as attempt:
        happens()
        await lock_of(attempt)


async def sign_in(attempts: Attempts, subject: Subject) -> None:
    """Make one complete sign-in."""
    async with attempts.slot(subject) as attempt:
        await attempt.complete()


@dataclass(slots=True)
class Evaluator:
    """Stands where Keycloak stands: tells right from wrong, and notes how many it was asked at once.

    Attributes:
        evaluated: tries it saw.
        refused: tries that were locked out or had to wait too long.
        at_once: most tries in flight at a time.
    """

    attempts: Attempts
    subject: Subject
    seconds: float = 0.02
    evaluated: int = 0
    refused: int = 0
    won: int = 0
    at_once: int = 0
    _in_flight: int = 0

    async def attempt(self, *, right: bool, limit_at_once: int | None = None) -> None:
        """Make one try."""
        try:
            async with self.attempts.slot(self.subject, at_once=limit_at_once) as attempt:
                await self._evaluate()
                if right:
                    await attempt.complete()
                    self.won += 1
                else:
                    await lock_of(attempt)
        except (AccountLocked, TooManyAttempts):
            self.refused += 1

    async def _evaluate(self) -> None:
        self.evaluated += 1
        self._in_flight += 1
        self.at_once = max(self.at_once, self._in_flight)
        await asyncio.sleep(self.seconds)
        self._in_flight -= 1
