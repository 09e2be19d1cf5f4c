"""How long something works, as people are told."""

from datetime import timedelta

_MINUTE = timedelta(minutes=1)
_HOUR = timedelta(hours=1)


def whole_minutes(lifetime: timedelta) -> int:
    """Return the whole minutes of a lifetime, 1 at least."""
    return max(1, lifetime // _MINUTE)


def whole_hours(lifetime: timedelta) -> int:
    """Return the whole hours of a lifetime, 1 at least."""
    return max(1, lifetime // _HOUR)
