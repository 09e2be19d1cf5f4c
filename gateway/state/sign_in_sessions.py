"""Sign-ins that take several steps, between the first and the last (security S9, S20, S24, S27).

A sign-in is found by its token only. What it says of a person is sealed; what the scripts compare is not: how far it
is, and the account that was proven.
"""

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Literal

from gateway.state.connection import Connection
from gateway.state.keys import Keys
from gateway.state.secrets import Secrets
from gateway.state.sign_in_session import PURPOSE, SignInSession
from gateway.state.times import milliseconds
from gateway.state.undoing import PATIENCE, Undoing

_TOKEN_BYTES = 32
_LONGEST = timedelta(days=1)
"""Life of a sign-in from its beginning, however often a step prolongs it."""
_REMEMBERED = timedelta(days=7)
"""How long their end is remembered: as long as one of them, or a session behind an opaque token, may lie unused."""
_KEPT = ("sealed", "step", "account", "bound_at", "begun", "longest", "proven_by")
_REOPENED_WITHIN = 2 * timedelta(seconds=PATIENCE)

StepOutcome = Literal["completed", "gone", "elsewhere", "another_account"]
"""`gone`: unknown, finished or ended. `elsewhere`: at another step, so another request completed this one."""


@dataclass(frozen=True, slots=True)
class CompletedStep:
    """What became of completing a step.

    Attributes:
        outcome: only `completed` moved the sign-in; of any number of requests at once, one gets it.
        token: under which the sign-in goes on then.
    """

    outcome: StepOutcome
    token: str = field(repr=False)
    _reopen: Callable[[], Awaitable[None]] = field(repr=False, compare=False)

    async def reopen(self) -> None:
        """Have the sign-in stand where it stood, because what follows the step failed in an outage; never raises.

        Not when another step has been completed since.
        """
        if self.outcome == "completed":
            await self._reopen()


class SignInSessions:
    """Begins sign-ins, moves them on step by step, and finishes each once."""

    def __init__(self, redis: Connection, keys: Keys, secrets: Secrets) -> None:
        self._redis = redis
        self._keys = keys
        self._secrets = secrets
        self._begin = redis.script("begin_sign_in")
        self._complete_step = redis.script("complete_step")
        self._reopen_step = redis.script("reopen_step")
        self._end_sign_ins = redis.script("end_sign_ins")
        self._count_wrong = redis.script("count_wrong_proof")
        self._undoing = Undoing()

    async def begin(self, session: SignInSession, lifetime: timedelta, *, longest: timedelta = _LONGEST) -> str:
        """Begin a sign-in.

        Args:
            session: where it stands; with an account when one is proven already.
            lifetime: until it is forgotten; counted anew from each completed step.
            longest: its life in all at most.

        Returns:
            Its token: 256 random bits in URL-safe characters, told to nobody else.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        sealed = session.sealed_by(self._secrets)
        lives = (milliseconds(lifetime), milliseconds(longest))
        arguments = (sealed, len(session.steps), session.step, session.account_id or "", *lives)
        await self._redis.run(self._begin, (self._keys.sign_in(token),), arguments)
        return token

    async def get(self, token: str, surface: str) -> SignInSession | None:
        """Look a sign-in up; that neither consumes nor prolongs it.

        Args:
            token: as the request has it, of any shape.
            surface: where the request came in.

        Returns:
            None when it is unknown, expired, finished, ended, of another surface or of another version.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        key = self._keys.sign_in(token)
        sealed, step, account, bound_at, begun, longest, ways = await self._redis.read("HMGET", key, *_KEPT)
        plain = self._secrets.unseal(PURPOSE, sealed) if sealed else None
        if plain is None:
            return None
        session = SignInSession.unsealed(plain, (ways or b"").decode())
        if session is None or session.surface != surface or int(step) >= len(session.steps):
            return None
        account_id = account.decode() if account else None
        if account_id and await self._has_ended(account_id, int(bound_at)):
            return None
        ends_at = int(begun) + int(longest)
        return replace(session, step=int(step), account_id=account_id, begun_at=int(begun), ends_at=ends_at)

    async def advance(self, token: str, from_step: int, account_id: str, way: int) -> CompletedStep:
        """Complete a step that is not the last; the first one completed binds the sign-in to its account.

        Args:
            token: the sign-in's.
            from_step: where `get` said it stands.
            account_id: Keycloak user id that was proven.
            way: which of the methods of the step has proven it, from 0.

        Raises:
            Unavailable: Redis cannot be asked; the sign-in stands where it stood as soon as Redis can.
        """
        return await self._complete(token, from_step, account_id, "further", way)

    async def advance_renewed(self, token: str, from_step: int, account_id: str, way: int) -> CompletedStep:
        """Do the same, and have the sign-in go on under a new token; the old one is worth nothing any more.

        Args:
            token: the sign-in's, so far.
            from_step: where `get` said it stands.
            account_id: Keycloak user id that was proven.
            way: which of the methods of the step has proven it, from 0.

        Raises:
            Unavailable: Redis cannot be asked; the sign-in stands where it stood, under its old token, as soon as Redis
                can.
        """
        renewed = secrets.token_urlsafe(_TOKEN_BYTES)
        return await self._complete(token, from_step, account_id, "further", way, renewed=renewed)

    async def finish(self, token: str, from_step: int, account_id: str) -> CompletedStep:
        """Complete the last step, before tokens are made: the sign-in is gone with it.

        Args:
            token: the sign-in's.
            from_step: where `get` said it stands.
            account_id: Keycloak user id that was proven.

        Raises:
            Unavailable: Redis cannot be asked; the sign-in stands where it stood as soon as Redis can.
        """
        return await self._complete(token, from_step, account_id, "last", 0)

    async def count_wrong(self, token: str, most: int) -> None:
        """Count a wrong proof against a sign-in, and forget the sign-in with the last one it bears.

        Args:
            token: the sign-in's.
            most: wrong proofs with which it ends.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        await self._redis.run(self._count_wrong, (self._keys.sign_in(token),), (most,))

    async def end_all(self, account_id: str) -> None:
        """End every sign-in in which this account was proven so far, at whatever surface (security S21).

        One in which nothing was proven yet goes on: there the new password must be known.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        mark = self._keys.ended_sign_ins(account_id)
        await self._redis.run(self._end_sign_ins, (mark,), (milliseconds(_REMEMBERED),))

    async def end(self) -> None:
        """Wait for the reopening that requests left behind."""
        await self._undoing.end()

    async def _complete(
        self,
        token: str,
        from_step: int,
        account_id: str,
        which: Literal["further", "last"],
        way: int,
        *,
        renewed: str | None = None,
    ) -> CompletedStep:
        key, nonce = self._keys.sign_in(token), secrets.token_hex(8)
        moved = [self._keys.sign_in(renewed)] if renewed else []
        reopen = partial(self._redis.run, self._reopen_step, (*moved, key), (nonce,))
        keys = (key, self._keys.ended_sign_ins(account_id), *moved)
        arguments = (from_step, account_id, nonce, which, milliseconds(_REOPENED_WITHIN), way)
        with self._undoing.of_lost_answers(reopen):
            outcome = await self._redis.run(self._complete_step, keys, arguments)
        return CompletedStep(outcome.decode(), renewed or token, partial(self._undoing.of, reopen))

    async def _has_ended(self, account_id: str, bound_at: int) -> bool:
        mark = await self._redis.read("GET", self._keys.ended_sign_ins(account_id))
        return mark is not None and bound_at <= int(mark)
