"""Serves the tests' surfaces on a real socket, with the gateway's own protocol and middleware."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from ipaddress import IPv4Network, IPv6Network

import httpx
import uvicorn
import uvloop
from starlette.routing import Router as PlainRouter

from gateway.domain.callers import Caller
from gateway.domain.errors import NotSignedIn
from gateway.domain.tokens import SignedIn
from gateway.web import health
from gateway.web.body import BodyLimits
from gateway.web.client_address import ClientAddresses
from gateway.web.cookies import Site
from gateway.web.fallback import FALLBACK
from gateway.web.hosts import AllowedHosts
from gateway.web.lifecycle import Lifecycle
from gateway.web.metrics import Metrics
from gateway.web.middleware.requests import Requests
from gateway.web.operation import Services
from gateway.web.protocol import BoundedHttpToolsProtocol
from gateway.web.routing import MountedSurface, Router
from tests.web.depot import DEPOT
from tests.web.parcels import GOOD_TOKEN, PARCELS

_ANN = SignedIn("ann-id", "session", "gateway", 0, 0, frozenset())


@dataclass(frozen=True, slots=True)
class Terms:
    """What a test may want differently."""

    max_body: int = 65536
    body_time: float = 10
    head_time: float = 10
    deadline: float = 5
    public_url: str = "http://127.0.0.1:8000"
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    prefix: str = ""

    @property
    def is_https(self) -> bool:
        """Whether callers come by https."""
        return self.public_url.startswith("https:")


@dataclass(slots=True)
class Served:
    """A running server.

    Attributes:
        port: on 127.0.0.1.
    """

    port: int
    lifecycle: Lifecycle
    metrics: Metrics

    @property
    def url(self) -> str:
        """The base address."""
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        """Open a client."""
        return client(self.url)

    def connect(self) -> socket.socket:
        """Open a raw connection."""
        return connect(self.port)

    def say(self, *pieces: bytes, pause: float = 0.02) -> bytes:
        """Send pieces over a new connection and return everything until the server closes it."""
        with closing(self.connect()) as connection:
            for piece in pieces:
                send_what_is_taken(connection, piece)
                time.sleep(pause if len(pieces) > 1 else 0)
            return until_closed(connection)


def client(url: str) -> httpx.Client:
    """Open a client for an address of this machine."""
    # Certificates are not verified, since reading the authorities takes longer than most tests.
    return httpx.Client(base_url=url, timeout=30, verify=False)  # noqa: S501 - plain HTTP, and nothing leaves loopback


def connect(port: int) -> socket.socket:
    """Open a raw connection to a port of this machine."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def send_what_is_taken(connection: socket.socket, data: bytes) -> None:
    """Send; a server that has already answered and hung up is no fault of the sender's."""
    try:
        connection.sendall(data)
    except (ConnectionResetError, BrokenPipeError):
        return


def until_closed(connection: socket.socket) -> bytes:
    """Read until the server closes."""
    answer = bytearray()
    try:
        while piece := connection.recv(65536):
            answer += piece
    except ConnectionResetError:
        pass
    return bytes(answer)


def statuses(answers: bytes) -> list[int]:
    """Read the statuses of the answers that a connection has brought."""
    return [int(each.split(b" ", 1)[0]) for each in answers.split(b"HTTP/1.1 ")[1:]]


async def authenticate(caller: Caller) -> SignedIn:
    """Know exactly one token."""
    if caller.bearer != GOOD_TOKEN:
        raise NotSignedIn
    return _ANN


def public_app(terms: Terms, lifecycle: Lifecycle, metrics: Metrics) -> Requests:
    """Put the rooms of `web/` together as `gateway.app` does."""
    services = Services(
        identity=object(),
        authenticate=authenticate,
        body_limits=BodyLimits(terms.max_body, timedelta(seconds=terms.body_time)),
        deadline=timedelta(seconds=terms.deadline),
        site=Site("https://front.example", terms.prefix, https=terms.public_url.startswith("https:")),
    )
    hosts = AllowedHosts(terms.public_url, terms.allowed_hosts)
    yards = (f"{terms.prefix}/{{yard}}",)
    mounted = [
        MountedSurface(PARCELS, services, hosts, terms.prefix),
        MountedSurface(DEPOT, services, hosts, terms.prefix, further_prefixes=yards),
    ]
    return Requests(
        PlainRouter(
            health.routes(lifecycle, detailed=False),
            redirect_slashes=False,
            default=Router(mounted, MountedSurface(FALLBACK, services, hosts)),
        ),
        addresses=ClientAddresses(terms.trusted_proxies),
        metrics=metrics,
        lifecycle=lifecycle,
        https=terms.is_https,
    )


@contextmanager
def served(terms: Terms | None = None, **different: object) -> Iterator[Served]:
    """Serve in a thread until the block ends."""
    terms = replace(terms or Terms(), **different)  # type: ignore[arg-type]  # the fields of Terms, by name
    lifecycle, metrics = Lifecycle(()), Metrics()
    config = uvicorn.Config(
        public_app(terms, lifecycle, metrics),
        http=partial(BoundedHttpToolsProtocol, head_time=terms.head_time, https=terms.is_https),  # type: ignore[arg-type]  # as in server.py
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:
        port = listening.getsockname()[1]
        thread = threading.Thread(target=lambda: uvloop.run(server.serve([listening])), daemon=True)
        thread.start()
        try:
            _await_start(server, thread)
            yield Served(port, lifecycle, metrics)
        finally:
            server.should_exit = True
            thread.join(10)


def _await_start(server: uvicorn.Server, thread: threading.Thread) -> None:
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.005)
