"""Nobody learns who has an account: neither by what is said, nor by how long it takes (security S13)."""

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import cycle
from typing import Any

import httpx
import pytest

from tests.conftest import Realm
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.toan.answers import refusal, require_done
from tests.surfaces.toan.client import Toan
from tests.surfaces.witness import Witness

_WRONG = "Wr0ng!word"
_ROUNDS = 20
# With so many samples a side chance alone moves the rank statistic by 0.092; nearly four times that is no chance.
_BAND = 0.35


# Nearer to what Keycloak does by default than the hash of one round that tests are quick with.
_COSTLY = "hashAlgorithm(pbkdf2-sha256) and hashIterations(10000)"

Call = Callable[[], httpx.Response]


@pytest.fixture(scope="module")
def patient(apart: Apart, witness: Witness) -> Iterator[Toan]:
    """A gateway with a floor above the time that Keycloak takes on this machine, at this moment."""
    with witness.realm_with(passwordPolicy=_COSTLY):
        settings = {"LIMITS__REFUSAL_FLOOR": f"{_floor(witness):.3f}", "TOAN__MAIL_LIMIT": "1000"}
        with served_gateway(apart(**settings)) as served, served.client() as client:
            yield Toan(client)


def _floor(witness: Witness) -> float:
    """Take twice the slowest of some guesses and some time for the rest, seconds; the setting ends at one."""
    form = {"grant_type": "password", "username": "nobody", "password": _WRONG}
    needed = 0.03 + 2 * max(_timed(partial(witness.grant, "gateway", **form)) for _ in range(10))
    if needed > 1:
        pytest.skip("this machine is too busy to compare times")
    return needed


@pytest.fixture(scope="module")
def refused(patient: Toan, realm: Realm) -> dict[str, Call]:
    """Reason → a sign-in that is refused for it; each goes round several people, so that none gets locked."""
    make_person = PersonMaker(realm)
    locked = make_person()
    for _ in range(5):
        patient.login(locked.username, _WRONG)

    def taking_turns(guess: str, **options: Any) -> Call:  # noqa: ANN401 - a person's options, passed on
        names = cycle([make_person(**options).username for _ in range(_ROUNDS // 4 + 1)])
        return lambda: patient.login(next(names), guess)

    return {
        "wrong password": taking_turns(_WRONG),
        "unknown": lambda: patient.login(f"nobody-{secrets.token_hex(4)}", _WRONG),
        "no password": taking_turns(_WRONG, password=None),
        "disabled": taking_turns(locked.password, enabled=False),
        "second factor": taking_turns(locked.password, totp="a-key-of-twenty-char"),
        "locked": lambda: patient.login(locked.username, locked.password),
    }


def test_every_refusal_says_the_same(refused: Mapping[str, Call]) -> None:
    answers = {reason: login() for reason, login in refused.items()}
    said = {(each.status_code, each.content, tuple(sorted(each.headers))) for each in answers.values()}
    assert len(said) == 1
    refusal(answers["unknown"], 401)


def test_every_refusal_takes_as_long(refused: Mapping[str, Call]) -> None:
    times = _interleaved(refused)
    told = {reason: _ranked_above(each, times["wrong password"]) for reason, each in times.items()}
    assert {reason: rank for reason, rank in told.items() if abs(rank - 0.5) > _BAND} == {}


def test_reset_takes_as_long_for_whomever(patient: Toan, make_person: PersonMaker) -> None:
    person, disabled = make_person(), make_person(enabled=False)
    asked: dict[str, Call] = {
        "known": lambda: patient.reset(person.username),
        "unknown": lambda: patient.reset(f"nobody-{secrets.token_hex(4)}"),
        "disabled": lambda: patient.reset(disabled.username),
    }
    for each in asked.values():
        require_done(each())
    times = _interleaved(asked)
    told = {reason: _ranked_above(each, times["known"]) for reason, each in times.items()}
    assert {reason: rank for reason, rank in told.items() if abs(rank - 0.5) > _BAND} == {}


def _interleaved(calls: Mapping[str, Call]) -> dict[str, list[float]]:
    """Measure seconds; each round makes every call once, in another order, so that load falls on all alike."""
    times: dict[str, list[float]] = {reason: [] for reason in calls}
    names = list(calls)
    for number in range(_ROUNDS):
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
