"""Several calls at the same moment."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

T = TypeVar("T")


def at_once(calls: Iterable[Callable[[], T]]) -> list[T]:
    """Make all calls start together.

    Returns:
        Their answers, in the order of the calls.
    """
    waiting = list(calls)
    start = Barrier(len(waiting))

    def started(call: Callable[[], T]) -> T:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(waiting)) as pool:
        return list(pool.map(started, waiting))
