"""Turns the end that a terminal or a supervisor asks for into an orderly one."""

import signal
from types import FrameType
from typing import NoReturn


def obey() -> None:
    """Let every request to end do so by unwinding, so that all children are stopped.

    SIGINT is named too: a shell that starts a process in the background lets it ignore that one.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # else it runs under nohup
        signal.signal(signal.SIGHUP, _interrupt)


def until_signalled() -> None:
    """Wait for the end."""
    while True:
        signal.pause()


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
