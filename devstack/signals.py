"""Turns the end that a terminal or a supervisor asks for into an orderly one."""

import signal
from types import FrameType
from typing import NoReturn


def obey() -> None:
    """Let SIGTERM and SIGHUP end the process as Ctrl-C does: by unwinding, so that every child is stopped."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)


def until_signalled() -> None:
    """Wait for the end."""
    while True:
        signal.pause()


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
