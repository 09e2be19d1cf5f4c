"""Keeps a test at home: it connects to this machine, and to the servers that it was given."""

import ipaddress
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from devstack.stack import Stack


class Home:
    """What tests may connect to; as long as none runs, everything may be (the stack loads its programs)."""

    def __init__(self, stack: Stack) -> None:
        """Take the servers, which may stand somewhere else."""
        named = {urlsplit(stack.keycloak_url).hostname, urlsplit(stack.redis_url).hostname, stack.smtp_host}
        self._given = {address[4][0] for host in named if host for address in socket.getaddrinfo(host, None)}
        self._is_guarded = False
        sys.addaudithook(self._audit)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Refuse every other connection for a while, of every thread."""
        self._is_guarded = True
        try:
            yield
        finally:
            self._is_guarded = False

    def _audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if self._is_guarded and event in {"socket.connect", "socket.sendto"}:
            self._require_home(arguments[1])

    def _require_home(self, address: object) -> None:
        if not isinstance(address, tuple):  # a socket in the file system
            return
        host = str(address[0])
        if host in self._given or host == "localhost":
            return
        there = ipaddress.ip_address(host)
        if not there.is_loopback and not there.is_unspecified:
            raise ConnectionRefusedError(f"a test went out to {host}")
