"""uvicorn's HTTP/1.1 protocol with the limits it lacks: on a request's head, before there is a request.

httptools reads heads of any size for any time, so a client could fill the memory with one endless header, or hold a
connection with one byte a minute (security S30, S36, R9).
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

MAX_URL = 8 * 1024
MAX_HEADER_BYTES = 32 * 1024
MAX_HEADERS = 100
HEAD_TIME = 10.0

_BODIES = {
    400: b"Bad request",
    408: b"Request head too slow",
    414: b"URL too long",
    431: b"Request header fields too large",
}


class HeadRefused(Exception):
    """Stops the parser; the answer has been written."""


class BoundedHttpToolsProtocol(HttpToolsProtocol):
    """HTTP/1.1 whose heads are bounded in size, number and time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - uvicorn's own arguments, passed on
        super().__init__(*args, **kwargs)
        self._header_bytes = 0
        self._reading_body = False
        self._unparsed = 0
        self._head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Start the clock of the first head."""
        super().connection_made(transport)
        self._start_clock()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop_clock()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Feed the parser; bound what it takes without giving anything back.

        httptools hands out a header only when its line is complete, so an endless one shows in the count alone.
        """
        if not self._reading_body:
            self._unparsed += len(data)
            if self._head_timer is None:
                self._start_clock()
        super().data_received(data)
        if self._unparsed > MAX_URL + MAX_HEADER_BYTES and not self._reading_body:
            self._refuse(431)

    def on_message_begin(self) -> None:
        """Begin to count."""
        super().on_message_begin()
        self._header_bytes = 0

    def on_url(self, url: bytes) -> None:
        """Bound the URL."""
        super().on_url(url)
        if len(self.url) > MAX_URL:
            self._refuse(414)
            raise HeadRefused

    def on_header(self, name: bytes, value: bytes) -> None:
        """Bound number and size of the headers."""
        super().on_header(name, value)
        self._header_bytes += len(name) + len(value) + 4
        if self._header_bytes > MAX_HEADER_BYTES or len(self.headers) > MAX_HEADERS:
            self._refuse(431)
            raise HeadRefused

    def on_headers_complete(self) -> None:
        """Demand exactly one `Host` (RFC 9112 section 3.2), then let the request begin."""
        self._stop_clock()
        self._reading_body = True
        self._unparsed = 0
        if sum(name == b"host" for name, _ in self.headers) != 1:
            self._refuse(400)
            raise HeadRefused
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Count the next head from its beginning."""
        super().on_message_complete()
        self._reading_body = False

    def send_400_response(self, msg: str) -> None:
        """Say it once: not after an answer of ours, whose exception the parser reports as its own error."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _start_clock(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_TIME, self._head_too_slow)

    def _stop_clock(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_too_slow(self) -> None:
        if self._unparsed:
            self._refuse(408)
        else:
            self.transport.close()

    def _refuse(self, status: int) -> None:
        if self.transport.is_closing():
            return
        body = _BODIES[status]
        self.transport.write(
            STATUS_LINE[status]
            + b"content-type: text/plain; charset=utf-8\r\ncache-control: no-store\r\nconnection: close\r\n"
            + b"content-length: %d\r\n\r\n" % len(body)
            + body
        )
        self.transport.close()
