"""Whether times tell anything: calls measured in turn, so that load falls on all alike (security S13)."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from statistics import median

import httpx

from tests.surfaces.witness import Witness

ROUNDS = 60
"""Samples of each call."""

_BAND = 0.15
# Seconds by which a median may differ.
_APART = 0.005
# Chance alone moves the rank statistic of so many samples by 0.053, and a busy machine a median: what is only seen at
# times tells nobody anything.
_SERIES = 4
_GREATEST_FLOOR = 1.0

COSTLY = "hashAlgorithm(pbkdf2-sha256) and hashIterations(10000)"
"""Nearer to what Keycloak does by default than the hash of one round that tests are quick with."""

Call = Callable[[], httpx.Response]


def floor_for(witness: Witness, guess: str) -> float:
    """Take twice the slowest of some guesses and some time for the rest, seconds; the setting ends at one."""
    form = {"grant_type": "password", "username": "nobody", "password": guess}
    needed = 0.03 + 2 * max(_timed(partial(witness.grant, "gateway", **form)) for _ in range(10))
    return min(needed, _GREATEST_FLOOR)


def telling(calls: Callable[[], Mapping[str, Call]], reference: str) -> dict[str, tuple[float, float]]:
    """Name the calls that are told from one of them by their time in every series; there should be none.

    Args:
        calls: makes the calls for one series.
        reference: the one that the others are compared with.

    Returns:
        Call → its rank, 0.5 when time tells nothing, and by how many seconds its median differs; of the last series.
    """
    suspects: dict[str, tuple[float, float]] = {}
    for number in range(_SERIES):
        times = _interleaved(
            {name: each for name, each in calls().items() if number == 0 or name in {reference, *suspects}}
        )
        told = {name: _compared(each, times[reference]) for name, each in times.items()}
        suspects = {name: each for name, each in told.items() if _tells(*each)}
        if not suspects:
            break
    return suspects


def _compared(ours: list[float], theirs: list[float]) -> tuple[float, float]:
    return _ranked_above(ours, theirs), median(ours) - median(theirs)


def _tells(rank: float, apart: float) -> bool:
    return abs(rank - 0.5) > _BAND or abs(apart) > _APART


def _interleaved(calls: Mapping[str, Call]) -> dict[str, list[float]]:
    """Measure seconds; each round makes every call once, in another order, so that load falls on all alike."""
    times: dict[str, list[float]] = {reason: [] for reason in calls}
    names = list(calls)
    for number in range(ROUNDS):
        first = number % len(names)
        for reason in (*names[first:], *names[:first]):
            times[reason].append(_timed(calls[reason]))
    return times


def _timed(call: Call) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _ranked_above(ours: list[float], theirs: list[float]) -> float:
    """Say how often one of ours took longer than one of theirs: 0.5 when time tells nothing (area under the curve)."""
    above = sum((one > other) + (one == other) / 2 for one in ours for other in theirs)
    return above / (len(ours) * len(theirs))
