from collections.abc import AsyncIterator, Iterator

import pytest

from gateway.third_parties.connection import Connection
from tests.servers.identity_provider import IdentityProvider, listening
from tests.servers.siteverify import Siteverify, siteverify


@pytest.fixture(scope="session")
def verifier() -> Iterator[Siteverify]:
    """Whoever verifies CAPTCHAs."""
    with siteverify() as running:
        yield running


@pytest.fixture
def foreign() -> Iterator[IdentityProvider]:
    """A provider of this test's own."""
    with listening() as provider:
        yield provider


@pytest.fixture
async def connection() -> AsyncIterator[Connection]:
    """The room's connection."""
    async with Connection.open() as opened:
        yield opened
