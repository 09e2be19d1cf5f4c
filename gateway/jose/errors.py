"""How everything that a forged or broken token provokes becomes one reason."""

from collections.abc import Iterator
from contextlib import contextmanager

from joserfc.errors import JoseError

from gateway.domain.errors import TokenRefused

MALFORMED: tuple[type[Exception], ...] = (JoseError, ValueError, RecursionError, TypeError)
"""What reading or verifying a token that somebody sent can raise (security S31, S34)."""


@contextmanager
def malformed_as_refused() -> Iterator[None]:
    """Turn everything a forged or broken token provokes into `TokenRefused`."""
    try:
        yield
    except MALFORMED:
        raise TokenRefused from None
