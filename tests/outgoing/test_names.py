"""What becomes of calls while a name server hangs (security R1)."""

import asyncio
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from pydantic import SecretStr

from gateway.domain.errors import Unavailable
from gateway.settings import RedisSettings, load
from gateway.third_parties.connection import Connection as ThirdParties
from tests.keycloak.opening import changed, connected
from tests.keycloak.strangers import said, stranger
from tests.mail.opening import sender
from tests.servers.full_backlogs import IN_NO_HURRY_BUT_TO_CONNECT
from tests.state.opening import opened, patiently, redis_at
from tests.state.redis_servers import RedisServer, running_redis

_PATIENCE = timedelta(seconds=10)


@pytest.fixture(autouse=True)
async def _hanging(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Let nothing be heard of names that end in `.invalid`, as of a zone whose servers are away.

    Async, so that it ends before the loop, which waits for its threads.
    """
    is_over = threading.Event()
    look_up: Callable[..., Any] = socket.getaddrinfo

    def hang(host: object, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - the library's own
        if str(host).endswith(".invalid"):
            is_over.wait(60)
            raise socket.gaierror(socket.EAI_AGAIN, "nobody answers")
        return look_up(host, *arguments, **named)

    monkeypatch.setattr("socket.getaddrinfo", hang)
    yield
    is_over.set()


@pytest.fixture
def redis() -> Iterator[RedisServer]:
    with running_redis() as server:
        yield server


async def test_keycloak_whose_name_hangs_is_unavailable_in_time(gateway_variables: Mapping[str, str]) -> None:
    there = changed(load(gateway_variables).keycloak, url="http://keycloak.invalid", **IN_NO_HURRY_BUT_TO_CONNECT)
    began = time.monotonic()
    async with connected(there) as connection:
        calls = [connection.request("GET", "/") for _ in range(20)]
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {Unavailable}
    assert time.monotonic() - began < 15


async def test_redis_whose_name_hangs_is_unavailable_in_time() -> None:
    there = RedisSettings(insecure_plaintext=True, url=SecretStr("redis://redis.invalid"))
    began = time.monotonic()
    async with opened(there.model_copy(update=IN_NO_HURRY_BUT_TO_CONNECT)) as state:
        with pytest.raises(Unavailable):
            await state.ping()
    assert time.monotonic() - began < 4.5  # redis-py itself takes 5 s for it


async def test_a_mail_server_whose_name_hangs_holds_up_no_redis(redis: RedisServer) -> None:
    mails = sender(host="mail.invalid", insecure_plaintext=True, connect_timeout=1)
    hanging = asyncio.gather(*[mails.try_out() for _ in range(40)], return_exceptions=True)
    await asyncio.sleep(0.2)
    async with opened(patiently(redis_at(f"redis://localhost:{redis.port}"))) as state:
        await state.ping()
    assert {type(outcome) for outcome in await hanging} == {Unavailable}


async def test_names_of_third_parties_that_hang_hold_up_neither_keycloak_nor_redis(
    gateway_variables: Mapping[str, str], redis: RedisServer
) -> None:
    async with ThirdParties.open() as third_parties, stranger(said(b"{}")) as server:
        asked = [third_parties.request("captcha", "GET", f"https://party-{number}.invalid/") for number in range(40)]
        hanging = asyncio.gather(*asked, return_exceptions=True)
        await asyncio.sleep(0.2)
        url = f"http://localhost:{urlsplit(server.url).port}"
        here = changed(load(gateway_variables).keycloak, url=url, connect_timeout=_PATIENCE, timeout=_PATIENCE)
        async with connected(here) as keycloak, opened(patiently(redis_at(f"redis://localhost:{redis.port}"))) as state:
            await keycloak.request("GET", "/")
            await state.ping()
        assert {type(outcome) for outcome in await hanging} == {Unavailable}
