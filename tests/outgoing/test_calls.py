"""What calls may take until there is a connection (security R1)."""

import time
from collections.abc import Mapping

import pytest

from gateway.domain.errors import Unavailable
from gateway.settings import load
from tests.keycloak.opening import changed, connected
from tests.servers.full_backlogs import IN_NO_HURRY_BUT_TO_CONNECT, full_backlog


async def test_keycloak_that_takes_no_connection_is_unavailable_in_the_time_for_connecting(
    gateway_variables: Mapping[str, str],
) -> None:
    with full_backlog() as port:
        began = time.monotonic()
        there = changed(load(gateway_variables).keycloak, url=f"http://127.0.0.1:{port}", **IN_NO_HURRY_BUT_TO_CONNECT)
        async with connected(there) as connection:
            with pytest.raises(Unavailable):
                await connection.request("GET", "/")
        assert time.monotonic() - began < 15
