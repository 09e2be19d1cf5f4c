"""Nobody learns who has an account by how long a refusal takes, where that is concealed (security S13)."""

import secrets
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import cycle

import pytest

from tests.conftest import Realm
from tests.servers.gateway import served_gateway
from tests.servers.identity_provider import IdentityProvider
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import Pipeshub, refusal
from tests.surfaces.pipeshub.external import Firm, until_offered
from tests.surfaces.timing import COSTLY, ROUNDS, Call, floor_for, telling
from tests.surfaces.witness import Witness

_WRONG = "Wr0ng!word"
_IN_TURN = range(ROUNDS // 4 + 1)
"""People who are guessed at in turn, so that none gets locked."""


@pytest.fixture(scope="module")
def patient(mailing_apart: Apart, witness: Witness) -> Iterator[Pipeshub]:
    """A gateway that conceals, with a floor above the time that Keycloak takes on this machine, at this moment."""
    with witness.realm_with(passwordPolicy=COSTLY):
        floor = f"{floor_for(witness, _WRONG):.3f}"
        variables = mailing_apart(PIPESHUB__CONCEAL_UNKNOWN_USERS="true", LIMITS__REFUSAL_FLOOR=floor)
        with served_gateway(variables) as served, served.client() as client:
            yield Pipeshub(client)


def _locked(pipeshub: Pipeshub, email: str) -> str:
    """Lock an account; return the token of a sign-in that was begun before."""
    token = pipeshub.begun(email)
    for _ in range(5):
        refusal(pipeshub.by_password(token, _WRONG), 401, "INVALID_CREDENTIALS")
    return token


def _guessing(pipeshub: Pipeshub, emails: Iterable[str], guess: str = _WRONG) -> Call:
    tokens = cycle([pipeshub.begun(each) for each in emails])
    return lambda: pipeshub.by_password(next(tokens), guess)


def _refused(patient: Pipeshub, realm: Realm) -> dict[str, Call]:
    """Reason → a password that is refused for it."""
    make_person = PersonMaker(realm)
    person = make_person()
    locked = _locked(patient, person.email)
    return {
        "wrong password": _guessing(patient, [make_person().email for _ in _IN_TURN]),
        "no password": _guessing(patient, [make_person(password=None).email for _ in _IN_TURN]),
        "unknown": _guessing(patient, [f"nobody-{secrets.token_hex(4)}@example.test" for _ in _IN_TURN]),
        "disabled": _guessing(patient, [make_person(enabled=False).email for _ in _IN_TURN], person.password),
        "locked": lambda: patient.by_password(locked, person.password),
    }


def test_every_refused_password_takes_as_long(patient: Pipeshub, realm: Realm) -> None:
    assert telling(partial(_refused, patient, realm), "wrong password") == {}


def _anothers(patient: Pipeshub, forged: Firm, foreign: IdentityProvider) -> dict[str, Call]:
    """Whom a sign-in is for → another person's identity, which is linked to an account of its own."""
    stranger = forged.employ()
    forged.link(stranger, f"sub-of-{stranger.email}")
    proof = foreign.token(stranger.email)

    def proving(token: str) -> Call:
        return lambda: patient.by_google(token, proof)

    return {
        "known": proving(patient.begun(forged.employ().email)),
        "second factor": proving(patient.begun(forged.employ(totp="a-key-of-twenty-char").email)),
        "unknown": proving(patient.begun(forged.new_address())),
        "disabled": proving(patient.begun(forged.employ(enabled=False).email)),
        "locked": proving(_locked(patient, forged.employ().email)),
    }


def test_another_person_s_identity_takes_as_long_for_whomever(
    patient: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    until_offered(patient, forged, "google")
    assert telling(partial(_anothers, patient, forged, foreign), "known") == {}
