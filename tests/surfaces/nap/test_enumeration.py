"""Nobody learns by the time that a login takes who has an account (contract section 5, security S13)."""

import secrets
from collections.abc import Iterator
from functools import partial
from itertools import cycle

import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.nap.client import Nap
from tests.surfaces.nap.people import Members
from tests.surfaces.timing import COSTLY, ROUNDS, Call, floor_for, telling
from tests.surfaces.witness import Witness

_WRONG = "Wr0ng!word"


@pytest.fixture(scope="module")
def patient(nap_apart: Apart, witness: Witness) -> Iterator[Nap]:
    """A gateway with a floor above the time that Keycloak takes on this machine, at this moment."""
    with witness.realm_with(passwordPolicy=COSTLY):
        settings = {"LIMITS__REFUSAL_FLOOR": f"{floor_for(witness, _WRONG):.3f}"}
        with served_gateway(nap_apart(**settings, NAP__MULTITENANCY="true")) as served, served.client() as client:
            yield Nap(client)


def test_a_refused_login_takes_as_long_for_whatever_reason(
    patient: Nap, members: Members, make_person: PersonMaker
) -> None:
    assert telling(partial(_refused, patient, members, make_person), "wrong password") == {}


def _refused(patient: Nap, members: Members, make_person: PersonMaker) -> dict[str, Call]:
    """Reason → a login that is refused for it; each goes round several people, so that none gets locked."""
    locked = make_person()
    for _ in range(5):
        patient.login(locked.email, _WRONG)
    several = range(ROUNDS // 4 + 1)
    known = cycle([members(1).person.email for _ in several])
    disabled = cycle([make_person(enabled=False).email for _ in several])
    without = cycle([make_person(password=None).email for _ in several])
    return {
        "unknown": lambda: patient.login(f"nobody-{secrets.token_hex(4)}@example.test", _WRONG),
        "wrong password": lambda: patient.login(next(known), _WRONG),
        "disabled": lambda: patient.login(next(disabled), _WRONG),
        "no password": lambda: patient.login(next(without), _WRONG),
        "locked": lambda: patient.login(locked.email, locked.password),
    }
