"""Serves the gateway as an operator would: `gateway serve` in a process of its own, configured by variables."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx

from devstack.environment import without_gateway
from tests.servers.processes import Forked, forker, lives

_START_TIME = 60.0
_STOP_TIME = 30.0

Process = subprocess.Popen[bytes] | Forked


@dataclass(frozen=True, slots=True)
class ServedGateway:
    """A gateway that answers.

    Attributes:
        url: base address of the public port.
        management_url: base address of the management port.
        pid: its process.
        log_file: what it has written so far.
    """

    url: str
    management_url: str
    pid: int
    log_file: Path

    @property
    def log(self) -> str:
        """Everything written to the log so far."""
        return self.log_file.read_text(encoding="utf-8")

    @property
    def events(self) -> list[dict[str, Any]]:
        """The log's lines, parsed."""
        return [json.loads(line) for line in whole_lines(self.log_file)]

    def kill(self) -> None:
        """Kill it in the midst of everything; its end is left for `served_gateway` to see."""
        os.kill(self.pid, signal.SIGKILL)
        deadline = time.monotonic() + _STOP_TIME
        while lives(self.pid):
            assert time.monotonic() < deadline, "the gateway outlives being killed"
            time.sleep(0.01)

    def client(self, **options: Any) -> httpx.Client:  # noqa: ANN401 - httpx's own options
        """Open a client for the public port; no redirects are followed."""
        return httpx.Client(base_url=self.url, timeout=30, follow_redirects=False, **options)


@contextmanager
def served_gateway(
    variables: Mapping[str, str], *, wait_ready: bool = True, anew: bool = False
) -> Iterator[ServedGateway]:
    """Serve with exactly these `GATEWAY_` variables on free ports; stop with SIGTERM at the end.

    Args:
        variables: settings besides the ports.
        wait_ready: wait for `/readyz`; False for tests in which a dependency is down.
        anew: the process loads everything itself: for figures, and where variables count while it loads.
    """
    ports = {
        "GATEWAY_SERVER__PORT": "0",
        "GATEWAY_SERVER__MANAGEMENT_PORT": "0",
        "GATEWAY_SERVER__SHUTDOWN_DELAY": "0",
    }
    with tempfile.NamedTemporaryFile(suffix=".log") as log:
        process = (_loading if anew else _forked)(without_gateway() | ports | dict(variables), log)
        try:
            yield _awaited(process, Path(log.name), wait_ready=wait_ready)
        finally:
            _stop(process)


@contextmanager
def watched_gateway(variables: Mapping[str, str]) -> Iterator[ServedGateway]:
    """Serve as `served_gateway`; whatever is done to it, nothing may be unexpected."""
    with served_gateway(variables) as served:
        yield served
        assert [each for each in served.events if each["event"] == "unexpected_error"] == []


def _loading(variables: Mapping[str, str], log: IO[bytes]) -> Process:
    return subprocess.Popen([sys.executable, "-m", "gateway", "serve"], env=variables, stdout=log, stderr=log)


def _forked(variables: Mapping[str, str], log: IO[bytes]) -> Process:
    return forker().start(["serve"], variables, log, log)


def _awaited(process: Process, log: Path, *, wait_ready: bool) -> ServedGateway:
    deadline = time.monotonic() + _START_TIME
    while time.monotonic() < deadline and process.poll() is None:
        served = _serving(process.pid, log)
        if served and (not wait_ready or _is_ready(served)):
            return served
        time.sleep(0.02)
    raise AssertionError(f"the gateway did not start:\n{log.read_text(encoding='utf-8')}")


def _serving(pid: int, log: Path) -> ServedGateway | None:
    for line in whole_lines(log):
        if '"event": "serving"' in line:
            said = json.loads(line)
            public, management = ("http://{}:{}".format(*said[port]) for port in ("public", "management"))
            return ServedGateway(public, management, pid, log)
    return None


def whole_lines(log: Path) -> list[str]:
    """Read the lines of a log; one that is being written is none yet."""
    *lines, _ = log.read_bytes().split(b"\n")
    return [line.decode() for line in lines]


def _is_ready(served: ServedGateway) -> bool:
    return httpx.get(f"{served.url}/readyz", timeout=30).status_code == httpx.codes.OK


def _stop(process: Process) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGCONT)
    process.terminate()
    try:
        assert process.wait(_STOP_TIME) == 0, "the gateway did not end well"
    finally:
        process.kill()
        process.wait()
