"""Work that is noted before it is begun, so that some process finishes it although this one dies."""

from collections.abc import Mapping
from datetime import timedelta

from gateway.domain.errors import Unavailable
from gateway.state.outbox import Outbox, Parcel

RESUMED_FOR = timedelta(days=1)
"""How long it is tried to finish it; so long the deny list must remember what was ended here, but not in Keycloak."""
_SETTLED_AFTER = timedelta(seconds=10)
"""Longer than a request may take; until then its own process sees to it."""
_LOOKS = 10
"""How often it is looked for something of whose making nobody has heard: over some four minutes."""


async def foretell(outbox: Outbox, kind: str, content: Mapping[str, str], *, about: str = "") -> str:
    """Note what is about to be done; arguments and raises as `Outbox.add`.

    Returns:
        The note's id, to take it out of the outbox.
    """
    return await outbox.add(kind, content, RESUMED_FOR, wait=_SETTLED_AFTER, about=about)


def postpone(parcel: Parcel) -> None:
    """Have a parcel come back, since what it foretells may still come; unless it was looked for often enough.

    Raises:
        Unavailable: it may still come.
    """
    if parcel.attempts < _LOOKS:
        raise Unavailable("keycloak")
