"""Loads the gateway once, and becomes `gateway …` in a new process whenever it is asked.

`python -m tests.servers.forker SOCKET`: the socket takes one message for each process: its arguments, variables and
folder as JSON, with its standard input, output and error and a pipe for its exit status. What loading costs, a second
or two of the processor, is paid once; from there on a process is what it is for an operator. When the other end of the
socket has gone, so have all that were started.
"""

import json
import os
import select
import signal
import socket
import sys
import time
import traceback
from typing import Any

# All that `gateway serve` and the other commands load, before there is a first process.
from gateway import cli

_MOST = 1 << 20
_STREAMS = 3


def main(number: int) -> None:
    """Serve the socket with this number until it ends."""
    running: dict[int, int] = {}
    woken, at_end = os.pipe()
    os.set_blocking(at_end, False)
    signal.set_wakeup_fd(at_end)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    with socket.socket(fileno=number) as asked:
        try:
            _serve(asked, woken, running)
        finally:
            for pid in running:
                os.kill(pid, signal.SIGKILL)


def _serve(asked: socket.socket, woken: int, running: dict[int, int]) -> None:
    while True:
        readable, _, _ = select.select([asked.fileno(), woken], [], [])
        if woken in readable:
            os.read(woken, _MOST)
            _report(running)
        if asked.fileno() in readable:
            message, streams, _, _ = socket.recv_fds(asked, _MOST, _STREAMS + 1)
            if not message:
                return
            *streams, status = streams
            pid = os.fork()
            if pid == 0:
                for each in (asked.fileno(), status, *running.values()):
                    os.close(each)
                _become(json.loads(message), streams)
            for each in streams:
                os.close(each)
            running[pid] = status
            asked.send(str(pid).encode())


def _become(what: dict[str, Any], streams: list[int]) -> None:
    """Be the command; never returns."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.chdir(what["folder"])
    os.environ.clear()  # noqa: TID251 - the process is another one from here on
    os.environ.update(what["variables"])  # noqa: TID251 - the same
    time.tzset()
    sys.argv = ["gateway", *what["arguments"]]
    sys.stdin, sys.stdout = open(0), open(1, "w", encoding="utf-8")  # noqa: SIM115 - till the process ends
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1)  # noqa: SIM115 - the same
    os._exit(_status())


def _status() -> int:
    status: object = 0
    try:
        cli.main()
    except SystemExit as end:
        status = end.code
    except BaseException:  # noqa: BLE001 - as the interpreter does at its end
        traceback.print_exc()
        status = 1
    for each in (sys.stdout, sys.stderr):
        each.flush()
    if status is None or isinstance(status, int):
        return status or 0
    sys.stderr.write(f"{status}\n")
    return 1


def _report(running: dict[int, int]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        pipe = running.pop(pid)
        os.write(pipe, str(os.waitstatus_to_exitcode(status)).encode())
        os.close(pipe)


if __name__ == "__main__":
    main(int(sys.argv[1]))
