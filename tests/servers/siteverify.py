"""Somebody who verifies CAPTCHAs: a real HTTP server that speaks `siteverify` as Turnstile documents it.

Turnstile itself cannot be reached from a test. What goes wrong is chosen by the solution that is verified, so that
tests share one server and do not disturb each other.
"""

import asyncio
import gzip
import secrets
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from aiohttp import web

PATH = "/turnstile/v0/siteverify"

_SUCCESS = {"success": True, "challenge_ts": "2026-11-25T12:00:00Z", "hostname": "front.example", "error-codes": []}
_LONG = 60.0

Way = Callable[["Siteverify", web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Siteverify:
    """The verifier, and what it was asked.

    Attributes:
        secret: the site's, which it wants to be told.
        url: where it verifies.
        asked: every form that came, in order.
        lost: requests to any other path: nobody should come there.
        headers: of every request, in order.
    """

    secret: str = field(default_factory=lambda: f"0x4AAAAAAA{secrets.token_urlsafe(24)}")
    url: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    _ways: dict[str, Way] = field(default_factory=dict)

    def solved(self) -> str:
        """Solve a CAPTCHA; the token is good once."""
        return self.misbehaving(_as_documented)

    def misbehaving(self, way: Way) -> str:
        """Return a token whose verification goes another way."""
        token = f"0.{secrets.token_urlsafe(48)}"
        self._ways[token] = way
        return token

    def asked_about(self, token: str) -> list[dict[str, str]]:
        """Return the forms in which a token came."""
        return [form for form in self.asked if form.get("response") == token]

    async def verify(self, request: web.Request) -> web.StreamResponse:
        """Answer one request."""
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        self.asked.append(form)
        if form.get("secret") != self.secret:
            return _no("invalid-input-secret")
        way = self._ways.get(form.get("response", ""))
        return _no("invalid-input-response") if way is None else await way(self, request)

    async def lose(self, request: web.Request) -> web.StreamResponse:
        """Note who has come where nobody should; he would be let in."""
        self.lost.append(request.path)
        return web.json_response(_SUCCESS)


def _no(code: str, status: int = 200) -> web.Response:
    return web.json_response({"success": False, "error-codes": [code], "messages": []}, status=status)


async def _as_documented(server: Siteverify, request: web.Request) -> web.StreamResponse:
    token = str((await request.post())["response"])
    if len(server.asked_about(token)) > 1:
        return _no("timeout-or-duplicate")
    return web.json_response(_SUCCESS)


def says(text: str, *, status: int = 200, **headers: str) -> Way:
    """Answer with a text of one's own."""

    async def way(_: Siteverify, __: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(text=text, status=status, content_type="application/json", headers=named)

    return way


async def never(_: Siteverify, __: web.Request) -> web.StreamResponse:
    """Take the question and say nothing."""
    await asyncio.sleep(_LONG)
    return web.json_response(_SUCCESS)


async def in_drops(_: Siteverify, request: web.Request) -> web.StreamResponse:
    """Begin at once, and go on for ever."""
    answer = web.StreamResponse(headers={"content-type": "application/json"})
    await answer.prepare(request)
    for _drop in range(int(_LONG)):
        await answer.write(b" ")
        await asyncio.sleep(1)
    return answer


async def cut_off(_: Siteverify, request: web.Request) -> web.StreamResponse:
    """Hang up without a word."""
    _hang_up(request)
    return web.Response()


async def cut_short(_: Siteverify, request: web.Request) -> web.StreamResponse:
    """Hang up in the middle of a yes."""
    answer = web.StreamResponse(headers={"content-type": "application/json", "content-length": "500"})
    await answer.prepare(request)
    await answer.write(b'{"success": true, "error-codes": []}')
    _hang_up(request)
    return answer


async def compressed(_: Siteverify, __: web.Request) -> web.StreamResponse:
    """Say yes in a way that nobody has asked for."""
    body = gzip.compress(b'{"success": true, "error-codes": []}')
    return web.Response(body=body, headers={"content-type": "application/json", "content-encoding": "gzip"})


async def elsewhere(_: Siteverify, request: web.Request) -> web.StreamResponse:
    """Send to another path, where everybody is let in."""
    return web.Response(status=307, headers={"location": str(request.url.with_path("/elsewhere"))})


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.abort()


@contextmanager
def siteverify(tls: ssl.SSLContext | None = None) -> Iterator[Siteverify]:
    """Run one in a thread of its own, since those whom it serves may be processes.

    Args:
        tls: what it speaks TLS with; None for plain text.
    """
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    server = Siteverify()
    runner = asyncio.run_coroutine_threadsafe(_listening(server, tls), loop).result()
    try:
        yield server
    finally:
        asyncio.run_coroutine_threadsafe(_ended(runner), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _listening(server: Siteverify, tls: ssl.SSLContext | None) -> web.AppRunner:
    app = web.Application()
    app.router.add_post(PATH, server.verify)
    app.router.add_route("*", "/{anywhere:.*}", server.lose)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    server.url = f"{'https' if tls else 'http'}://127.0.0.1:{runner.addresses[0][1]}{PATH}"
    return runner


async def _ended(runner: web.AppRunner) -> None:
    await runner.cleanup()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for each in others:
        each.cancel()
    with suppress(asyncio.CancelledError):
        await asyncio.gather(*others, return_exceptions=True)
