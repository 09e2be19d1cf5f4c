import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from devstack.children import finished, free_port, is_free, running, wait_until
from devstack.faults import StackFault
from tests.devstack.processes import python
from tests.servers.processes import lives
from tests.servers.waiting import until

# Like kc.sh: a shell that starts the real program and waits for it, and writes down both.
_SHELL = 'sleep 600 & echo $! > "$0/inner"; echo $$ > "$0/outer"; wait'
_PARENT = """
import sys, time
from pathlib import Path
from devstack.children import running
with running("The shell", ["/bin/sh", "-c", sys.argv[1], sys.argv[2]], log=None):
    time.sleep(600)
"""

_BUILDING_PARENT = """
import sys
from pathlib import Path
from devstack.children import finished
finished("The build", ["/bin/sh", "-c", sys.argv[1], sys.argv[2]], log=Path(sys.argv[2]) / "log")
"""


def _written(folder: Path) -> list[int]:
    files = [folder / "inner", folder / "outer"]
    until(lambda: all(file.exists() and file.read_text(encoding="utf-8") for file in files))
    return [int(file.read_text(encoding="utf-8")) for file in files]


def _require_gone(pids: list[int]) -> None:
    until(lambda: not any(map(lives, pids)))


def test_child_and_its_children_end_with_the_block(tmp_path: Path) -> None:
    with running("The shell", ["/bin/sh", "-c", _SHELL, str(tmp_path)], log=None):
        pids = _written(tmp_path)
        assert all(map(lives, pids))
    _require_gone(pids)


@pytest.mark.parametrize("program", [_PARENT, _BUILDING_PARENT], ids=["a server", "a build"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_child_and_its_children_end_when_the_parent_is_killed(tmp_path: Path, number: int, program: str) -> None:
    with python(program, _SHELL, str(tmp_path)) as parent:
        pids = _written(tmp_path)
        parent.send_signal(number)
        parent.wait(30)
    _require_gone(pids)


def test_a_command_that_has_failed_is_told_with_its_last_words(tmp_path: Path) -> None:
    finished("The build", ["/bin/sh", "-c", "exit 0"], log=tmp_path / "good")
    with pytest.raises(StackFault, match=r"(?s)The build failed; its last words:.*no room left"):
        finished("The build", ["/bin/sh", "-c", "echo no room left; exit 3"], log=tmp_path / "bad")


def test_frozen_child_ends_when_the_parent_is_killed(tmp_path: Path) -> None:
    with python(_PARENT, _SHELL, str(tmp_path)) as parent:
        pids = _written(tmp_path)
        os.killpg(pids[1], signal.SIGSTOP)
        parent.kill()
        parent.wait(30)
    _require_gone(pids)


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_child_ends_even_when_its_guard_is_killed(tmp_path: Path) -> None:
    command = ["/bin/sh", "-c", f'trap "kill $!" TERM; {_SHELL}', str(tmp_path)]
    with running("The shell", command, log=None) as child:
        outer = _written(tmp_path)[1]
        child.guard.kill()
        _require_gone([outer])
        child.kill()


def test_frozen_child_goes_on_when_thawed(tmp_path: Path) -> None:
    ticking = "import time\nwhile True: print('tick', flush=True); time.sleep(0.02)"
    log = tmp_path / "log"
    with running("The clock", [sys.executable, "-c", ticking], log=log) as child:
        until(lambda: log.stat().st_size > 0)
        child.freeze()
        until(lambda: psutil.Process(child.group).status() == psutil.STATUS_STOPPED)
        before = log.stat().st_size
        time.sleep(0.2)
        assert log.stat().st_size == before
        child.thaw()
        until(lambda: log.stat().st_size > before)


def test_child_that_fails_at_once_is_told_with_its_last_words(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "print('out of cheese'); raise SystemExit(3)"]
    with (
        running("The machine", command, log=tmp_path / "log") as child,
        pytest.raises(StackFault, match=r"The machine stopped while it started.*\nout of cheese"),
    ):
        wait_until(child, lambda: False, within=20)


def test_child_that_is_never_ready_is_told(tmp_path: Path) -> None:
    with (
        running("The sleeper", ["/bin/sh", "-c", "echo zzz; sleep 600"], log=tmp_path / "log") as child,
        pytest.raises(StackFault, match=r"The sleeper was not ready within 0\.3 s"),
    ):
        wait_until(child, lambda: False, within=0.3)


def test_program_that_is_not_there_is_told(tmp_path: Path) -> None:
    command = [str(tmp_path / "absent")]
    with (
        pytest.raises(StackFault, match=r"Redis cannot be started: .*absent does not run"),
        running("Redis", command, log=tmp_path / "log"),
    ):
        raise AssertionError("it cannot run")


def test_port_in_use_is_not_free() -> None:
    port = free_port()
    assert is_free(port)
    listening = f"import socket\ns = socket.create_server(('127.0.0.1', {port}))\nprint('on', flush=True)\ninput()"
    with python(listening) as listener:
        assert listener.stdout
        listener.stdout.readline()
        assert not is_free(port)
        listener.kill()
