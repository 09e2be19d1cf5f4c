"""uvicorn's HTTP/1.1 protocol with the limits it lacks: on a request's head, before there is a request.

httptools reads heads of any size for any time, so a client could fill the memory with one endless header, or hold a
connection with one byte a minute (security S30, S36, R9).
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from gateway.web.middleware.safety_headers import safety_headers

MAX_URL = 8 * 1024
MAX_HEADER_BYTES = 32 * 1024
MAX_HEADERS = 100

_FRAMING = (b"content-length", b"transfer-encoding")
_BODIES = {
    400: b"Bad request",
    408: b"Request head too slow",
    414: b"URL too long",
    431: b"Request header fields too large",
    501: b"Protocol upgrades are not supported",
}


class HeadRefused(Exception):
    """Stops the parser; the answer has been written, or will be when it is its turn."""


class BoundedHttpToolsProtocol(HttpToolsProtocol):
    """HTTP/1.1 whose heads are bounded in size, number and time.

    It takes, besides uvicorn's own arguments, `head_time`: seconds a head may take to arrive, and the rest of a body
    that nobody reads any more; and `https`: whether callers reach it by https.
    """

    def __init__(self, *args: Any, head_time: float, https: bool, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own, passed on
        super().__init__(*args, **kwargs)
        self._safety = safety_headers(https=https)
        self._head_time = head_time
        self._header_bytes = 0
        self._reading_body = False
        self._unparsed = 0
        self._postponed = 0
        self._clock: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start the clock of the first head."""
        super().connection_made(transport)
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; bound what it takes without giving anything back, and what comes after a refusal.

        httptools hands out a header only when its line is complete and a chunk's extension never, so endless ones
        show in the count alone.
        """
        if self._postponed:
            return
        self._unparsed += len(data)
        if self._clock is None and not self._reading_body:
            self._start_clock()
        super().data_received(data)
        if self._unparsed > MAX_URL + MAX_HEADER_BYTES:
            self._refuse(431)

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Bound the URL."""
        super().on_url(url)
        if len(self.url) > MAX_URL:
            self._stop(414)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Bound number and size of the headers; drop trailers (RFC 9110 section 6.5.1).

        As headers they would come after those of the proxies, and the last `X-Forwarded-For` is the one believed.
        """
        if self._reading_body:
            return
        super().on_header(name, value)
        self._header_bytes += len(name) + len(value) + 4
        if self._header_bytes > MAX_HEADER_BYTES or len(self.headers) > MAX_HEADERS:
            self._stop(431)

    def on_headers_complete(self) -> None:
        """Let the request begin, unless it leaves in doubt whom it is for or where it ends.

        httptools takes a request that asks for another protocol to have no body, and its body for the next request.
        """
        self._stop_clock()
        self._unparsed = 0
        if not _is_for_one_host(self.url, self.headers):
            self._stop(400)
        if self.parser.should_upgrade() and _has_body(self.headers):
            self._stop(501)
        super().on_headers_complete()
        self._reading_body = True

    def on_body(self, body: bytes) -> None:
        """Leave it to the reader to bound the body."""
        self._unparsed = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Count the next head from its beginning."""
        super().on_message_complete()
        self._reading_body = False
        self._unparsed = 0

    def on_response_complete(self) -> None:
        """Let a refusal have its turn; bound the time of a body answered before its end, since nobody else does."""
        was_last = not self.pipeline
        super().on_response_complete()
        if self._postponed and was_last:
            self._answer(self._postponed)
        elif self._reading_body and self._clock is None:
            self._start_clock()

    def send_400_response(self, msg: str) -> None:
        """Say it as every refusal here; not again when the parser reports our own exception as its error."""
        del msg
        self._refuse(400)

    def _start_clock(self) -> None:
        self._clock = self.loop.call_later(self._head_time, self._too_slow)

    def _stop_clock(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _too_slow(self) -> None:
        if self._unparsed:
            self._refuse(408)
        else:
            self.transport.close()

    def _stop(self, status: int) -> None:
        self._refuse(status)
        raise HeadRefused

    def _refuse(self, status: int) -> None:
        if self._postponed:
            return
        if self._owes_an_answer():
            self._postpone(status)
        else:
            self._answer(status)

    def _owes_an_answer(self) -> bool:
        """Say whether a request before the refused one has none yet, for which its caller would take the refusal."""
        if self._reading_body:
            return bool(self.pipeline)
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]  # None at first

    def _postpone(self, status: int) -> None:
        self._stop_clock()
        self._postponed = status
        if self._reading_body:
            self.pipeline.popleft()
            self._reading_body = False

    def _answer(self, status: int) -> None:
        if self.transport.is_closing():
            return
        body = _BODIES[status]
        if not (self._reading_body and self.cycle.response_started):
            self.transport.write(STATUS_LINE[status] + self._head(len(body)) + body)
        self.transport.close()

    def _head(self, length: int) -> bytes:
        headers = (
            (b"content-type", b"text/plain; charset=utf-8"),
            *self._safety,
            (b"connection", b"close"),
            (b"content-length", b"%d" % length),
        )
        return b"".join(b"%s: %s\r\n" % header for header in headers) + b"\r\n"


def _is_for_one_host(url: bytes, headers: list[tuple[bytes, bytes]]) -> bool:
    """Say whether there is exactly one `Host`, and an absolute URL names the same (RFC 9112 section 3.2)."""
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) != 1:
        return False
    return url.startswith(b"/") or b"://" not in url or url.split(b"/", 3)[2] == hosts[0]


def _has_body(headers: list[tuple[bytes, bytes]]) -> bool:
    return any(name in _FRAMING and value != b"0" for name, value in headers)
