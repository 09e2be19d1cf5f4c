"""A TCP wire to a real server, which a test can freeze or cut: the server itself stays as it is for everybody else."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

_CHUNK = 65536

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Moment:
    """When it is to happen, by what goes over the wire.

    Attributes:
        request: text in the first line of an HTTP request.
        stage: `asked`, before the server gets it; `done`, when the server has answered and nobody has heard of it;
            `answered`, when the answer has arrived.
    """

    request: str
    stage: Literal["asked", "done", "answered"]


@dataclass(frozen=True, slots=True)
class _Trap:
    moment: Moment
    effect: Callable[[], None]
    sprung: threading.Event = field(default_factory=threading.Event)

    def is_for(self, data: bytes) -> bool:
        line = data.partition(b"\r\n")[0]
        return line.endswith(b" HTTP/1.1") and self.moment.request.encode() in line


@dataclass(slots=True)
class _Exchange:
    """One connection; `trap` is the one for the request whose answer is awaited."""

    trap: _Trap | None = None


class Wire:
    """Forwards connections from a free loopback port to a server."""

    def __init__(self, server: tuple[str, int], loop: asyncio.AbstractEventLoop) -> None:
        """Take the server's address and the loop that forwards, which runs in another thread."""
        self._server = server
        self._loop = loop
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._is_cut = False
        self._trap: _Trap | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    @contextmanager
    def frozen(self, at: Moment | None = None) -> Iterator[threading.Event]:
        """Take connections and bytes, and let none of them arrive.

        Args:
            at: from then on; None for at once.

        Yields:
            What is set when it has come to that.
        """
        with self._broken(self._flowing.clear, at) as sprung:
            yield sprung

    @contextmanager
    def cut(self, at: Moment | None = None) -> Iterator[threading.Event]:
        """Close what is open and every new connection; otherwise as `frozen`."""
        with self._broken(self._cut, at) as sprung:
            yield sprung

    def mend(self) -> None:
        """Let everything pass again, before the block ends."""
        self._run(self._mend())

    async def listen(self) -> asyncio.Server:
        """Begin to forward."""
        listening = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = listening.sockets[0].getsockname()[1]
        return listening

    @contextmanager
    def _broken(self, effect: Callable[[], None], at: Moment | None) -> Iterator[threading.Event]:
        trap = _Trap(at or Moment("", "asked"), effect)
        self._run(self._set(trap, at_once=at is None))
        try:
            yield trap.sprung
        finally:
            self._run(self._mend())

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _set(self, trap: _Trap, *, at_once: bool) -> None:
        self._trap = trap
        if at_once:
            self._spring(trap)

    def _spring(self, trap: _Trap) -> None:
        if self._trap is trap:
            self._trap = None
            trap.effect()
            trap.sprung.set()

    async def _mend(self) -> None:
        self._trap = None
        self._is_cut = False
        self._flowing.set()

    def _cut(self) -> None:
        self._is_cut = True
        for each in self._open:
            each.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.close()
            return
        there_reader, there_writer = await asyncio.open_connection(*self._server)
        both, exchange = {writer, there_writer}, _Exchange()
        self._open |= both
        try:
            await asyncio.gather(
                self._asking(reader, there_writer, exchange), self._answering(there_reader, writer, exchange)
            )
        finally:
            self._open -= both
            for each in both:
                each.close()

    async def _asking(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, exchange: _Exchange) -> None:
        with suppress(ConnectionError):
            while data := await source.read(_CHUNK):
                if self._trap and self._trap.is_for(data):
                    exchange.trap = self._trap
                    self._reach("asked", exchange)
                await self._forward(data, sink)
        sink.close()

    async def _answering(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, exchange: _Exchange) -> None:
        with suppress(ConnectionError):
            while data := await source.read(_CHUNK):
                self._reach("done", exchange)
                await self._forward(data, sink)
                self._reach("answered", exchange)
        sink.close()

    def _reach(self, stage: str, exchange: _Exchange) -> None:
        if exchange.trap and exchange.trap.moment.stage == stage:
            self._spring(exchange.trap)
            exchange.trap = None

    async def _forward(self, data: bytes, sink: asyncio.StreamWriter) -> None:
        await self._flowing.wait()
        if self._is_cut:
            raise ConnectionError
        sink.write(data)
        await sink.drain()


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
