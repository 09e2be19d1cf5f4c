"""Breaks the connection off while Keycloak is down, so that nobody waits for it in vain (security R5)."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog

from gateway.domain.errors import Unavailable

_FAILURES = 5
_WITHIN = 10.0
_PROBE_EVERY = 2.0

_log = structlog.get_logger()


class Breaker:
    """Opens after 5 failures within 10 s and no success between them; then lets one call through every 2 s.

    A success in between clears the count: else anyone who knows a request that Keycloak is slow at could close
    the door for everybody.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take the clock.

        Args:
            clock: seconds that only go up.
        """
        self._clock = clock
        self._failures: deque[float] = deque(maxlen=_FAILURES)
        self._open = False
        self._probing = False
        self._next_probe = 0.0

    @property
    def is_open(self) -> bool:
        """Say whether Keycloak counts as down."""
        return self._open

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Run one call, if it may be run; `Unavailable` from inside is a failure, a cancellation is neither.

        Raises:
            Unavailable: Keycloak counts as down, nothing was tried.
        """
        probing = self._admit()
        try:
            yield
        except Unavailable:
            self._failed()
            raise
        else:
            self._succeeded()
        finally:
            if probing:
                self._probing = False

    def _admit(self) -> bool:
        if not self._open:
            return False
        now = self._clock()
        if self._probing or now < self._next_probe:
            raise Unavailable("keycloak")
        self._probing = True
        self._next_probe = now + _PROBE_EVERY
        return True

    def _failed(self) -> None:
        now = self._clock()
        self._failures.append(now)
        if self._open:
            self._next_probe = now + _PROBE_EVERY
        elif len(self._failures) == _FAILURES and now - self._failures[0] <= _WITHIN:
            self._open = True
            self._next_probe = now + _PROBE_EVERY
            _log.error("keycloak_calls_suspended")

    def _succeeded(self) -> None:
        self._failures.clear()
        if self._open:
            self._open = False
            _log.warning("keycloak_calls_resumed")
