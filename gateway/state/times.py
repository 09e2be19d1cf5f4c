"""Durations as Redis counts them, and as callers are told them."""

from datetime import timedelta

_MILLISECOND = timedelta(milliseconds=1)


def milliseconds(duration: timedelta) -> int:
    """Return a duration in whole milliseconds, 1 at least: Redis takes no shorter life."""
    return max(1, duration // _MILLISECOND)


def whole_seconds(milliseconds: int) -> int:
    """Return the whole seconds after which that many milliseconds are over, 1 at least."""
    return max(1, -(-milliseconds // 1000))
