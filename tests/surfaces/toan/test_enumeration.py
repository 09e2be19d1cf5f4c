"""Nobody learns who has an account: neither by what is said, nor by how long it takes (security S13)."""

import secrets
from collections.abc import Iterator
from functools import partial
from itertools import cycle
from typing import Any

import pytest

from tests.conftest import Realm
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.outages import Wired, recovered
from tests.surfaces.timing import COSTLY, ROUNDS, Call, floor_for, telling
from tests.surfaces.toan.answers import refusal, require_done, tokens
from tests.surfaces.toan.client import Toan
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness

_WRONG = "Wr0ng!word"


@pytest.fixture(scope="module")
def patient(apart: Apart, witness: Witness) -> Iterator[Toan]:
    """A gateway with a floor above the time that Keycloak takes on this machine, at this moment."""
    with witness.realm_with(passwordPolicy=COSTLY):
        settings = {"LIMITS__REFUSAL_FLOOR": f"{floor_for(witness, _WRONG):.3f}", "TOAN__MAIL_LIMIT": "1000"}
        with served_gateway(apart(**settings)) as served, served.client() as client:
            yield Toan(client)


def _refused(patient: Toan, realm: Realm) -> dict[str, Call]:
    """Reason → a sign-in that is refused for it; each goes round several people, so that none gets locked."""
    make_person = PersonMaker(realm)
    locked = make_person()
    for _ in range(5):
        patient.login(locked.username, _WRONG)

    def taking_turns(guess: str, **options: Any) -> Call:  # noqa: ANN401 - a person's options, passed on
        names = cycle([make_person(**options).username for _ in range(ROUNDS // 4 + 1)])
        return lambda: patient.login(next(names), guess)

    return {
        "wrong password": taking_turns(_WRONG),
        "unknown": lambda: patient.login(f"nobody-{secrets.token_hex(4)}", _WRONG),
        "no password": taking_turns(_WRONG, password=None),
        "disabled": taking_turns(locked.password, enabled=False),
        "second factor": taking_turns(locked.password, totp="a-key-of-twenty-char"),
        "locked": lambda: patient.login(locked.username, locked.password),
    }


def test_every_refusal_says_the_same(patient: Toan, realm: Realm) -> None:
    answers = {reason: login() for reason, login in _refused(patient, realm).items()}
    said = {(each.status_code, each.content, tuple(sorted(each.headers))) for each in answers.values()}
    assert len(said) == 1
    refusal(answers["unknown"], 401)


def test_every_refusal_takes_as_long(patient: Toan, realm: Realm) -> None:
    assert telling(partial(_refused, patient, realm), "wrong password") == {}


def test_an_unknown_name_is_judged_by_keycloak_as_well(wired: Wired[Toan], make_person: PersonMaker) -> None:
    toan, person = wired.client, make_person()
    tokens(recovered(lambda: toan.login(person.username, person.password)))
    with wired.keycloak.cut(Moment("/token HTTP", "asked")) as asked:
        refusal(toan.login(f"nobody-{secrets.token_hex(4)}", _WRONG), 503)
        assert asked.is_set()


def test_reset_takes_as_long_for_whomever(patient: Toan, make_person: PersonMaker) -> None:
    person, disabled = make_person(), make_person(enabled=False)
    asked: dict[str, Call] = {
        "known": lambda: patient.reset(person.username),
        "unknown": lambda: patient.reset(f"nobody-{secrets.token_hex(4)}"),
        "disabled": lambda: patient.reset(disabled.username),
    }
    for each in asked.values():
        require_done(each())
    assert telling(lambda: asked, "known") == {}
