"""Watches what the gateway depends on, for health, metrics and the log (security R13, S49)."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from gateway.domain.errors import Unavailable
from gateway.web.lifecycle import Lifecycle
from gateway.web.metrics import Metrics

_INTERVAL = 2.0

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something the gateway cannot work without.

    Attributes:
        ping: returns when it answers, raises `Unavailable` when it does not.
    """

    name: str
    ping: Callable[[], Awaitable[None]]


async def watch(dependencies: Sequence[Dependency], lifecycle: Lifecycle, metrics: Metrics) -> None:
    """Ask each dependency every two seconds until cancelled."""
    while True:
        await asyncio.gather(*(_check(each, lifecycle, metrics) for each in dependencies))
        await asyncio.sleep(_INTERVAL)


async def _check(dependency: Dependency, lifecycle: Lifecycle, metrics: Metrics) -> None:
    try:
        await dependency.ping()
    except Unavailable:
        up = False
    else:
        up = True
    metrics.dependency_up.labels(dependency.name).set(up)
    if lifecycle.note(dependency.name, up=up):
        metrics.dependency_changes.labels(dependency.name, "up" if up else "down").inc()
        write = _log.info if up else _log.error
        write("dependency_up" if up else "dependency_down", dependency=dependency.name)
