"""Several calls at the same moment."""

import time
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

import httpx

T = TypeVar("T")

_ROUNDS = 5
TOO_SLOW = (httpx.codes.SERVICE_UNAVAILABLE, httpx.codes.TOO_MANY_REQUESTS)
"""What is told where Keycloak is slow, also of tries that have waited too long for their turn (security S3)."""

# Seconds after which a gateway that has given Keycloak up asks it again.
_PROBED = 2.5


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


def undisturbed(
    race: Callable[[], list[httpx.Response]], *, by: Collection[int] = (httpx.codes.SERVICE_UNAVAILABLE,)
) -> list[httpx.Response]:
    """Run a race that says nothing when Keycloak was too slow for it: then it is run anew.

    Args:
        race: makes its own people, makes their calls, and checks what must hold in any case.
        by: statuses by which that is told.

    Returns:
        The answers of the first round in which Keycloak was always there.
    """
    for _ in range(_ROUNDS):
        answers = race()
        if not any(each.status_code in by for each in answers):
            return answers
        time.sleep(_PROBED)
    raise AssertionError(f"Keycloak was too slow for each of {_ROUNDS} rounds")
