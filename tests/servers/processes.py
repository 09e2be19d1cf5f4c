"""Processes of the gateway, each with its own variables, as an operator starts them."""

import atexit
import functools
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import psutil

_ROOM = 64


class Forked:
    """A process that the forker started."""

    def __init__(self, pid: int, status: int) -> None:
        """Take its id, and the pipe that tells its end."""
        self.pid = pid
        self._status = status
        self._ended: int | None = None

    def poll(self) -> int | None:
        """Return its exit status, negative for a signal; None while it runs."""
        return self._read(0)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Args:
            timeout: longest wait, seconds.

        Raises:
            TimeoutExpired: it still runs.
        """
        ended = self._read(timeout)
        if ended is None:
            raise subprocess.TimeoutExpired("gateway", timeout or 0)
        return ended

    def send_signal(self, number: int) -> None:
        """Send it a signal, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)

    def _read(self, timeout: float | None) -> int | None:
        if self._ended is None and select.select([self._status], [], [], timeout)[0]:
            self._ended = int(os.read(self._status, _ROOM) or b"-9")
            os.close(self._status)
        return self._ended


class Forker:
    """Starts them without loading the gateway anew for each (`tests/servers/forker.py`)."""

    def __init__(self) -> None:
        """Begin to load it."""
        self._one_at_a_time = threading.Lock()
        self._asking, answering = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with answering:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "tests.servers.forker", str(answering.fileno())],
                pass_fds=[answering.fileno()],
                stdin=subprocess.DEVNULL,
            )

    def start(
        self, arguments: Sequence[str], variables: Mapping[str, str], stdout: IO[bytes], stderr: IO[bytes]
    ) -> Forked:
        """Start `gateway …`.

        Args:
            arguments: what is typed behind it.
            variables: all that it has.
            stdout: where its output goes.
            stderr: where its errors go.
        """
        what = json.dumps({"arguments": [*arguments], "variables": {**variables}, "folder": str(Path.cwd())}).encode()
        told, telling = os.pipe()
        with Path(os.devnull).open("rb") as nothing, self._one_at_a_time:
            streams = [each.fileno() for each in (nothing, stdout, stderr)]
            socket.send_fds(self._asking, [what], [*streams, telling])
            pid = int(self._asking.recv(_ROOM))
        os.close(telling)
        return Forked(pid, told)

    def end(self) -> None:
        """End it, and all that it started."""
        self._asking.close()
        self._process.wait()


@functools.cache
def forker() -> Forker:
    """Return the one of this process, which ends with it."""
    made = Forker()
    atexit.register(made.end)
    return made


def lives(pid: int) -> bool:
    """Say whether a process runs; one that has ended and that nobody has asked about does not."""
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
