"""Nobody learns who has an account: by what is said, or by how long it takes (contract sections 4 and 12)."""

import secrets
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import OrganizationMaker, Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, refusal
from tests.surfaces.timing import COSTLY, ROUNDS, Call, floor_for, telling
from tests.surfaces.witness import Witness

_WRONG = "Wr0ng!word"


@pytest.fixture(scope="module")
def patient(cyclos_apart: Apart, witness: Witness) -> Iterator[Cyclos]:
    """A gateway with a floor above the time that Keycloak takes on this machine, at this moment."""
    with witness.realm_with(passwordPolicy=COSTLY):
        settings = {"LIMITS__REFUSAL_FLOOR": f"{floor_for(witness, _WRONG):.3f}"}
        with served_gateway(cyclos_apart(**settings)) as served, served.client() as client:
            yield Cyclos(client)


def _nobody() -> str:
    return f"nobody-{secrets.token_hex(4)}@example.test"


@pytest.mark.parametrize("ask", [Cyclos.login, Cyclos.auth])
def test_a_refusal_says_and_takes_the_same_for_whatever_reason(
    patient: Cyclos, make_person: PersonMaker, ask: Callable[[Cyclos, str, str], httpx.Response]
) -> None:
    locked, disabled, without = make_person(), make_person(enabled=False), make_person(password=None)
    for _ in range(5):
        patient.login(locked.username, _WRONG)
    people = _guessed_at(make_person)
    calls: dict[str, Call] = {
        "unknown": lambda: ask(patient, _nobody(), _WRONG),
        "wrong password": lambda: ask(patient, next(people).email, _WRONG),
        "locked": partial(ask, patient, locked.username, locked.password),
        "disabled": partial(ask, patient, disabled.username, _WRONG),
        "no password": partial(ask, patient, without.username, _WRONG),
    }
    for call in calls.values():
        refusal(call(), 401, code="login")
    assert telling(calls, "wrong password") == {}


def test_whoever_is_no_member_of_a_network_is_told_from_nobody(
    patient: Cyclos, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    acme = make_organization()
    here = patient.within(acme.alias)
    members, others = _guessed_at(partial(make_person, organizations=[acme])), _guessed_at(make_person)

    def no_member() -> httpx.Response:
        other = next(others)
        return here.login(other.username, other.password)

    calls: dict[str, Call] = {
        "unknown": lambda: here.login(_nobody(), _WRONG),
        "wrong password": lambda: here.login(next(members).email, _WRONG),
        "no member": no_member,
    }
    for call in calls.values():
        refusal(call(), 401, code="login")
    assert telling(calls, "wrong password") == {}


def _guessed_at(make: Callable[[], Person]) -> Iterator[Person]:
    """Make people of whom each is guessed at four times at most, so that nobody gets locked."""
    return cycle([make() for _ in range(ROUNDS // 3 + 1)])
