"""Runs a command and ends it, with all that it started, as soon as whoever started this guard is gone.

`guard.py REPORT COMMAND…`: standard input is a pipe that nobody writes to; its end tells that the other side has
stopped, whichever way, SIGKILL included. The command gets a process group of its own, whose id is written to the
descriptor REPORT. Runs as a script and imports only the standard library, because it starts once for each child.
"""

import ctypes
import os
import select
import signal
import subprocess
import sys

_PATIENCE = 10.0
_PR_SET_PDEATHSIG = 1


def _die_with_the_guard() -> None:
    """Let Linux end the command even when the guard itself is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _signal_group(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return


def _end(child: subprocess.Popen[bytes]) -> None:
    _signal_group(child.pid, signal.SIGCONT)
    _signal_group(child.pid, signal.SIGTERM)
    try:
        child.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        pass
    finally:
        _signal_group(child.pid, signal.SIGKILL)


def main(report: int, command: list[str]) -> int:
    """Run the command; return its exit status."""
    ended, at_end = os.pipe()
    os.set_blocking(at_end, False)
    signal.set_wakeup_fd(at_end)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        process_group=0,
        preexec_fn=_die_with_the_guard,  # noqa: PLW1509 - one thread only; there is no other place for prctl
    )
    os.write(report, b"%d\n" % child.pid)
    os.close(report)
    while child.poll() is None:
        readable, _, _ = select.select([sys.stdin, ended], [], [])
        if sys.stdin in readable:
            break
        os.read(ended, 64)
    _end(child)
    return child.wait()


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
