"""What a person's tries at signing in do to the counter, without a Keycloak."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import pytest

from gateway.domain.errors import AccountLocked, TooManyAttempts
from gateway.state.attempt import Attempt
from gateway.state.attempts import Attempts
from gateway.state.subjects import Subject


async def causes_lock(attempt: Attempt) -> bool:
    """Settle a try as wrong, and say whether that caused a lock."""
    told = asyncio.Event()

    async def on_lock() -> None:
        told.set()

    await attempt.wrong(on_lock)
    return told.is_set()


async def guess_wrong(attempts: Attempts, subject: Subject) -> int | None:
    """Make one wrong try, and return for how many seconds it locks."""
    async with attempts.slot(subject) as attempt:
        if not await causes_lock(attempt):
            return None
    with pytest.raises(AccountLocked) as refusal:
        await attempts.require_open(subject)
    return refusal.value.retry_after


async def guess_wrong_but(happens: Callable[[], None], attempts: Attempts, subject: Subject) -> None:
    """Make one wrong try to whose settling something happens."""
    async with attempts.slot(subject) as attempt:
        happens()
        await causes_lock(attempt)


async def sign_in(attempts: Attempts, subject: Subject) -> None:
    """Make one complete sign-in."""
    async with attempts.slot(subject) as attempt:
        await attempt.complete()


async def lets_in(attempts: Attempts, subject: Subject) -> bool:
    """Make one complete sign-in, unless too many tries are in flight."""
    with suppress(TooManyAttempts):
        await sign_in(attempts, subject)
        return True
    return False


async def is_locked(attempts: Attempts, subject: Subject) -> bool:
    """Say whether a subject is locked."""
    try:
        await attempts.require_open(subject)
    except AccountLocked:
        return True
    return False


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
                    await causes_lock(attempt)
        except (AccountLocked, TooManyAttempts):
            self.refused += 1

    async def _evaluate(self) -> None:
        self.evaluated += 1
        self._in_flight += 1
        self.at_once = max(self.at_once, self._in_flight)
        await asyncio.sleep(self.seconds)
        self._in_flight -= 1
