"""Keycloak away, frozen or cut off: a quick 503, and nobody pays for it afterwards."""

import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from devstack.children import free_port
from tests.conftest import Mailbox
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.outages import Wired, recovered, undelivered
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.answers import problems, refusal, require_done, tokens
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.outages import CALLS, require_unavailable
from tests.surfaces.toan.people import Member, Members, require_unchanged
from tests.surfaces.toan.tampering import tampered
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness

_PATIENCE = 20.0
_PEOPLE = 12
# As many guesses as may be under way for one account (security S3).
_TIMES = 5
_ASKED = Moment("/token HTTP", "asked")
# The tokens are there, and it is not known yet whether they may be given.
_GRANTED = (Moment("/credentials HTTP", "asked"), Moment("/credentials HTTP", "done"))
# What follows the check of the bearer, in the order in which it is asked.
_AFTER_THE_BEARER = {
    "change": ("/organizations/", "/users/", "/token HTTP", "/logout HTTP", "/reset-password"),
    "admin": ("/organizations/", "/users/", "/reset-password"),
}


@pytest.fixture(scope="module")
def alone(apart: Apart) -> Iterator[Toan]:
    """A gateway that has never reached Keycloak."""
    variables = apart(KEYCLOAK__URL=f"http://127.0.0.1:{free_port()}")
    with served_gateway(variables, wait_ready=False) as served, served.client() as client:
        yield Toan(client)


@pytest.fixture
def reached(wired: Wired[Toan], make_person: PersonMaker) -> Wired[Toan]:
    """A gateway for which Keycloak is there, so that it asks: not one that remembers the outage before."""
    person = make_person()
    tokens(recovered(lambda: wired.client.login(person.username, person.password)))
    return wired


@pytest.fixture
def administrator(reached: Wired[Toan], members: Members) -> Member:
    """An administrator who has signed in there: Keycloak believes only tokens with the address that it is asked at."""
    return replace(members, toan=reached.client).administrator()


@pytest.mark.parametrize("operation", CALLS)
def test_operation_is_unavailable_without_keycloak(alone: Toan, steady: Member, operation: str) -> None:
    require_unavailable(CALLS[operation](alone, steady))


def test_reset_answers_as_ever_without_keycloak(alone: Toan) -> None:
    require_done(alone.reset("nobody"))


def test_parameters_are_judged_as_ever_without_keycloak(alone: Toan) -> None:
    assert problems(alone.post("/api/iam/login", {}))


def test_process_lives_without_keycloak_and_says_that_it_is_not_ready(alone: Toan) -> None:
    assert alone.http.get("/healthz").status_code == 200
    assert alone.http.get("/readyz").status_code == 503


def test_frozen_keycloak_makes_no_answer_late_and_locks_nobody(reached: Wired[Toan], make_person: PersonMaker) -> None:
    person, toan = make_person(), reached.client
    with reached.keycloak.frozen():
        answers = at_once([lambda: toan.login(person.username, "Wr0ng!word")] * 30)
    for each in answers:
        require_unavailable(each)
    tokens(recovered(lambda: toan.login(person.username, person.password)))


def test_sign_ins_under_way_when_keycloak_freezes_are_prompt_and_lock_nobody(
    reached: Wired[Toan], make_person: PersonMaker
) -> None:
    people, toan = [make_person() for _ in range(_PEOPLE)], reached.client
    with reached.keycloak.frozen(_ASKED) as gone:
        answers = at_once([partial(toan.login, each.username, each.password) for each in people * _TIMES])
        assert gone.is_set()
    for answer in answers:
        require_unavailable(answer)
    for each in people:
        tokens(recovered(partial(toan.login, each.username, each.password)))


@pytest.mark.parametrize(
    ("moment", "hangs"), [(_ASKED, False), *((each, hangs) for each in _GRANTED for hangs in (False, True))]
)
def test_sign_in_that_keycloak_leaves_half_way_leaves_no_session(
    reached: Wired[Toan], make_person: PersonMaker, witness: Witness, moment: Moment, *, hangs: bool
) -> None:
    person, toan = make_person(), reached.client
    for _ in range(_TIMES - 1):
        refusal(toan.login(person.username, "Wr0ng!word"), 401)
    with reached.keycloak.frozen(moment) if hangs else reached.keycloak.cut(moment) as gone:
        require_unavailable(toan.login(person.username, person.password))
        assert gone.is_set()
        time.sleep(1)
    until(lambda: witness.sessions(person.id) == set())
    tokens(recovered(lambda: toan.login(person.username, person.password)))


@pytest.mark.parametrize("operation", CALLS)
def test_operation_is_prompt_and_changes_nothing_when_keycloak_hangs(
    reached: Wired[Toan], administrator: Member, witness: Witness, operation: str
) -> None:
    with reached.keycloak.frozen():
        require_unavailable(CALLS[operation](reached.client, administrator))
    require_unchanged(witness, administrator.person, administrator.colleague)


@pytest.mark.parametrize("operation", CALLS)
def test_operation_is_prompt_and_changes_nothing_when_keycloak_is_cut_off(
    reached: Wired[Toan], administrator: Member, witness: Witness, operation: str
) -> None:
    with reached.keycloak.cut():
        require_unavailable(CALLS[operation](reached.client, administrator))
    require_unchanged(witness, administrator.person, administrator.colleague)
    tokens(recovered(lambda: reached.client.refresh(administrator.tokens.refresh_token)))


def test_forged_bearer_is_told_without_keycloak(reached: Wired[Toan], administrator: Member) -> None:
    require_done(CALLS["admin"](reached.client, administrator))
    forged = tampered(administrator.tokens.access_token, 2)
    with reached.keycloak.cut():
        refusal(reached.client.bearing(forged).change("Passw0rd!x", "N3w!password", org="acme"), 401)


@pytest.mark.parametrize(
    ("operation", "request_line", "hangs"),
    [
        (each, line, hangs)
        for each, lines in _AFTER_THE_BEARER.items()
        for line in lines
        for hangs in (False, True)
        # What hangs with the new password in its hands may set it later on.
        if not (hangs and line == "/reset-password")
    ],
)
def test_operation_is_prompt_and_changes_nothing_when_keycloak_goes_after_the_bearer(
    reached: Wired[Toan], administrator: Member, witness: Witness, operation: str, request_line: str, *, hangs: bool
) -> None:
    moment = Moment(request_line, "asked")
    with reached.keycloak.frozen(moment) if hangs else reached.keycloak.cut(moment) as gone:
        require_unavailable(CALLS[operation](reached.client, administrator))
        assert gone.is_set()
    require_unchanged(witness, administrator.person, administrator.colleague)
    own = {administrator.tokens.session_state}
    if hangs and request_line == "/token HTTP":
        # What Keycloak grants to nobody, once it goes on, nobody can end.
        assert own <= witness.sessions(administrator.person.id)
    else:
        until(lambda: witness.sessions(administrator.person.id) == own)


def test_reset_asked_meanwhile_is_mailed_afterwards(
    wired: Wired[Toan], make_person: PersonMaker, mailbox: Mailbox
) -> None:
    person = make_person()
    with wired.keycloak.cut(), undelivered(wired.served, "reset_mail"):
        require_done(wired.client.reset(person.username))
    assert mailbox.wait_for(person.email, _PATIENCE)
