"""Where guesses come from: which addresses may guess, and what failures cost them (security S10)."""

from dataclasses import dataclass, field

from gateway.domain.callers import Caller
from gateway.domain.errors import TooManyAttempts
from gateway.identity.security_events import SecurityEvents
from gateway.state.store import State
from gateway.state.subjects import Subject


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess from an address that is not blocked; only `begin` makes one.

    Attributes:
        name: whom it is for, as the caller says; may be empty.
        caller: who is guessing.
    """

    name: str = field(repr=False)
    caller: Caller


class GuessingAddresses:
    """Refuses addresses that are blocked, and counts towards a block."""

    def __init__(self, state: State, events: SecurityEvents) -> None:
        self._state = state
        self._events = events

    async def begin(self, name: str, caller: Caller, subject: Subject | None = None) -> Guess:
        """Begin a guess; as `Guesses.begin`."""
        shown = (subject or self._state.unknown(name)).shown
        with self._events.refusals(TooManyAttempts, "address_blocked", caller, account=shown):
            await self._state.limits.require_open(caller.address)
        return Guess(name, caller)

    async def count_evaluated(self, guess: Guess, subject: Subject) -> None:
        """Count a guess that was wrong, for the caller's address."""
        await self._is_early(guess)
        await self._count(guess, subject)

    async def count_refused(self, guess: Guess, subject: Subject) -> None:
        """Count a guess that was not evaluated, for the caller's address.

        A locked account's names together must fail as often as names that nobody has, or the block would tell that they
        are one person's. Beyond that, whoever keeps trying at a lock blocks nobody who shares his address.
        """
        if await self._is_early(guess):
            await self._count(guess, subject)

    async def _is_early(self, guess: Guess) -> bool:
        name = self._state.secrets.digest("failed-name", guess.name)
        return await self._state.limits.is_early_failure(guess.caller.address, name)

    async def _count(self, guess: Guess, subject: Subject) -> None:
        if await self._state.limits.count_failure(guess.caller.address):
            self._events.tell("address_blocked", "done", guess.caller, account=subject.shown)
