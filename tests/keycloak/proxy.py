"""A small TCP proxy before the real Keycloak: counts requests, stalls, and cuts connections off."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

_REQUEST = re.compile(rb"^(GET|POST|PUT|DELETE) (\S+) HTTP/1\.1\r$", re.MULTILINE)


class Proxy:
    """Passes bytes on, unless told otherwise.

    Attributes:
        requests: method and path of every request seen.
        connections: how many connections were ever made.
    """

    def __init__(self, target: str) -> None:
        address = urlsplit(target)
        self._host, self._port = address.hostname or "", address.port or 80
        self.requests: list[str] = []
        self.connections = 0
        self._requests_flow, self._answers_flow = asyncio.Event(), asyncio.Event()
        self.flow()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        # Nobody else is given the port while the proxy refuses.
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._held.bind(("127.0.0.1", 0))
        self._own_port: int = self._held.getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._own_port}"

    async def listen(self) -> None:
        """Listen; a second time, on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._own_port, reuse_port=True)

    async def refuse(self) -> None:
        """Close the port and every connection, as a Keycloak that has gone."""
        if self._server:
            self._server.close()
        self.cut()
        await asyncio.sleep(0.05)

    def cut(self) -> None:
        """Close every connection."""
        for writer in self._writers:
            writer.transport.abort()

    def stall(self) -> None:
        """Take everything and pass nothing on, as a frozen Keycloak."""
        self._requests_flow.clear()
        self.hold_answers()

    def hold_answers(self) -> None:
        """Pass requests on, but no answers."""
        self._answers_flow.clear()

    def flow(self) -> None:
        """Pass on again, also what was held back."""
        self._requests_flow.set()
        self._answers_flow.set()

    def seen(self, part: str) -> int:
        """Count the requests whose line holds a text."""
        return sum(part in request for request in self.requests)

    async def close(self) -> None:
        """End everything it does."""
        await self.refuse()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._held.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        onwards, back = await asyncio.open_connection(self._host, self._port)
        self._writers |= {writer, back}
        for work in (self._pass(reader, back, counted=True), self._pass(onwards, writer, counted=False)):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, counted: bool) -> None:
        try:
            while data := await reader.read(65536):
                if counted:
                    self.requests += [f"{found[1].decode()} {found[2].decode()}" for found in _REQUEST.finditer(data)]
                await (self._requests_flow if counted else self._answers_flow).wait()
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            self._writers.discard(writer)
            writer.transport.abort()


@asynccontextmanager
async def proxy_before(target: str) -> AsyncIterator[Proxy]:
    """Run a proxy before an address."""
    proxy = Proxy(target)
    await proxy.listen()
    try:
        yield proxy
    finally:
        proxy.flow()
        await proxy.close()
