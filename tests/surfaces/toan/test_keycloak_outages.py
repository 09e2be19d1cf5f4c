"""Keycloak away, frozen or cut off: a quick 503, and nobody pays for it afterwards."""

from collections.abc import Iterator

import pytest

from tests.conftest import Mailbox
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.answers import problems, require_done, tokens
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.outages import CALLS, PROMPT, Wired, closed_port, recovered, require_unavailable

_NEW = "N3w!password"
_PATIENCE = 20.0


@pytest.fixture(scope="module")
def alone(apart: Apart) -> Iterator[Toan]:
    """A gateway that has never reached Keycloak."""
    variables = apart(KEYCLOAK__URL=f"http://127.0.0.1:{closed_port()}")
    with served_gateway(variables, wait_ready=False) as served, served.client() as client:
        yield Toan(client)


@pytest.mark.parametrize("operation", CALLS)
def test_operation_is_unavailable_without_keycloak(alone: Toan, operation: str) -> None:
    require_unavailable(CALLS[operation](alone))


def test_reset_answers_as_ever_without_keycloak(alone: Toan) -> None:
    require_done(alone.reset("nobody"))


def test_parameters_are_judged_as_ever_without_keycloak(alone: Toan) -> None:
    assert problems(alone.post("/api/iam/login", {}))


def test_process_lives_without_keycloak_and_says_that_it_is_not_ready(alone: Toan) -> None:
    assert alone.http.get("/healthz").status_code == 200
    assert alone.http.get("/readyz").status_code == 503


def test_frozen_keycloak_makes_no_answer_late_and_locks_nobody(wired: Wired, make_person: PersonMaker) -> None:
    person, toan = make_person(), wired.toan
    tokens(recovered(lambda: toan.login(person.username, person.password)))
    with wired.keycloak.frozen():
        answers = at_once([lambda: toan.login(person.username, "Wr0ng!word")] * 30)
    for each in answers:
        require_unavailable(each)
    tokens(recovered(lambda: toan.login(person.username, person.password)))


def test_frozen_keycloak_leaves_the_password_as_it_was(wired: Wired, make_person: PersonMaker) -> None:
    person, toan = make_person(), wired.toan
    signed_in = tokens(recovered(lambda: toan.login(person.username, person.password)))
    with wired.keycloak.frozen():
        require_unavailable(toan.bearing(signed_in.access_token).change(person.password, _NEW, org="acme"))
    tokens(recovered(lambda: toan.login(person.username, person.password)))


@pytest.mark.parametrize("operation", CALLS)
def test_operation_is_prompt_when_keycloak_is_cut_off(wired: Wired, operation: str) -> None:
    with wired.keycloak.cut():
        answer = CALLS[operation](wired.toan)
    # The signing keys are known by now, so that a forged bearer can be told without Keycloak.
    assert answer.status_code in (401, 503)
    assert answer.elapsed.total_seconds() < PROMPT


def test_genuine_tokens_are_not_judged_without_keycloak(wired: Wired, make_person: PersonMaker) -> None:
    person = make_person()
    signed_in = tokens(recovered(lambda: wired.toan.login(person.username, person.password)))
    with wired.keycloak.cut():
        caller = wired.toan.bearing(signed_in.access_token)
        require_unavailable(caller.change(person.password, _NEW, org="acme"))
        require_unavailable(caller.change_of_user(person.id, _NEW, org="acme"))
        require_unavailable(wired.toan.refresh(signed_in.refresh_token))
        require_unavailable(wired.toan.logout(signed_in.refresh_token))
    tokens(recovered(lambda: wired.toan.refresh(signed_in.refresh_token)))


def test_reset_asked_meanwhile_is_mailed_afterwards(wired: Wired, make_person: PersonMaker, mailbox: Mailbox) -> None:
    person = make_person()
    with wired.keycloak.cut():
        require_done(wired.toan.reset(person.username))
    assert mailbox.wait_for(person.email, _PATIENCE)
