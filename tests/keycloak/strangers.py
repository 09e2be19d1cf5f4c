"""Something else than Keycloak behind its address: a server that says the same thing to everybody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.servers.streams import serving


@dataclass
class Stranger:
    """A server that is not Keycloak.

    Attributes:
        says: what it answers to each request, HTTP and all.
        requests_per_connection: how many it answers before it drops a connection without a word.
        heard: every request's head.
    """

    says: bytes
    requests_per_connection: int = 1000
    heard: list[str] = field(default_factory=list)
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer on one connection."""
        try:
            for answered in range(self.requests_per_connection + 1):
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                await reader.readexactly(_length(head))
                self.heard.append(head)
                if answered == self.requests_per_connection:
                    break
                writer.write(self.says)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            pass
        writer.transport.abort()


def _length(head: str) -> int:
    lines = (line.partition(":") for line in head.splitlines())
    return next((int(value) for name, _, value in lines if name.lower() == "content-length"), 0)


def said(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """Write an answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Content-Type: application/json", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@asynccontextmanager
async def stranger(says: bytes, requests_per_connection: int = 1000) -> AsyncIterator[Stranger]:
    """Run one."""
    one = Stranger(says, requests_per_connection)
    async with serving(one.serve) as port:
        one.url = f"http://127.0.0.1:{port}"
        yield one
