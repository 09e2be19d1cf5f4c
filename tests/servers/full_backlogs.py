"""A port that is listened on, and whose connections are never made: the kernel drops what asks for one."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta

_MOST_TRIES = 10

IN_NO_HURRY_BUT_TO_CONNECT = {"connect_timeout": timedelta(seconds=0.2), "timeout": timedelta(seconds=30)}
"""Settings by which only the time for connecting can be over within a test."""


@contextmanager
def full_backlog() -> Iterator[int]:
    """Listen on 127.0.0.1 with no room for another connection, and tell the port."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.socket())
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        address = listening.getsockname()
        with suppress(TimeoutError):
            for _ in range(_MOST_TRIES):
                waiting = stack.enter_context(socket.socket())
                waiting.settimeout(0.5)
                waiting.connect(address)
        yield address[1]
