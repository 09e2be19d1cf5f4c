"""One kept-alive connection on which requests of any bytes are sent and their answers read."""

import asyncio
from contextlib import suppress
from types import TracebackType
from typing import Self

import httpx

_PATIENCE = 60.0
_CONTINUE = 100


class Line:
    """A connection to the gateway, opened anew whenever the gateway has closed it."""

    def __init__(self, host: str, port: int) -> None:
        self._there = (host, port)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        await self._hang_up()

    async def ask(self, written: bytes, *, bodiless: bool = False) -> httpx.Response | None:
        """Send a request.

        Args:
            written: the whole of it.
            bodiless: it is a HEAD, whose answer has a length and no body.

        Returns:
            The answer; None when the connection was closed without one, or nothing came.
        """
        reader, writer = self._streams or await self._dial()
        try:
            async with asyncio.timeout(_PATIENCE):
                writer.write(written)
                answer = await _read(reader, bodiless=bodiless)
        except (OSError, EOFError, TimeoutError):
            await self._hang_up()
            return None
        if answer.headers.get("connection") == "close":
            await self._hang_up()
        return answer

    async def _dial(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._streams = await asyncio.open_connection(*self._there)
        return self._streams

    async def _hang_up(self) -> None:
        if self._streams is None:
            return
        _, writer = self._streams
        self._streams = None
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def _read(reader: asyncio.StreamReader, *, bodiless: bool) -> httpx.Response:
    status = _CONTINUE
    while status == _CONTINUE:
        first, *lines = (await reader.readuntil(b"\r\n\r\n")).split(b"\r\n")[:-2]
        status = int(first.split(b" ", 2)[1])
    headers = httpx.Headers([(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)])
    if not bodiless and status != httpx.codes.NO_CONTENT:
        return httpx.Response(status, headers=headers, content=await reader.readexactly(int(headers["content-length"])))
    # A head that cannot be read has no method that the gateway knows: its refusal has a body whatever it was.
    content = await reader.read() if headers.get("connection") == "close" else b""
    return httpx.Response(status, headers=headers, content=content)
