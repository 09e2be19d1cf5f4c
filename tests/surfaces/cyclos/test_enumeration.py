"""Nobody learns who has an account: by what is said, or by how long it takes (contract sections 4 and 12)."""

import secrets
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import OrganizationMaker, PersonMaker
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
    patient: Cyclos,
    make_person: PersonMaker,
    make_organization: OrganizationMaker,
    ask: Callable[[Cyclos, str, str], httpx.Response],
) -> None:
    elsewhere = patient.within(make_organization().alias)
    refused = partial(_refused, patient, elsewhere, make_person, ask)
    for call in refused().values():
        refusal(call(), 401, code="login")
    assert telling(refused, "wrong password") == {}


def _refused(
    patient: Cyclos, elsewhere: Cyclos, make_person: PersonMaker, ask: Callable[[Cyclos, str, str], httpx.Response]
) -> dict[str, Call]:
    """Reason → a request that is refused for it; each goes round several people, so that none gets locked."""
    locked = make_person()
    for _ in range(5):
        patient.login(locked.username, _WRONG)
    several = range(ROUNDS // 4 + 1)
    people, strangers = cycle([make_person().email for _ in several]), cycle([make_person() for _ in several])
    disabled = cycle([make_person(enabled=False).username for _ in several])
    without = cycle([make_person(password=None).username for _ in several])

    def no_member() -> httpx.Response:
        stranger = next(strangers)
        return ask(elsewhere, stranger.username, stranger.password)

    return {
        "unknown": lambda: ask(patient, _nobody(), _WRONG),
        "wrong password": lambda: ask(patient, next(people), _WRONG),
        "locked": partial(ask, patient, locked.username, locked.password),
        "disabled": lambda: ask(patient, next(disabled), _WRONG),
        "no password": lambda: ask(patient, next(without), _WRONG),
        "no member": no_member,
    }
