"""One-time codes of six digits, kept as keyed hashes only (security S6 to S8).

A code is found under its purpose and subject, never by itself; a mark outlives it for a day, so that who comes too late
can be told so.
"""

import json
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any, Literal

from gateway.domain.errors import TooManyAttempts
from gateway.domain.purposes import CodePurpose
from gateway.state.connection import Argument, Connection
from gateway.state.keys import Keys
from gateway.state.secrets import Secrets
from gateway.state.subjects import Subject
from gateway.state.times import milliseconds, whole_seconds
from gateway.state.undoing import Undoing

_DIGITS = 6
_WRONG_PER_CODE = 5
_WRONG_PER_SUBJECT = 20
_WINDOW = timedelta(hours=1)
"""No stretch of that length holds more wrong codes of one subject, whenever it begins."""
_REMEMBERED = timedelta(days=1)
"""How long a code that was issued is told from one that never was."""
_MOST = (_WRONG_PER_SUBJECT, milliseconds(_WINDOW))

Verdict = Literal["right", "wrong", "expired", "none"]
"""`none`: never issued, used already, or void after too many wrong ones."""


@dataclass(frozen=True, slots=True)
class CheckedCode:
    """What became of a code that a person entered.

    Attributes:
        verdict: a right one is used up by it.
    """

    verdict: Verdict
    _give_back: Callable[[], Awaitable[None]] = field(repr=False, compare=False)

    async def give_back(self) -> None:
        """Make a right code good again, because what it was for failed through no fault of the person; never raises.

        It is good for the rest of its life only, and not when a newer one was issued meanwhile.
        """
        if self.verdict == "right":
            await self._give_back()


class OneTimeCodes:
    """Issues codes and checks what people enter."""

    def __init__(self, redis: Connection, keys: Keys, secrets: Secrets) -> None:
        self._redis = redis
        self._keys = keys
        self._secrets = secrets
        self._scripts = {name: redis.script(f"{name}_code") for name in ("issue", "check", "return", "withdraw")}
        self._undoing = Undoing()

    async def issue(
        self, purpose: CodePurpose, subject: Subject, *, lifetime: timedelta, binding: str | None = None
    ) -> str:
        """Make a code; an older one for the same purpose and subject is void.

        Args:
            purpose: what it proves.
            subject: whose account; a name nobody has gets codes alike, so that nothing tells it apart.
            lifetime: how long it is good.
            binding: the sign-in it is good in, or None when it is good anywhere.

        Returns:
            Six ASCII digits.

        Raises:
            TooManyAttempts: too many wrong codes of this subject within an hour; the older code is as it was.
            Unavailable: Redis cannot be asked; the older code may be void.
        """
        code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
        digest = self._digest(purpose, subject, code, binding)
        lives = (milliseconds(lifetime), milliseconds(max(lifetime, _REMEMBERED)))
        bound = self._digest(purpose, subject, "", binding)
        left = await self._ask("issue", purpose, subject, digest, *lives, *_MOST, bound)
        if left > 0:
            raise TooManyAttempts(whole_seconds(left))
        return code

    async def check(
        self,
        purpose: CodePurpose,
        subject: Subject,
        code: str,
        *,
        binding: str | None = None,
        most_wrong: int = _WRONG_PER_CODE,
    ) -> CheckedCode:
        """Judge a code, and use it up when it is right; of any number of right ones at once, one is.

        This counts wrong codes only; the lock-out over all factors is `Attempts`' business.

        Args:
            purpose: what it is to prove.
            subject: whose account.
            code: as entered.
            binding: the sign-in it is entered in.
            most_wrong: wrong entries that void it.

        Raises:
            TooManyAttempts: too many wrong codes of this subject within an hour; nothing was evaluated.
            Unavailable: Redis cannot be asked; a right code is good again as soon as Redis is.
        """
        digest, nonce = self._digest(purpose, subject, code, binding), secrets.token_hex(8)
        give_back = partial(self._ask, "return", purpose, subject, nonce)
        with self._undoing.of_lost_answers(give_back):
            answer = await self._ask("check", purpose, subject, digest, nonce, most_wrong, *_MOST)
        verdict, left = answer
        if left > 0:
            raise TooManyAttempts(whole_seconds(left))
        return CheckedCode(verdict.decode(), partial(self._undoing.of, give_back))

    async def is_out(self, purpose: CodePurpose, subject: Subject, *, binding: str | None = None) -> bool:
        """Say whether a code was issued for this, bound to this, that is still good.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        code, mark, _ = self._keys.one_time_code(subject.kind, subject.key, purpose)
        bound = await self._redis.read("HMGET", code, "bound")
        if bound != [self._digest(purpose, subject, "", binding).encode()]:
            return False
        return bool(await self._redis.read("GET", mark) == b"open")

    async def withdraw(self, purpose: CodePurpose, subject: Subject, code: str, *, binding: str | None = None) -> None:
        """Forget a code that could not be delivered, unless a newer one has replaced it; never raises.

        Nobody has seen it; whoever is out of time does not wait for it.
        """
        await self._undoing.of(
            partial(self._ask, "withdraw", purpose, subject, self._digest(purpose, subject, code, binding))
        )

    async def void_all(self, subject: Subject) -> None:
        """Forget a subject's codes of every purpose; the wrong ones stay counted.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        kept = [self._keys.one_time_code(subject.kind, subject.key, purpose)[:2] for purpose in CodePurpose]
        await self._redis.write("DEL", *(key for pair in kept for key in pair))

    async def end(self) -> None:
        """Wait for the giving back that requests left behind."""
        await self._undoing.end()

    def _digest(self, purpose: CodePurpose, subject: Subject, code: str, binding: str | None) -> str:
        """Bind a code to everything it is good for; only the key keeps a million values from being tried (S7)."""
        return self._secrets.digest("one-time-code", json.dumps([purpose, subject.kind, subject.key, binding, code]))

    async def _ask(self, question: str, purpose: CodePurpose, subject: Subject, *arguments: Argument) -> Any:  # noqa: ANN401 - each script answers in its own shape
        keys = self._keys.one_time_code(subject.kind, subject.key, purpose)
        return await self._redis.run(self._scripts[question], keys, arguments)
