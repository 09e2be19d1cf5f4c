"""Looks names up in threads of its own, so that a name server which hangs for one name holds up nobody else's.

uvloop has two threads at most for all look-ups of the process, and nothing ends one before the name server's own time
(mostly 10 s): two third parties whose names hang would keep the gateway from finding Redis.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

_THREADS = 16
"""Names looked up at once; each is looked up once for all who wait for it."""


class Names(AbstractResolver):
    """What aiohttp asks for addresses; who waits for one says how long."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Look a name up.

        Raises:
            OSError: it has no address, or the name server does not answer.
        """
        return await asyncio.get_running_loop().run_in_executor(self._threads, _addresses, host, port, family)

    async def close(self) -> None:
        """Begin no further look-up, and wait for none."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _addresses(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
    found = socket.getaddrinfo(host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    return [_result(host, of_family, proto, address) for of_family, _, proto, _, address in found]


def _result(host: str, family: int, proto: int, address: Any) -> ResolveResult:  # noqa: ANN401 - its shape is the family's
    # Written out with the zone that a link-local address of IPv6 needs.
    number, port = socket.getnameinfo(address, socket.NI_NUMERICHOST | socket.NI_NUMERICSERV)
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=number, port=int(port), family=family, proto=proto, flags=flags)
