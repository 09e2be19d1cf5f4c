"""Runs the public and the management port in one event loop, from start to a stop that loses no request.

On SIGTERM or SIGINT readiness turns to 503 at once while new requests are still answered; after `shutdown_delay` the
ports close and what is in flight is answered within `drain_timeout` (security R12).
"""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial

import structlog
import uvicorn
from starlette.types import ASGIApp

from gateway.settings import ServerSettings
from gateway.web.lifecycle import Lifecycle
from gateway.web.protocol import BoundedHttpToolsProtocol

_BACKLOG = 2048

_log = structlog.get_logger()


class PortTaken(Exception):
    """A port cannot be bound; the text says which, and what to do."""


@dataclass(frozen=True, slots=True)
class Apps:
    """What is served where."""

    public: ASGIApp
    management: ASGIApp
    lifecycle: Lifecycle


@dataclass(frozen=True, slots=True)
class Ports:
    """The bound sockets."""

    public: socket.socket
    management: socket.socket

    @classmethod
    @contextmanager
    def bound(cls, settings: ServerSettings) -> "Iterator[Ports]":
        """Bind both ports.

        Raises:
            PortTaken: with the setting to change.
        """
        with (
            _bound(settings.host, settings.port, "GATEWAY_SERVER__PORT") as public,
            _bound(settings.management_host, settings.management_port, "GATEWAY_SERVER__MANAGEMENT_PORT") as management,
        ):
            yield cls(public, management)


@contextmanager
def _bound(host: str, port: int, setting: str) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise PortTaken(f"cannot listen on {host}:{port} ({reason}); set {setting} to a free port") from None
        bound.setblocking(False)  # noqa: FBT003 - the socket's own signature
        yield bound


class _Server(uvicorn.Server):
    """uvicorn without its own signal handlers: two servers share the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave the signals to `serve`."""
        yield


def _server(app: ASGIApp, settings: ServerSettings, *, https: bool) -> _Server:
    head_time = settings.body_timeout.total_seconds()
    config = uvicorn.Config(
        app,
        http=partial(BoundedHttpToolsProtocol, head_time=head_time, https=https),  # type: ignore[arg-type]  # uvicorn only calls it
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=int(settings.keep_alive.total_seconds()),
        timeout_graceful_shutdown=int(settings.drain_timeout.total_seconds()),
    )
    return _Server(config)


async def serve(apps: AbstractAsyncContextManager[Apps], ports: Ports, settings: ServerSettings) -> None:
    """Serve until SIGTERM or SIGINT, then drain."""
    async with apps as running:
        stop = asyncio.Event()
        async with _listening(running, ports, settings):
            with _stopping_on_signals(stop):
                _log.info(
                    "serving", public=ports.public.getsockname()[:2], management=ports.management.getsockname()[:2]
                )
                await stop.wait()
            running.lifecycle.draining = True
            _log.info("draining", delay_seconds=settings.shutdown_delay.total_seconds())
            await asyncio.sleep(settings.shutdown_delay.total_seconds())
    _log.info("stopped")


@contextmanager
def _stopping_on_signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    yield


@asynccontextmanager
async def _listening(running: Apps, ports: Ports, settings: ServerSettings) -> AsyncIterator[None]:
    public = _server(running.public, settings, https=settings.is_https)
    management = _server(running.management, settings, https=False)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(public.serve([ports.public])),
            group.create_task(management.serve([ports.management])),
        ]
        while not (public.started and management.started):  # noqa: ASYNC110 - uvicorn tells of its start by a flag only
            await asyncio.sleep(0.005)
        yield
        public.should_exit = True
        await tasks[0]
        management.should_exit = True
