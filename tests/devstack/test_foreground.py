"""`make run`, to its end: it serves, its calls work as they are printed, and after Ctrl-C nothing is left."""

import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from devstack.environment import PROJECT, without_gateway
from tests.servers.processes import lives
from tests.servers.waiting import until

_START_TIME = 300.0
_STOP_TIME = 60.0
_CALL = re.compile(r"^  (\w+)\n  (curl .*)\n", re.MULTILINE)
_ANSWERED = {
    "toan": "access_token",
    "pipeshub": "allowedMethods",
    "nap": "tokens",
    "cyclos": "sessionToken",
    "kestra": "access_token",
}
"""Surface → what the answer to its first call holds."""


@dataclass(frozen=True, slots=True)
class Running:
    """The command at a terminal.

    Attributes:
        process: its own; the leader of its group.
        output: the file that it prints to.
    """

    process: subprocess.Popen[bytes]
    output: Path

    def calls(self) -> dict[str, str]:
        """Wait for the calls that it prints; surface → what to paste."""
        deadline = time.monotonic() + _START_TIME
        while len(found := dict(_CALL.findall(self.output.read_text(encoding="utf-8")))) < len(_ANSWERED):
            assert self.process.poll() is None, self.output.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, self.output.read_text(encoding="utf-8")
            time.sleep(0.2)
        return found


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """One with servers of its own."""
    with (tmp_path / "shown").open("wb") as shown:
        process = subprocess.Popen(
            [sys.executable, "-m", "devstack", "run"],
            cwd=PROJECT,
            env={name: each for name, each in without_gateway().items() if not name.startswith("STACK_")},
            stdout=shown,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield Running(process, tmp_path / "shown")
    finally:
        process.terminate()
        process.wait(_STOP_TIME)


def test_calls_work_as_printed_and_nothing_is_left_after_ctrl_c(running: Running) -> None:
    answers = {surface: _pasted(call) for surface, call in running.calls().items()}
    for surface, member in _ANSWERED.items():
        assert f'"{member}"' in answers[surface], answers[surface]
    process = running.process
    children = psutil.Process(process.pid).children(recursive=True)
    commands = [_command(each) for each in children]
    for part in ("java", "redis-server", "gateway"):
        assert [each for each in commands if part in each], commands
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(_STOP_TIME) == 0
    # What a shell has left behind is killed, and still has to die.
    until(lambda: [each for each in children if each.is_running() and lives(each.pid)] == [])


def _pasted(call: str) -> str:
    return subprocess.run(  # noqa: S603 - a call that the command itself has printed
        [*shlex.split(call), "--noproxy", "*"], capture_output=True, text=True, timeout=30, check=True
    ).stdout


def _command(process: psutil.Process) -> str:
    """Read what a process runs; nothing, of one that has ended."""
    with suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""
