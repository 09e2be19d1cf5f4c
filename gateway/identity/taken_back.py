"""What is counted before it is done, and forgotten when nothing comes of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def taken_back(*nothing: type[BaseException]) -> Iterator[list[Callable[[], None]]]:
    """Take back what was counted inside, when that ends in one of these.

    Args:
        nothing: what shows that nothing came of it.

    Yields:
        Where to put how a count is taken back, once it was counted for certain: otherwise every outage would make room
        in the limits.
    """
    counted: list[Callable[[], None]] = []
    try:
        yield counted
    except nothing:
        for take_back in counted:
            take_back()
        raise
