from collections.abc import Iterator

import httpx
import pytest

from tests.web.serving import Served, served


@pytest.fixture(scope="session")
def parcels() -> Iterator[Served]:
    """The tests' document, served on ordinary terms."""
    with served() as running:
        yield running


@pytest.fixture
def client(parcels: Served) -> Iterator[httpx.Client]:
    """A caller of `parcels`."""
    with parcels.client() as opened:
        yield opened
