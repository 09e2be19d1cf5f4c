import asyncio
import json
import random  # noqa: TID251 - seeded, and the seed is told
import secrets
from collections.abc import Awaitable
from datetime import timedelta
from functools import partial

import pytest

from gateway.domain.errors import TokenRefused, Unavailable
from gateway.keycloak.connection import PASSWORD_CHECK, Terms
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings
from tests.keycloak.opening import answers, changed, closed_url, connected, opened
from tests.keycloak.people import PersonMaker
from tests.keycloak.proxy import Proxy
from tests.keycloak.strangers import said, stranger
from tests.keycloak.tokens_apart import claims_of
from tests.servers.waiting import RECOVERED, until_async


def now() -> float:
    return asyncio.get_running_loop().time()


async def outcome(call: Awaitable[object]) -> type[object]:
    """Return the class of what a call ends with."""
    try:
        return type(await call)
    except (Unavailable, TokenRefused) as reason:
        return type(reason)


async def test_closed_port_is_unavailable(settings: KeycloakSettings) -> None:
    async with connected(changed(settings, url=closed_url())) as connection:
        with pytest.raises(Unavailable) as reason:
            await connection.request("GET", "/")
    assert reason.value.dependency == "keycloak"


async def test_unknown_host_is_unavailable(settings: KeycloakSettings) -> None:
    async with connected(changed(settings, url="http://keycloak.invalid")) as connection:
        with pytest.raises(Unavailable):
            await connection.request("GET", "/")


async def test_frozen_keycloak_is_unavailable_within_the_budget(
    hurried: KeycloakSettings, proxy: Proxy, make_person: PersonMaker
) -> None:
    person = make_person()
    proxy.stall()
    assert hurried.connect_timeout + hurried.queue_timeout + hurried.timeout <= timedelta(seconds=5)
    brief = dict.fromkeys(("connect_timeout", "queue_timeout", "timeout"), timedelta(seconds=0.8))
    async with opened(changed(hurried, url=proxy.url, **brief)) as keycloak:
        began = now()
        calls = [keycloak.tokens.sign_in(person.username, person.password, offline=False) for _ in range(60)]
        outcomes = await asyncio.gather(*map(outcome, calls))
        took = now() - began
    assert set(outcomes) == {Unavailable}
    assert took < 6


async def test_keycloak_that_thaws_is_used_again_without_a_restart(hurried: KeycloakSettings, proxy: Proxy) -> None:
    proxy.stall()
    async with opened(changed(hurried, url=proxy.url)) as keycloak:
        assert set(await asyncio.gather(*(outcome(keycloak.ping()) for _ in range(8)))) == {Unavailable}
        proxy.flow()
        await until_async(partial(answers, keycloak), within=RECOVERED)


NONSENSE = {
    "a page": said(b"<html>Welcome</html>"),
    "no JSON object": said(b"[]"),
    "nothing": said(b""),
    "not UTF-8": said(b'{"active": \xff}'),
    "nested too deep": said(b"[" * 100_000),
    "other members": said(b'{"hello": "world"}'),
    "members of another kind": said(b'{"active": [1]}'),
    "no HTTP": b"220 mail.example.test ESMTP\r\n",
    "half an answer": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "too large": said(b'{"active": true, "x": "' + b"x" * (1 << 20) + b'"}'),
    "redirect": said(b"", "302 Found", "Location: /elsewhere"),
    "permanent redirect": said(b"", "308 Permanent Redirect", "Location: /elsewhere"),
    "internal error": said(b"{}", "500 Internal Server Error"),
    "bad gateway": said(b"{}", "502 Bad Gateway"),
    "forbidden": said(b"{}", "403 Forbidden"),
    "missing": said(b"{}", "404 Not Found"),
    "strange status": said(b"{}", "799 Strange"),
}


@pytest.mark.parametrize("answer", NONSENSE.values(), ids=NONSENSE)
async def test_answer_that_is_not_keycloaks_is_unavailable(settings: KeycloakSettings, answer: bytes) -> None:
    async with stranger(answer) as server, opened(changed(settings, url=server.url)) as keycloak:
        with pytest.raises(Unavailable):
            await keycloak.tokens.is_active("a.b.c")
    assert len(server.heard) == 1


async def test_compressed_answer_is_not_asked_for(settings: KeycloakSettings) -> None:
    async with stranger(said(b"{}")) as server, connected(changed(settings, url=server.url)) as connection:
        await connection.request("GET", "/")
    assert "accept-encoding: identity" in server.heard[0].lower()


async def test_cookies_are_not_kept(settings: KeycloakSettings) -> None:
    answer = said(b"{}", "200 OK", "Set-Cookie: KEYCLOAK_SESSION=one-person; Path=/")
    async with stranger(answer) as server, connected(changed(settings, url=server.url)) as connection:
        await connection.request("GET", "/")
        await connection.request("GET", "/")
    assert not any("cookie:" in head.lower() for head in server.heard)


async def test_bearer_of_one_call_is_not_sent_with_the_next(settings: KeycloakSettings) -> None:
    async with stranger(said(b"{}")) as server, connected(changed(settings, url=server.url)) as connection:
        await connection.request("GET", "/", bearer="one-person")
        await connection.request("GET", "/")
    assert ["authorization: bearer one-person" in head.lower() for head in server.heard] == [True, False]


async def test_calls_beyond_the_limit_queue_and_give_up(settings: KeycloakSettings, proxy: Proxy) -> None:
    few = changed(settings, url=proxy.url, max_in_flight=2, queue_timeout=timedelta(seconds=0.3))
    proxy.stall()
    async with connected(few) as connection:
        calls = [asyncio.create_task(outcome(connection.request("GET", "/"))) for _ in range(5)]
        waiting = set(calls)
        async with asyncio.timeout(10):
            while len(waiting) > 2:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                assert {each.result() for each in done} == {Unavailable}
        assert len(proxy.requests) == 2
        proxy.flow()
        assert Unavailable not in await asyncio.gather(*waiting)


async def test_queued_call_goes_on_when_a_place_becomes_free(settings: KeycloakSettings) -> None:
    async with connected(changed(settings, max_in_flight=1)) as connection:
        calls = [connection.request("GET", f"/realms/{settings.realm}") for _ in range(6)]
        assert {answer.status for answer in await asyncio.gather(*calls)} == {200}


async def test_cancelled_call_gives_its_place_back(settings: KeycloakSettings, proxy: Proxy) -> None:
    async with connected(changed(settings, url=proxy.url, max_in_flight=1, max_password_checks=1)) as connection:
        proxy.stall()
        for _ in range(3):
            call = asyncio.create_task(connection.request("GET", "/", terms=PASSWORD_CHECK))
            await asyncio.sleep(0.02)
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
        proxy.flow()
        assert (await connection.request("GET", f"/realms/{settings.realm}", terms=PASSWORD_CHECK)).status == 200


async def test_password_checks_leave_room_for_other_calls(settings: KeycloakSettings, proxy: Proxy) -> None:
    few = changed(settings, url=proxy.url, max_in_flight=3, max_password_checks=1)
    proxy.stall()
    async with connected(few) as connection:
        checks = [asyncio.create_task(outcome(connection.request("GET", "/check", terms=PASSWORD_CHECK))) for _ in "12"]
        other = asyncio.create_task(outcome(connection.request("GET", "/other")))

        async def have_come() -> bool:
            return len(proxy.requests) >= 2

        await until_async(have_come)
        await asyncio.sleep(0.2)
        assert sorted(proxy.requests) == ["GET /check", "GET /other"]
        proxy.flow()
        await asyncio.gather(*checks, other)


async def test_after_five_failures_keycloak_is_left_alone_and_then_probed(proxied: Realm, proxy: Proxy) -> None:
    await proxied.ping()
    await proxy.refuse()
    for _ in range(5):
        assert not await answers(proxied)
    await proxy.listen()
    connections = proxy.connections
    assert not await answers(proxied)
    assert proxy.connections == connections
    await until_async(partial(answers, proxied), within=RECOVERED)


async def test_error_of_a_living_keycloak_does_not_close_the_door(settings: KeycloakSettings) -> None:
    async with (
        stranger(said(b"{}", "500 Internal Server Error")) as server,
        connected(changed(settings, url=server.url)) as connection,
    ):
        for _ in range(8):
            with pytest.raises(Unavailable):
                await connection.request("GET", "/")
    assert len(server.heard) == 8


async def test_slow_mail_server_does_not_close_the_door(settings: KeycloakSettings, proxy: Proxy) -> None:
    async with connected(changed(settings, url=proxy.url)) as connection:
        proxy.stall()
        mails = [connection.request("GET", "/", terms=Terms(timeout=0.2, tells_health=False)) for _ in range(8)]
        assert set(await asyncio.gather(*map(outcome, mails))) == {Unavailable}
        proxy.flow()
        assert (await connection.request("GET", f"/realms/{settings.realm}")).status == 200


async def test_aborted_calls_never_give_anybody_anothers_answer(
    settings: KeycloakSettings, make_person: PersonMaker
) -> None:
    seed = secrets.randbelow(1 << 32)
    chance = random.Random(seed)  # noqa: S311 - decides when to abort
    people = [make_person() for _ in range(12)]
    async with opened(settings) as keycloak:
        tokens = {}
        for person in people:
            tokens[person.id] = await keycloak.tokens.sign_in(person.username, person.password, offline=False)

        async def answers_are_mine(account_id: str) -> int:
            good = 0
            for _ in range(25):
                call = asyncio.create_task(_who_am_i(keycloak, account_id, tokens[account_id].refresh_token))
                if chance.random() < 0.6:
                    await asyncio.sleep(chance.random() * 0.02)
                    call.cancel()
                answer = (await asyncio.gather(call, return_exceptions=True))[0]
                assert isinstance(answer, asyncio.CancelledError | Unavailable) or answer == {account_id}, (
                    f"seed {seed}"
                )
                good += answer == {account_id}
            return good

        good = await asyncio.gather(*(answers_are_mine(person.id) for person in people))
    assert min(good) > 0, f"seed {seed}"


async def _who_am_i(keycloak: Realm, account_id: str, refresh_token: str) -> set[str]:
    account, refreshed = await asyncio.gather(keycloak.users.get(account_id), keycloak.tokens.refresh(refresh_token))
    assert account
    return {account.id, claims_of(refreshed.access_token)["sub"]}


async def test_odd_texts_travel_in_forms_queries_and_bodies_unchanged(settings: KeycloakSettings) -> None:
    odd = "a b&c=d+e%2F/ü😀\"'\r\nX: y"
    async with stranger(said(b"{}")) as server, connected(changed(settings, url=server.url)) as connection:
        await connection.request("GET", "/", params={"q": odd})
        await connection.request("PUT", "/", json={"q": odd})
    assert "X: y" not in server.heard[0].splitlines()
    assert f"content-length: {len(json.dumps({'q': odd}))}" in server.heard[1].lower()
