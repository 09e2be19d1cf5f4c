from collections.abc import Iterator

import httpx
import pytest
import structlog
from structlog.typing import EventDict, WrappedLogger

from tests.web.serving import Served, served


def _drop(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    raise structlog.DropEvent


@pytest.fixture(scope="session", autouse=True)
def _quiet() -> None:
    """Keep servers in threads from writing between the tests; `capture_logs` still sees everything."""
    structlog.configure(processors=[_drop])


@pytest.fixture(scope="session")
def parcels() -> Iterator[Served]:
    """The tests' document, served on ordinary terms."""
    with served() as running:
        yield running


@pytest.fixture(scope="session")
def client(parcels: Served) -> Iterator[httpx.Client]:
    """A caller of `parcels`."""
    with parcels.client() as opened:
        yield opened
