"""Waiting for what the gateway does after its answer."""

import time
from collections.abc import Callable


def until(is_so: Callable[[], bool], *, within: float = 20.0) -> None:
    """Wait until it is so, for so many seconds at most."""
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, f"it was not so within {within:g} s"
        time.sleep(0.2)
