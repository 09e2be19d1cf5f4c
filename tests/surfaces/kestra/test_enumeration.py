"""Nobody learns who has an account: by what is said, or by how long it takes (contract sections 1.2, 1.4 and 5)."""

import secrets
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.client import Kestra, require_done
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.timing import COSTLY, ROUNDS, Call, floor_for, telling
from tests.surfaces.witness import Witness

_WRONG = "Wr0ng!word"


@pytest.fixture(scope="module")
def patient(kestra_apart: Apart, witness: Witness) -> Iterator[Kestra]:
    """A gateway with a floor above the time that Keycloak takes on this machine, at this moment."""
    with witness.realm_with(passwordPolicy=COSTLY):
        settings = {"LIMITS__REFUSAL_FLOOR": f"{floor_for(witness, _WRONG):.3f}"}
        with served_gateway(kestra_apart(**settings)) as served, served.client() as client:
            yield Kestra(client)


def _nobody() -> str:
    return f"nobody-{secrets.token_hex(4)}@example.test"


@pytest.mark.parametrize("ask", [Kestra.forgot, Kestra.request_code])
def test_a_request_says_and_takes_the_same_for_whomever(
    kestra: Kestra, make_person: PersonMaker, ask: Callable[[Kestra, str], httpx.Response]
) -> None:
    known, disabled = make_person(), make_person(enabled=False)
    calls: dict[str, Call] = {
        "known": partial(ask, kestra, known.email),
        "unknown": lambda: ask(kestra, _nobody()),
        "disabled": partial(ask, kestra, disabled.email),
    }
    answers = [call() for call in calls.values()]
    for answer in answers:
        require_done(answer)
    assert len({(each.content, tuple(sorted(each.headers))) for each in answers}) == 1
    assert telling(lambda: calls, "known") == {}


def test_a_refused_sign_in_takes_as_long_for_whatever_reason(
    patient: Kestra, make_person: PersonMaker, letters: KestraLetters
) -> None:
    assert telling(partial(_refused, patient, make_person, letters), "wrong password") == {}


def _refused(patient: Kestra, make_person: PersonMaker, letters: KestraLetters) -> dict[str, Call]:
    """Reason → a sign-in that is refused for it."""
    locked = make_person()
    for _ in range(5):
        patient.login(locked.username, _WRONG)
    # Each is guessed at twice a turn, and four times at most: nobody gets locked.
    coded = [make_person() for _ in range(ROUNDS // 2 + 1)]
    for person in coded:
        require_done(patient.request_code(person.email))
        letters.code(person)
    wrong, codes = (cycle([each.email for each in coded]) for _ in range(2))
    several = range(ROUNDS // 4 + 1)
    due = cycle([make_person(required_actions=["UPDATE_PROFILE"]) for _ in several])
    disabled = cycle([make_person(enabled=False) for _ in several])
    without = cycle([make_person(password=None).email for _ in several])
    return {
        "unknown": lambda: patient.login(_nobody(), _WRONG),
        "wrong password": lambda: patient.login(next(wrong), _WRONG),
        "wrong code": lambda: patient.login(next(codes), "000000"),
        "no code": lambda: patient.login(_nobody(), "000000"),
        "locked": lambda: patient.login(locked.username, locked.password),
        "action due": lambda: _with_password(patient, next(due)),
        "disabled": lambda: _with_password(patient, next(disabled)),
        "no password": lambda: patient.login(next(without), _WRONG),
    }


def _with_password(patient: Kestra, person: Person) -> httpx.Response:
    return patient.login(person.email, person.password)
