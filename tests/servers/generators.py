"""The code generators that people carry (RFC 6238, as Keycloak sets them up)."""

import hashlib
import hmac
import struct
import time
from dataclasses import dataclass, field

KEY = "a-key-of-twenty-char"
_PERIOD = 30
_LONG_ENOUGH = 10.0
"""Seconds until a code has been typed, also on a busy machine."""


@dataclass(slots=True)
class Generator:
    """A person's code generator; Keycloak takes the codes of one period before and after, and each once."""

    key: str = KEY
    _used: set[int] = field(default_factory=set)

    def code(self) -> str:
        """Return a code that works and was not shown yet."""
        now = _now()
        if {now, now + 1} <= self._used and _left() < _LONG_ENOUGH:
            # The only one left would be too old by the time it is typed.
            time.sleep(_left())
            now = _now()
        count = next(each for each in (now, now + 1, now - 1) if each not in self._used)
        self._used.add(count)
        return self._code(count)

    def wrong_code(self) -> str:
        """Return a code that does not work for hours."""
        now = _now()
        working = {self._code(now + each) for each in range(-3, 10)}
        return next(code for code in map("{:06}".format, range(1000)) if code not in working)

    def _code(self, count: int) -> str:
        """RFC 4226 section 5.3."""
        digest = hmac.digest(self.key.encode(), struct.pack(">Q", count), hashlib.sha1)
        offset = digest[-1] & 15
        (number,) = struct.unpack_from(">I", digest, offset)
        return f"{(number & 0x7FFFFFFF) % 10**6:06}"


def _now() -> int:
    return int(time.time()) // _PERIOD  # noqa: TID251 - what Keycloak's clock says too


def _left() -> float:
    """Return the seconds until the next period."""
    return _PERIOD - time.time() % _PERIOD  # noqa: TID251 - the same
