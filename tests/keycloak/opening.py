"""Opens the room as the application does, with a clock that can be moved."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from devstack.children import free_port
from gateway.domain.errors import Unavailable
from gateway.keycloak.connection import Connection
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings


@dataclass
class Clock:
    """The machine's clock, moved by some seconds."""

    ahead: float = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return time.time() + self.ahead  # noqa: TID251 - Keycloak reads the machine's clock as well


@asynccontextmanager
async def opened(settings: KeycloakSettings, clock: Clock | None = None) -> AsyncIterator[Realm]:
    """Open a realm."""
    async with Realm.open(settings, clock or Clock()) as realm:
        yield realm


@asynccontextmanager
async def connected(settings: KeycloakSettings) -> AsyncIterator[Connection]:
    """Open a connection alone."""
    async with Connection.open(settings) as connection:
        yield connection


async def answers(realm: Realm) -> bool:
    """Say whether Keycloak answers for a realm."""
    try:
        await realm.ping()
    except Unavailable:
        return False
    return True


def changed(settings: KeycloakSettings, **changes: Any) -> KeycloakSettings:  # noqa: ANN401 - any field
    """Return the settings with other values."""
    return settings.model_copy(update=changes)


def patiently(settings: KeycloakSettings) -> KeycloakSettings:
    """Wait longer: where no time-out is at stake, a busy machine shall not cause one."""
    patience = timedelta(seconds=15)
    return changed(settings, connect_timeout=patience, timeout=patience, queue_timeout=patience)


def closed_url() -> str:
    """Return a URL where nobody listens."""
    return f"http://127.0.0.1:{free_port()}"
