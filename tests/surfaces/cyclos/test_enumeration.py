"""Nobody learns who has an account: by what is said, or by how long it takes (contract sections 4 and 12)."""

import secrets
from collections.abc import Callable, Iterator
from functools import partial
from itertools import cycle

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import Organization, OrganizationMaker, Person, PersonMaker
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
    _require_alike(partial(_refused, partial(ask, patient), make_person))


def test_whoever_is_no_member_of_a_network_is_told_from_nobody(
    patient: Cyclos, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    acme = make_organization()
    _require_alike(partial(_refused_within, patient.within(acme.alias).login, acme, make_person))


def _require_alike(refused: Callable[[], dict[str, Call]]) -> None:
    for call in refused().values():
        refusal(call(), 401, code="login")
    assert telling(refused, "wrong password") == {}


def _refused(ask: Callable[[str, str], httpx.Response], make_person: PersonMaker) -> dict[str, Call]:
    """Reason → a request that is refused for it."""
    locked = make_person()
    for _ in range(5):
        ask(locked.username, _WRONG)
    known, disabled, without = (
        _guessed_at(partial(make_person, **made)) for made in ({}, {"enabled": False}, {"password": None})
    )
    return {
        "unknown": lambda: ask(_nobody(), _WRONG),
        "wrong password": lambda: ask(next(known).email, _WRONG),
        "locked": partial(ask, locked.username, locked.password),
        "disabled": lambda: ask(next(disabled).username, _WRONG),
        "no password": lambda: ask(next(without).username, _WRONG),
    }


def _refused_within(
    ask: Callable[[str, str], httpx.Response], network: Organization, make_person: PersonMaker
) -> dict[str, Call]:
    """Do the same at the address of a network."""
    members, others = _guessed_at(partial(make_person, organizations=[network])), _guessed_at(make_person)

    def no_member() -> httpx.Response:
        other = next(others)
        return ask(other.username, other.password)

    return {
        "unknown": lambda: ask(_nobody(), _WRONG),
        "wrong password": lambda: ask(next(members).email, _WRONG),
        "no member": no_member,
    }


def _guessed_at(make: Callable[[], Person]) -> Iterator[Person]:
    """Make people of whom each is guessed at four times at most, so that nobody gets locked."""
    return cycle([make() for _ in range(ROUNDS // 4 + 1)])
