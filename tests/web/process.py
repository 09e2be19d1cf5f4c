"""Serves the tests' document in a process of its own, as `gateway serve` serves the real ones."""

import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import uvloop

from gateway.settings import LogSettings, ServerSettings
from gateway.web import logs, openapi
from gateway.web.lifecycle import Lifecycle
from gateway.web.management import management_app
from gateway.web.metrics import Metrics
from gateway.web.server import Apps, Ports, serve
from tests.servers.gateway import whole_lines
from tests.web.parcels import PARCELS
from tests.web.serving import Terms, client, public_app

_ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Process:
    """A process that serves.

    Attributes:
        port: of the documents, on 127.0.0.1.
        management_port: of everything else.
    """

    port: int
    management_port: int
    popen: subprocess.Popen[bytes]
    _log: Path

    @property
    def url(self) -> str:
        """The public base address."""
        return f"http://127.0.0.1:{self.port}"

    def client(self) -> httpx.Client:
        """Open a client of the documents."""
        return client(self.url)

    def management(self) -> httpx.Client:
        """Open a client of the management port."""
        return client(f"http://127.0.0.1:{self.management_port}")

    @property
    def log(self) -> str:
        """Everything it has written so far."""
        return self._log.read_text(encoding="utf-8")

    def events(self, name: str) -> list[dict[str, Any]]:
        """Give its events of one name, parsed."""
        return [event for line in whole_lines(self._log) if (event := json.loads(line))["event"] == name]

    def wait_for(self, name: str, **members: object) -> list[dict[str, Any]]:
        """Wait until an event with these members was written; return all such."""
        deadline = time.monotonic() + 60
        while not (events := [each for each in self.events(name) if members.items() <= each.items()]):
            assert time.monotonic() < deadline, f"no {name} with {members} in:\n{self.log}"
            time.sleep(0.02)
        return events

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """End it; return its exit status."""
        if self.popen.poll() is None:
            self.popen.send_signal(with_signal)
        return self.popen.wait(40)


@contextmanager
def process(**settings: object) -> Iterator[Process]:
    """Start one with these of `ServerSettings`; end it with the block."""
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        popen = subprocess.Popen(  # noqa: S603 - this file
            [sys.executable, "-m", "tests.web.process", json.dumps(settings)],
            stdout=log,
            stderr=subprocess.STDOUT,
            cwd=_ROOT,
        )
        started = Process(0, 0, popen, Path(log.name))
        try:
            (said,) = started.wait_for("serving")
            yield Process(said["public"][1], said["management"][1], popen, Path(log.name))
        finally:
            started.stop()


@asynccontextmanager
async def _parcels() -> AsyncIterator[Apps]:
    lifecycle, metrics = Lifecycle(()), Metrics()
    management = management_app(lifecycle, metrics, {"parcels": partial(openapi.document, PARCELS)})
    # `late` is not over its deadline on a busy machine either.
    yield Apps(public_app(Terms(deadline=60), lifecycle, metrics), management, lifecycle)


def main() -> None:
    """Serve with the settings given as JSON."""
    settings = ServerSettings.model_validate({"port": 0, "management_port": 0} | json.loads(sys.argv[1]))
    logs.configure(LogSettings())
    with Ports.bound(settings) as ports:
        uvloop.run(serve(_parcels(), ports, settings))


if __name__ == "__main__":
    main()
