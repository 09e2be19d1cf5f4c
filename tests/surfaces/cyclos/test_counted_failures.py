"""Wrong proofs of every kind, counted for their account and for the caller's address (contract section 3, S1, S10)."""

from collections.abc import Callable

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.gateway import watched_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.asking import Asking
from tests.surfaces.cyclos.client import Cyclos, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.further import (
    LOGIN_TYPE,
    OTP_TYPE,
    CyclosLetters,
    activated,
    activated_by_session,
    activation_code,
    ask_for_code,
    disconnect,
    give,
    require_proof,
)
from tests.surfaces.mailing import mailing_through
from tests.surfaces.toan.client import Toan

_WRONG = "Wr0ng!word"
_BLOCKED = {"code": "remoteAddressBlocked"}
_LOW = {"LIMITS__FAILURES_PER_ADDRESS": "3", "SERVER__TRUSTED_PROXIES": "127.0.0.0/8"}


def _from(cyclos: Cyclos, address: str) -> Cyclos:
    return cyclos.by(X__Forwarded__For=address)


def _another(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def test_wrong_activation_codes_block_their_address(cyclos_apart: Apart, person: Person) -> None:
    variables = cyclos_apart(**_LOW)
    with watched_gateway(variables) as served, served.client() as client:
        session = Cyclos(client).by_session(token_of(Cyclos(client).login(person.username, person.password)))
        code, here = activation_code(variables, person), _from(session, "203.0.113.1")
        for _ in range(3):
            refusal(activated_by_session(here, "AAAAAAAAAAAA"), 404, entityType="AccessClient")
        for each in ("AAAAAAAAAAAA", code):
            refusal(activated_by_session(here, each), 401, **_BLOCKED)
        told(activated_by_session(_from(session, "203.0.113.2"), code))


def test_wrong_secondary_passwords_of_several_people_block_their_address(
    cyclos_apart: Apart, stack: Stack, make_person: PersonMaker, letters: CyclosLetters
) -> None:
    variables = cyclos_apart(CYCLOS__SECONDARY_PASSWORD="otp", **_LOW, **mailing_through(stack))
    with watched_gateway(variables) as served, served.client() as client:
        people = [make_person() for _ in range(4)]
        cyclos = Cyclos(client)
        waiting = [cyclos.by_session(token_of(cyclos.login(each.username, each.password))) for each in people]
        for pending in waiting:
            ask_for_code(pending)
        codes = [letters.code(each) for each in people]
        for pending, code in zip(waiting[:3], codes, strict=False):
            require_proof(give(_from(pending, "203.0.113.1"), _another(code)), OTP_TYPE)
        refusal(give(_from(waiting[3], "203.0.113.1"), codes[3]), 401, **_BLOCKED)
        require_empty(give(_from(waiting[3], "203.0.113.2"), codes[3]), 204)


def test_wrong_confirmations_of_several_people_block_their_address(
    cyclos_apart: Apart, make_person: PersonMaker
) -> None:
    variables = cyclos_apart(CYCLOS__CONFIRMATION_PASSWORD="password", **_LOW)
    with watched_gateway(variables) as served, served.client() as client:
        people, cyclos = [make_person() for _ in range(4)], Cyclos(client)
        tokens = [str(told(activated(cyclos, each, activation_code(variables, each)))["token"]) for each in people]
        for token in tokens[:3]:
            require_proof(disconnect(_from(cyclos, "203.0.113.1"), token, _WRONG), LOGIN_TYPE)
        right = people[3].password
        refusal(disconnect(_from(cyclos, "203.0.113.1"), tokens[3], right), 401, **_BLOCKED)
        require_empty(disconnect(_from(cyclos, "203.0.113.2"), tokens[3], right), 200)


def test_one_counter_is_for_passwords_codes_and_other_surfaces(
    asking: Asking, person: Person, letters: CyclosLetters
) -> None:
    pending, toan = asking.pending(person), Toan(asking.cyclos.http)
    ask_for_code(pending)
    code = letters.code(person)
    for _ in range(2):
        refusal(asking.cyclos.login(person.username, _WRONG), 401, code="login")
        require_proof(give(pending, _another(code)), OTP_TYPE)
    assert toan.login(person.email, _WRONG).status_code == 401
    assert toan.login(person.username, person.password).status_code == 401
    refusal(asking.cyclos.login(person.username, person.password), 401, code="login")
    require_proof(give(pending, code), OTP_TYPE, blocked=True)


@pytest.mark.parametrize("ask", [Cyclos.login, Cyclos.auth])
def test_a_right_password_is_the_end_of_a_row_of_wrong_ones(
    cyclos: Cyclos, person: Person, ask: Callable[[Cyclos, str, str], httpx.Response]
) -> None:
    for _ in range(4):
        refusal(ask(cyclos, person.username, _WRONG), 401, code="login")
    told(ask(cyclos, person.username, person.password))
    refusal(ask(cyclos, person.username, _WRONG), 401, code="login")
    told(ask(cyclos, person.username, person.password))
