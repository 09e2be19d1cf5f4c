import asyncio
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.domain.errors import NotAnswered, Unavailable
from gateway.third_parties.connection import Connection
from tests.keycloak.strangers import Stranger, said, stranger
from tests.mail.authority import Authority
from tests.servers.identity_provider import IdentityProvider
from tests.servers.siteverify import Siteverify, never
from tests.servers.streams import serving

_YES = said(b"{}")


def _now() -> float:
    return asyncio.get_running_loop().time()


async def _unavailable(connection: Connection, url: str, *, repeatable: bool = False) -> str:
    """Ask in vain; return what the log calls the trouble."""
    with capture_logs() as log, pytest.raises(Unavailable) as reason:
        await connection.request("captcha", "POST", url, form={"secret": "marked"}, repeatable=repeatable)
    assert reason.value.dependency == "captcha"
    assert "marked" not in repr(log)
    (told,) = log
    assert (told["event"], told["party"]) == ("third_party_unreachable", "captcha")
    return str(told["trouble"])


async def test_cookies_are_not_kept(connection: Connection) -> None:
    async with stranger(said(b"{}", "200 OK", "Set-Cookie: person=one; Path=/")) as server:
        for _ in range(2):
            await connection.request("captcha", "POST", server.url, form={})
    assert len(server.heard) == 2
    assert not any("cookie:" in head.lower() for head in server.heard)


async def test_a_redirect_is_an_answer_and_not_followed(connection: Connection) -> None:
    async with stranger(said(b"", "307 Temporary Redirect", "Location: /elsewhere")) as server:
        assert (await connection.request("captcha", "POST", server.url, form={})).status == 307
    assert len(server.heard) == 1


async def test_a_bearer_token_is_sent_with_the_one_call_only(connection: Connection, foreign: IdentityProvider) -> None:
    foreign.knows("token-of-erin", "erin@example.test")
    url = f"{foreign.url}/userinfo"
    told = (await connection.request("somebody", "GET", url, bearer="token-of-erin")).json()
    assert isinstance(told, dict)
    assert told["email"] == "erin@example.test"
    assert (await connection.request("somebody", "GET", url)).status == 401


@pytest.mark.parametrize("answer", [said(b"{}", "404 Not Found"), said(b"<html>"), said(b"[" * 100_000)])
async def test_what_is_no_json_of_a_success_reads_as_nothing(connection: Connection, answer: bytes) -> None:
    async with stranger(answer) as server:
        assert (await connection.request("somebody", "GET", server.url)).json() is None


async def test_odd_texts_travel_in_a_form_unchanged(connection: Connection, verifier: Siteverify) -> None:
    odd = "a b&c=d+e%2F/ü😀\"'\r\nX: y"
    await connection.request("captcha", "POST", verifier.url, form={"response": odd})
    assert verifier.asked_about(odd) == [{"response": odd}]


async def test_a_dead_connection_is_replaced_once_for_what_may_be_repeated(connection: Connection) -> None:
    async with stranger(_YES, requests_per_connection=1) as server:
        for _ in range(2):
            assert (await connection.request("captcha", "POST", server.url, form={}, repeatable=True)).status == 200
    assert len(server.heard) == 3


@pytest.mark.parametrize("chance", [0.0, 40.0])
async def test_a_call_is_repeated_after_a_pause_that_chance_makes_shorter(chance: float) -> None:
    async with (
        stranger(_YES, requests_per_connection=1) as server,
        Connection.open(lambda: chance) as connection,
    ):
        await connection.request("captcha", "POST", server.url, form={}, repeatable=True)
        began = _now()
        await connection.request("captcha", "POST", server.url, form={}, repeatable=True)
        assert (_now() - began >= 2) is (chance > 0)
    assert len(server.heard) == 3


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_nothing_else_is_sent_twice(connection: Connection, method: str) -> None:
    async with stranger(_YES, requests_per_connection=1) as server:
        assert (await connection.request("captcha", method, server.url, form={})).status == 200
        with pytest.raises(Unavailable):
            await connection.request("captcha", method, server.url, form={})
    assert len(server.heard) == 2


async def test_who_never_answers_is_asked_twice_at_most(connection: Connection) -> None:
    async with stranger(b"", requests_per_connection=0) as server:
        assert await _unavailable(connection, server.url, repeatable=True) == "ServerDisconnectedError"
    assert len(server.heard) == 2


async def test_a_mebibyte_is_read_and_no_more(connection: Connection) -> None:
    largest = b"x" * (1 << 20)
    async with stranger(said(largest)) as server:
        assert (await connection.request("captcha", "POST", server.url)).body == largest
    async with stranger(said(largest + b"x")) as server:
        assert await _unavailable(connection, server.url) == "AnswerTooLarge"


async def test_forty_calls_go_on_at_once_and_the_others_do_not_wait_for_ever(
    connection: Connection, verifier: Siteverify
) -> None:
    token = verifier.misbehaving(never)
    form = {"secret": verifier.secret, "response": token}
    calls = [connection.request("captcha", "POST", verifier.url, form=form) for _ in range(50)]
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert Counter(map(type, outcomes)) == {NotAnswered: 40, Unavailable: 10}
    assert len(verifier.asked_about(token)) == 40


async def test_a_third_party_that_hangs_holds_up_no_other(connection: Connection, verifier: Siteverify) -> None:
    form = {"secret": verifier.secret, "response": verifier.misbehaving(never)}
    hanging = [asyncio.create_task(connection.request("captcha", "POST", verifier.url, form=form)) for _ in range(60)]
    async with stranger(_YES) as server:
        assert (await connection.request("sms", "POST", server.url, form={})).status == 200
    for each in hanging:
        each.cancel()
    await asyncio.gather(*hanging, return_exceptions=True)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    connection: Connection, tmp_path: Path, host: str
) -> None:
    async with _encrypted(Authority(tmp_path).server("127.0.0.1", "localhost")) as (server, port):
        assert await _unavailable(connection, f"https://{host}:{port}/") == "ClientConnectorCertificateError"
    assert server.heard == []


async def test_an_unusable_address_is_unavailable(connection: Connection) -> None:
    await _unavailable(connection, "https://")


@asynccontextmanager
async def _encrypted(context: ssl.SSLContext) -> AsyncIterator[tuple[Stranger, int]]:
    one = Stranger(_YES)
    async with serving(one.serve, tls=context) as port:
        yield one, port
