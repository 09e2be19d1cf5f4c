"""A TCP wire to a real server, which a test can freeze or cut: the server itself stays as it is for everybody else."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

_CHUNK = 65536

T = TypeVar("T")


class Wire:
    """Forwards connections from a free loopback port to a server."""

    def __init__(self, server: tuple[str, int], loop: asyncio.AbstractEventLoop) -> None:
        """Take the server's address and the loop that forwards, which runs in another thread."""
        self._server = server
        self._loop = loop
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._is_cut = False
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Take connections and bytes, and let none of them arrive."""
        self._run(self._freeze())
        try:
            yield
        finally:
            self._run(self._thaw())

    @contextmanager
    def cut(self) -> Iterator[None]:
        """Close what is open and every new connection."""
        self._run(self._set_cut(is_cut=True))
        try:
            yield
        finally:
            self._run(self._set_cut(is_cut=False))

    async def listen(self) -> asyncio.Server:
        """Begin to forward."""
        listening = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = listening.sockets[0].getsockname()[1]
        return listening

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _freeze(self) -> None:
        self._flowing.clear()

    async def _thaw(self) -> None:
        self._flowing.set()

    async def _set_cut(self, *, is_cut: bool) -> None:
        self._is_cut = is_cut
        for each in self._open:
            each.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.close()
            return
        there_reader, there_writer = await asyncio.open_connection(*self._server)
        both = {writer, there_writer}
        self._open |= both
        try:
            await asyncio.gather(self._pump(reader, there_writer), self._pump(there_reader, writer))
        finally:
            self._open -= both
            for each in both:
                each.close()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            while data := await source.read(_CHUNK):
                await self._flowing.wait()
                sink.write(data)
                await sink.drain()
        sink.close()


@contextmanager
def wire_to(url: str) -> Iterator[tuple[Wire, str]]:
    """Lay a wire to the server of a URL.

    Yields:
        The wire, and the URL through it.
    """
    there = urlsplit(url)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    wire = Wire((there.hostname or "", there.port or 80), loop)
    listening = asyncio.run_coroutine_threadsafe(wire.listen(), loop).result()
    try:
        yield wire, there._replace(netloc=f"127.0.0.1:{wire.port}").geturl()
    finally:
        asyncio.run_coroutine_threadsafe(_end(listening), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(listening: asyncio.Server) -> None:
    listening.close()
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for each in others:
        each.cancel()
    await asyncio.gather(*others, return_exceptions=True)
