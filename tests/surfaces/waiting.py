"""Waiting for what the gateway does after its answer."""

import time
from collections.abc import Callable

_PATIENCE = 20.0


def until(is_so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + _PATIENCE
    while not is_so():
        assert time.monotonic() < deadline, f"it was not so within {_PATIENCE:g} s"
        time.sleep(0.2)
