"""Looks whether Keycloak is set up as the gateway needs it."""

import asyncio
from contextlib import suppress

import structlog

from gateway.domain.errors import Unavailable
from gateway.keycloak.realm import Realm

_CHECKED_EVERY = 2.0
_PATIENCE = 10.0
"""Seconds; an orchestrator waits longer for a start."""

_log = structlog.get_logger()


class SetupFault(Exception):
    """Keycloak is not set up as the gateway needs it; the text lists every fault with its remedy, one a line."""


async def is_set_up(realm: Realm) -> bool:
    """Check the realm, as far as it answers at once: health must be told of before long (security R13, R14).

    Returns:
        False when Keycloak cannot be asked yet, or is slow.

    Raises:
        SetupFault: it lacks something.
    """
    try:
        async with asyncio.timeout(_PATIENCE):
            faults = await realm.check_setup()
    except (Unavailable, TimeoutError):
        _log.warning("keycloak_unreachable", remedy="the gateway answers 503 until Keycloak can be reached")
        return False
    if faults:
        raise SetupFault("\n".join(faults))
    return True


async def tell_setup_faults(realm: Realm) -> None:
    """Check the realm as soon as Keycloak can be asked; by then the gateway serves, so faults go to the log."""
    while True:
        await asyncio.sleep(_CHECKED_EVERY)
        with suppress(Unavailable):
            for fault in await realm.check_setup():
                _log.error("setup_fault", fault=fault)
            return
