"""A password that was set has all its effects, whatever breaks off after that (contract sections 3.6 and 3.7)."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest

from tests.conftest import Stack
from tests.servers.people import Person
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.logged import awaited
from tests.surfaces.outages import Wired, recovered, wired_gateway
from tests.surfaces.toan.answers import TokenOpenID, refusal, require_done, tokens
from tests.surfaces.toan.client import CHANGE, Toan, admin_path
from tests.surfaces.toan.outages import CALLS, require_unavailable
from tests.surfaces.toan.people import Member, Members
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness

_NEW = "N3w!password"
_SET = "/reset-password"
_PATIENCE = 40.0
# By the mark of the whole account, tokens are refused that are older than this when it is made; seconds.
_SURELY_OLD = 12.0


@pytest.fixture(scope="module")
def impatient(apart: Apart, stack: Stack) -> Iterator[Wired[Toan]]:
    """A gateway whose answers are due sooner than Keycloak's."""
    with wired_gateway(apart, stack, Toan, SERVER__DEADLINE="3.5", KEYCLOAK__TIMEOUT="5") as served:
        yield served


@pytest.fixture(params=["change", "admin"])
def operation(request: pytest.FixtureRequest) -> str:
    """Name one of the two operations that set a password."""
    return str(request.param)


def _administrator(wired: Wired[Toan], members: Members) -> Member:
    """Sign somebody in there: Keycloak believes only tokens with the address that it is asked at."""
    witness = members.make_person()
    tokens(recovered(lambda: wired.client.login(witness.username, witness.password)))
    return replace(members, toan=wired.client).administrator()


def _affected(caller: Member, operation: str) -> Person:
    return caller.person if operation == "change" else caller.colleague


def _kept(caller: Member, operation: str) -> set[str]:
    return {caller.tokens.session_state} if operation == "change" else set()


def _sessions(toan: Toan, person: Person) -> list[TokenOpenID]:
    return [toan.sign_in(person.username, person.password, remember_me=each) for each in (False, True)]


def _sign_in_later(toan: Toan, person: Person) -> TokenOpenID:
    """Sign in with the new password, in another second: Keycloak tells no more exactly when a session began."""
    time.sleep(1)
    return tokens(recovered(lambda: toan.login(person.username, _NEW)))


def _require_only(witness: Witness, person: Person, kept: set[str]) -> None:
    """Wait until no other session is left, ordinary or offline."""
    until(lambda: (witness.sessions(person.id), witness.offline_sessions(person.id)) == (kept, set()), within=_PATIENCE)


def test_sessions_end_when_keycloak_is_back_and_until_then_here(
    wired: Wired[Toan], members: Members, witness: Witness, operation: str
) -> None:
    caller = _administrator(wired, members)
    person, kept = _affected(caller, operation), _kept(caller, operation)
    before = _sessions(wired.client, person)
    time.sleep(_SURELY_OLD)
    with wired.keycloak.cut(Moment(_SET, "answered")) as gone:
        require_done(CALLS[operation](wired.client, caller))
        assert gone.is_set()
        for each in before:
            refusal(wired.client.refresh(each.refresh_token), 401)
        assert before[0].session_state in witness.sessions(person.id)
    since = _sign_in_later(wired.client, person)
    _require_only(witness, person, {*kept, since.session_state})
    tokens(wired.client.refresh(since.refresh_token))


def test_keycloaks_lock_is_lifted_when_it_is_back(wired: Wired[Toan], members: Members, witness: Witness) -> None:
    caller = _administrator(wired, members)
    target = caller.colleague
    with witness.own_detection():
        witness.lock(target.username)
        with wired.keycloak.cut(Moment(_SET, "answered")) as gone:
            require_done(CALLS["admin"](wired.client, caller))
            assert gone.is_set()
            assert witness.is_locked(target.id)
        until(lambda: not witness.is_locked(target.id), within=_PATIENCE)
        tokens(recovered(lambda: wired.client.login(target.username, _NEW)))


def test_lost_answer_is_looked_for(wired: Wired[Toan], members: Members, witness: Witness, operation: str) -> None:
    caller = _administrator(wired, members)
    person = _affected(caller, operation)
    _sessions(wired.client, person)
    with wired.keycloak.cut(Moment(_SET, "done")) as gone:
        require_unavailable(CALLS[operation](wired.client, caller))
        assert gone.is_set()
    since = _sign_in_later(wired.client, person)
    _require_only(witness, person, {*_kept(caller, operation), since.session_state})
    (told,) = [each for each in awaited(wired.served, "password_set", person.id) if each["reason"] == "resumed"]
    assert told["outcome"] == "done"


def test_request_out_of_time_ends_the_sessions(
    impatient: Wired[Toan], members: Members, witness: Witness, operation: str
) -> None:
    caller = _administrator(impatient, members)
    person = _affected(caller, operation)
    _sessions(impatient.client, person)
    with impatient.keycloak.frozen(Moment(_SET, "done")) as gone:
        require_unavailable(CALLS[operation](impatient.client, caller))
        assert gone.is_set()
    _require_only(witness, person, _kept(caller, operation))
    assert witness.password_is(person.username, _NEW)


def test_client_that_has_gone_leaves_no_session_behind(
    wired: Wired[Toan], members: Members, witness: Witness, operation: str
) -> None:
    caller = _administrator(wired, members)
    person = _affected(caller, operation)
    _sessions(wired.client, person)
    with wired.keycloak.frozen(Moment(_SET, "done")) as gone:
        with _asked(wired, caller, operation):
            assert gone.wait(_PATIENCE)
        time.sleep(0.2)
    _require_only(witness, person, _kept(caller, operation))
    assert witness.password_is(person.username, _NEW)


def _asked(wired: Wired[Toan], caller: Member, operation: str) -> socket.socket:
    """Ask, and leave the connection to the test."""
    there = urlsplit(wired.served.url)
    path = CHANGE if operation == "change" else admin_path(caller.colleague.id)
    body = json.dumps({"current_password": caller.person.password, "new_password": _NEW}).encode()
    headers = {
        "host": there.netloc,
        "authorization": f"Bearer {caller.tokens.access_token}",
        "content-type": "application/json",
        "content-length": str(len(body)),
        "x-org": caller.org.alias,
    }
    lines = [f"POST {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    connection = socket.create_connection((there.hostname, there.port), timeout=5)
    connection.sendall("\r\n".join(lines).encode() + body)
    return connection
