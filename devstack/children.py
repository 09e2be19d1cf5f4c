"""Child processes that never outlive their parent."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack.faults import StackFault

_GUARD = Path(__file__).with_name("guard.py")
_LOOPBACK = "127.0.0.1"
_POLL = 0.1
_STOP_TIME = 15.0


@dataclass(frozen=True, slots=True)
class Child:
    """A command under guard.

    Attributes:
        name: what the developer calls it.
        guard: the process that watches over it.
        group: its process group, for signals.
        log: what it has written; None when it writes to the terminal.
    """

    name: str
    guard: subprocess.Popen[bytes]
    group: int
    log: Path | None

    def freeze(self) -> None:
        """Stop it in its tracks: it keeps its connections and answers nothing."""
        os.killpg(self.group, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen child go on."""
        os.killpg(self.group, signal.SIGCONT)

    def kill(self) -> None:
        """End it without warning."""
        os.killpg(self.group, signal.SIGKILL)

    def last_lines(self, count: int = 15) -> str:
        """Return the end of what it wrote."""
        if self.log is None:
            return "(see above)"
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-count:])


@contextmanager
def running(
    name: str,
    command: Sequence[str],
    *,
    log: Path | None,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
) -> Iterator[Child]:
    """Run a command until the block ends.

    Args:
        name: what the developer calls it.
        command: program and arguments.
        log: file for its output; None for the terminal.
        environment: its variables; the process's own when left out.
        folder: where it runs; here when left out.
    """
    child = _start(name, command, log, {"env": environment, "cwd": folder})
    try:
        yield child
    finally:
        _stop(child.guard)


def finished(name: str, command: Sequence[str], *, log: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run a command to its end.

    Args:
        name: what the developer calls it.
        command: program and arguments.
        log: file for its output.
        environment: its variables; the process's own when left out.

    Raises:
        StackFault: it failed; with the end of what it wrote.
    """
    with running(name, command, log=log, environment=environment) as child:
        if child.guard.wait() != 0:
            raise StackFault(f"{name} failed; its last words:\n{child.last_lines()}")


def _start(name: str, command: Sequence[str], log: Path | None, surroundings: dict[str, Any]) -> Child:
    report, write_end = os.pipe()
    output = log.open("ab") if log else None
    try:
        guard = subprocess.Popen(
            [sys.executable, "-S", "-E", str(_GUARD), str(write_end), *command],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            **surroundings,
            pass_fds=(write_end,),
            start_new_session=True,  # a Ctrl-C at the terminal is the parent's to act on
        )
    finally:
        os.close(write_end)
        if output:
            output.close()
    with os.fdopen(report) as told:
        group = told.readline()
    if not group:
        _stop(guard)
        raise StackFault(f"{name} cannot be started: {command[0]} does not run on this machine.")
    return Child(name, guard, int(group), log)


def _stop(guard: subprocess.Popen[bytes]) -> None:
    if guard.stdin:
        guard.stdin.close()
    try:
        guard.wait(_STOP_TIME)
    except subprocess.TimeoutExpired:
        guard.kill()
        guard.wait()


def wait_until(child: Child, is_ready: Callable[[], bool], *, within: float, every: float = _POLL) -> None:
    """Wait for a child to be ready.

    Args:
        child: the child.
        is_ready: asked again and again.
        within: longest wait, seconds.
        every: time between two questions, seconds.

    Raises:
        StackFault: it ended or was not ready in time; with the end of its log.
    """
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if is_ready():
            return
        if child.guard.poll() is not None:
            raise StackFault(f"{child.name} stopped while it started; its last words:\n{child.last_lines()}")
        time.sleep(every)
    raise StackFault(f"{child.name} was not ready within {within:g} s; its last words:\n{child.last_lines()}")


def accepts(port: int) -> bool:
    """Tell whether something on loopback listens on the port."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((_LOOPBACK, port)) == 0


def is_free(port: int) -> bool:
    """Tell whether the port can be listened on."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((_LOOPBACK, port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((_LOOPBACK, 0))
        return int(probe.getsockname()[1])
