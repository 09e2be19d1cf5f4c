"""Whether times tell anything: calls measured in turn, so that load falls on all alike (security S13)."""

import time
from collections.abc import Callable, Mapping
from functools import partial

import httpx
import pytest

from tests.surfaces.witness import Witness

ROUNDS = 20
# With so many samples a side chance alone moves the rank statistic by 0.092; nearly four times that is no chance.
_BAND = 0.35

COSTLY = "hashAlgorithm(pbkdf2-sha256) and hashIterations(10000)"
"""Nearer to what Keycloak does by default than the hash of one round that tests are quick with."""

Call = Callable[[], httpx.Response]


def floor_for(witness: Witness, guess: str) -> float:
    """Take twice the slowest of some guesses and some time for the rest, seconds; the setting ends at one."""
    form = {"grant_type": "password", "username": "nobody", "password": guess}
    needed = 0.03 + 2 * max(_timed(partial(witness.grant, "gateway", **form)) for _ in range(10))
    if needed > 1:
        pytest.skip("this machine is too busy to compare times")
    return needed


def telling(calls: Mapping[str, Call], reference: str) -> dict[str, float]:
    """Name the calls that are told from one of them by their time, each with its rank; there should be none."""
    times = _interleaved(calls)
    ranks = {reason: _ranked_above(each, times[reference]) for reason, each in times.items()}
    return {reason: rank for reason, rank in ranks.items() if abs(rank - 0.5) > _BAND}


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
