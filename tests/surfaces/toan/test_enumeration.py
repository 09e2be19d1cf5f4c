"""Nobody learns who has an account: neither by what is said, nor by how long it takes (security S13)."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from statistics import median

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.answers import refusal, require_done
from tests.surfaces.toan.client import Toan

_WRONG = "Wr0ng!word"
_ROUNDS = 40
# With forty samples a side chance alone moves the rank statistic by 0.065; four times that is no chance.
_BAND = 0.26


@pytest.fixture(scope="module")
def patient(apart: Apart) -> Iterator[Toan]:
    """A gateway with a floor above Keycloak's own time, which locks only after a hundred failures."""
    settings = {
        "LIMITS__REFUSAL_FLOOR": "0.1",
        "LIMITS__REFUSAL_JITTER": "0.02",
        "LOCKOUT__MAX_FAILURES": "100",
        "TOAN__MAIL_LIMIT": "1000",
        "LIMITS__MAILS_PER_MAILBOX": "1",
    }
    with served_gateway(apart(**settings)) as served, served.client() as client:
        yield Toan(client)


@pytest.fixture
def refused(patient: Toan, make_person: PersonMaker) -> dict[str, Callable[[], httpx.Response]]:
    """Reason → a sign-in that is refused for it."""
    person, nopassword, disabled = make_person(), make_person(password=None), make_person(enabled=False)
    otto, locked = make_person(totp="a-key-of-twenty-char"), make_person()
    for _ in range(10):
        at_once([lambda: patient.login(locked.username, _WRONG)] * 10)
    return {
        "wrong password": lambda: patient.login(person.username, _WRONG),
        "unknown": lambda: patient.login(f"nobody-{secrets.token_hex(4)}", _WRONG),
        "no password": lambda: patient.login(nopassword.username, _WRONG),
        "disabled": lambda: patient.login(disabled.username, disabled.password),
        "second factor": lambda: patient.login(otto.username, otto.password),
        "locked": lambda: patient.login(locked.username, locked.password),
    }


def test_every_refusal_says_the_same(refused: Mapping[str, Callable[[], httpx.Response]]) -> None:
    answers = {reason: login() for reason, login in refused.items()}
    said = {(each.status_code, each.content, tuple(sorted(each.headers))) for each in answers.values()}
    assert len(said) == 1
    refusal(answers["unknown"], 401)


def test_every_refusal_takes_as_long(refused: Mapping[str, Callable[[], httpx.Response]]) -> None:
    times = _interleaved(refused)
    told = {reason: _ranked_above(each, times["wrong password"]) for reason, each in times.items()}
    assert {reason: rank for reason, rank in told.items() if abs(rank - 0.5) > _BAND} == {}
    medians = {reason: median(each) for reason, each in times.items()}
    assert max(medians.values()) - min(medians.values()) < 0.02, medians


def test_reset_takes_as_long_for_whomever(patient: Toan, make_person: PersonMaker) -> None:
    person, disabled = make_person(), make_person(enabled=False)
    asked: dict[str, Callable[[], httpx.Response]] = {
        "known": lambda: patient.reset(person.username),
        "unknown": lambda: patient.reset(f"nobody-{secrets.token_hex(4)}"),
        "disabled": lambda: patient.reset(disabled.username),
    }
    for each in asked.values():
        require_done(each())
    times = _interleaved(asked)
    told = {reason: _ranked_above(each, times["known"]) for reason, each in times.items()}
    assert {reason: rank for reason, rank in told.items() if abs(rank - 0.5) > _BAND} == {}


def _interleaved(calls: Mapping[str, Callable[[], httpx.Response]]) -> dict[str, list[float]]:
    """Measure seconds; each round makes every call once, in another order, so that load falls on all alike."""
    times: dict[str, list[float]] = {reason: [] for reason in calls}
    names = list(calls)
    for number in range(_ROUNDS):
        reasons = [*names[number % len(names) :], *names[: number % len(names)]]
        for reason, seconds in zip(reasons, at_once([partial(_timed, calls[each]) for each in reasons]), strict=True):
            times[reason].append(seconds)
    return times


def _timed(call: Callable[[], httpx.Response]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _ranked_above(ours: list[float], theirs: list[float]) -> float:
    """Say how often one of ours took longer than one of theirs: 0.5 when time tells nothing (area under the curve)."""
    above = sum((one > other) + (one == other) / 2 for one in ours for other in theirs)
    return above / (len(ours) * len(theirs))
