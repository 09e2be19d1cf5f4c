"""Calls that are made once more, and those that never are."""

import asyncio

import pytest

from gateway.domain.errors import Unavailable
from gateway.keycloak.connection import REPEATABLE, Connection
from gateway.settings import KeycloakSettings
from tests.keycloak.opening import changed, connected
from tests.keycloak.strangers import said, stranger


async def test_dead_connection_is_replaced_for_a_call_that_may_be_repeated(settings: KeycloakSettings) -> None:
    async with (
        stranger(said(b"{}"), requests_per_connection=1) as server,
        connected(changed(settings, url=server.url)) as connection,
    ):
        for _ in range(3):
            assert (await connection.request("GET", "/")).status == 200
    assert len(server.heard) == 5


async def test_dead_connection_is_replaced_once_for_a_post_that_may_be_repeated(settings: KeycloakSettings) -> None:
    async with (
        stranger(said(b"{}"), requests_per_connection=1) as server,
        connected(changed(settings, url=server.url)) as connection,
    ):
        for _ in range(2):
            assert (await connection.request("POST", "/", form={"token": "x"}, terms=REPEATABLE)).status == 200
    assert len(server.heard) == 3


@pytest.mark.parametrize("chance", [0.0, 40.0])
async def test_call_is_repeated_after_a_pause_that_chance_makes_shorter(
    settings: KeycloakSettings, chance: float
) -> None:
    async with (
        stranger(said(b"{}"), requests_per_connection=1) as server,
        Connection.open(changed(settings, url=server.url), lambda: chance) as connection,
    ):
        await connection.request("GET", "/")
        began = now()
        await connection.request("GET", "/")
        assert (now() - began >= 2) is (chance > 0)
    assert len(server.heard) == 3


async def test_server_that_never_answers_is_asked_twice_at_most(settings: KeycloakSettings) -> None:
    async with (
        stranger(b"", requests_per_connection=0) as server,
        connected(changed(settings, url=server.url)) as connection,
    ):
        with pytest.raises(Unavailable):
            await connection.request("POST", "/", form={"token": "x"}, terms=REPEATABLE)
    assert len(server.heard) == 2


async def test_password_is_never_sent_twice(settings: KeycloakSettings) -> None:
    async with (
        stranger(said(b"{}"), requests_per_connection=1) as server,
        connected(changed(settings, url=server.url)) as connection,
    ):
        await connection.request("POST", "/first", form={"password": "x"})
        with pytest.raises(Unavailable):
            await connection.request("POST", "/second", form={"password": "x"})
    assert [head.split()[1] for head in server.heard] == ["/first", "/second"]


def now() -> float:
    return asyncio.get_running_loop().time()
