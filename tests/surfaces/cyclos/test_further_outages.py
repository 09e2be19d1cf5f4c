"""Keycloak or Redis out of reach while further passwords, access clients and keys are used (security R3, R5)."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import pytest

from tests.conftest import Stack
from tests.servers.generators import KEY, Generator
from tests.servers.people import Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, basic, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.further import (
    ACTIVATE,
    CHANGE,
    DATA_FOR_CHANGE,
    REQUEST,
    TOTP_TYPE,
    CyclosLetters,
    activation_code,
    ask_for_code,
    by_client,
    disconnect,
    give,
    logged_in_by_client,
    require_proof,
    sent,
)
from tests.surfaces.logged import awaited
from tests.surfaces.mailing import mailing_through
from tests.surfaces.outages import PROMPT, Replica, Wired, in_time, recovered, wired_gateway
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness

_NEW = "N3w!password"
_SECOND = {"CYCLOS__SECONDARY_PASSWORD": "otp", "CYCLOS__SESSION_RECHECK": "0"}


@pytest.fixture(scope="module")
def plain(cyclos_apart: Apart, stack: Stack) -> dict[str, str]:
    """The variables of the gateway behind wires, without the wires: for what an operator types."""
    return cyclos_apart(**_SECOND, **mailing_through(stack))


@pytest.fixture(scope="module")
def wired(plain: Mapping[str, str], stack: Stack) -> Iterator[Wired[Cyclos]]:
    """A gateway behind wires that asks for a sent code beside the password; they are open at first."""
    with wired_gateway(Replica(plain), stack, Cyclos) as served:
        yield served


def _pending(wired: Wired[Cyclos], person: Person) -> Cyclos:
    answer = recovered(partial(wired.client.login, person.username, person.password))
    return wired.client.by_session(token_of(answer))


def _grant(witness: Witness) -> Moment:
    return Moment(f"POST /realms/{witness.realm}/protocol/openid-connect/token ", "asked")


def _full(wired: Wired[Cyclos], person: Person, letters: CyclosLetters) -> Cyclos:
    pending = _pending(wired, person)
    assert recovered(partial(ask_for_code, pending)).status_code == 200
    require_empty(recovered(partial(give, pending, letters.code(person))), 204)
    return pending


@pytest.mark.parametrize("dependency", ["keycloak", "redis"])
def test_an_outage_uses_up_neither_code_nor_tries(
    wired: Wired[Cyclos], person: Person, letters: CyclosLetters, dependency: str
) -> None:
    pending = _pending(wired, person)
    assert recovered(partial(ask_for_code, pending)).status_code == 200
    code = letters.code(person)
    with getattr(wired, dependency).cut():
        for _ in range(6):
            refusal(in_time(give(pending, code)), 503)
        refusal(in_time(ask_for_code(pending)), 503)
    require_empty(recovered(partial(give, pending, code)), 204)
    assert told(pending.auth())["pendingSecondaryPassword"] is False


def test_a_login_that_breaks_off_half_way_can_be_completed(
    wired: Wired[Cyclos], person: Person, letters: CyclosLetters, witness: Witness
) -> None:
    pending = _pending(wired, person)
    assert recovered(partial(ask_for_code, pending)).status_code == 200
    code = letters.code(person)
    with wired.keycloak.cut(_grant(witness)) as cut:
        refusal(give(pending, code), 503)
        assert cut.is_set()
    require_empty(recovered(partial(give, pending, code)), 204)


def test_a_login_that_is_out_of_time_can_be_completed_and_leaves_no_session(
    cyclos_apart: Apart, stack: Stack, person: Person, letters: CyclosLetters, witness: Witness
) -> None:
    settings = {**_SECOND, "KEYCLOAK__TIMEOUT": "5", **mailing_through(stack)}
    with wired_gateway(cyclos_apart, stack, Cyclos, **settings) as wired:
        pending = _pending(wired, person)
        assert recovered(partial(ask_for_code, pending)).status_code == 200
        code = letters.code(person)
        with wired.keycloak.frozen(_grant(witness)) as held:
            refusal(give(pending, code), 503)
            assert held.is_set()
        assert told(recovered(pending.auth))["pendingSecondaryPassword"] is True
        require_empty(recovered(partial(give, pending, code)), 204)
        assert [each["outcome"] for each in awaited(wired.served, "sign_in", person.id)] == ["done"]
        until(lambda: len(witness.sessions(person.id)) == 1)
        assert told(recovered(pending.auth))["pendingSecondaryPassword"] is False


def test_a_login_by_a_generator_that_breaks_off_half_way_is_completed_by_its_next_code(
    cyclos_apart: Apart, stack: Stack, make_person: PersonMaker
) -> None:
    owner, generator = make_person(totp=KEY), Generator()
    settings = {"CYCLOS__SECONDARY_PASSWORD": "totp", "LOCKOUT__MAX_FAILURES": "2"}
    with wired_gateway(cyclos_apart, stack, Cyclos, **settings) as wired:
        pending, code = _pending(wired, owner), generator.code()
        # Keycloak has taken the code, and the session of that was ended again.
        with wired.keycloak.cut(Moment("/protocol/openid-connect/logout ", "answered")) as cut:
            refusal(in_time(give(pending, code)), 503)
            assert cut.is_set()
        require_proof(recovered(partial(give, pending, code)), TOTP_TYPE)
        require_empty(recovered(partial(give, pending, generator.code())), 204)


def test_a_login_that_was_proven_and_cannot_be_kept_leaves_no_session(
    wired: Wired[Cyclos], person: Person, letters: CyclosLetters, witness: Witness
) -> None:
    pending = _pending(wired, person)
    assert recovered(partial(ask_for_code, pending)).status_code == 200
    code = letters.code(person)
    with ExitStack() as broken, ThreadPoolExecutor(1) as pool:
        with wired.keycloak.frozen(Moment("/token", "done")) as sprung:
            answer = pool.submit(give, pending, code)
            assert sprung.wait(PROMPT)
            broken.enter_context(wired.redis.cut())
        refusal(answer.result(), 503)
    until(lambda: witness.sessions(person.id) == set())


@pytest.mark.parametrize("dependency", ["keycloak", "redis"])
def test_an_outage_neither_spends_an_activation_nor_disconnects(
    wired: Wired[Cyclos], plain: Mapping[str, str], person: Person, letters: CyclosLetters, dependency: str
) -> None:
    session, code = _full(wired, person, letters), activation_code(plain, person)
    activate = partial(session.call, "POST", ACTIVATE, query={"code": code})
    with getattr(wired, dependency).cut():
        refusal(in_time(activate()), 503)
    token = str(told(recovered(activate))["token"])
    with getattr(wired, dependency).cut():
        refusal(in_time(by_client(wired.client, token).auth()), 503)
        refusal(in_time(logged_in_by_client(wired.client, token)), 503)
        refusal(in_time(disconnect(wired.client, token)), 503)
    assert recovered(by_client(wired.client, token).auth).status_code == 200
    require_empty(recovered(partial(disconnect, wired.client, token)), 200)
    refusal(by_client(wired.client, token).auth(), 401, code="invalidAccessClient")


def test_a_session_that_cannot_begin_does_not_end_its_client(
    wired: Wired[Cyclos], plain: Mapping[str, str], person: Person, letters: CyclosLetters, witness: Witness
) -> None:
    session = _full(wired, person, letters)
    code = activation_code(plain, person)
    token = str(told(session.call("POST", ACTIVATE, query={"code": code}))["token"])
    with wired.redis.cut():
        refusal(logged_in_by_client(wired.client, token), 503)
    assert recovered(by_client(wired.client, token).auth).status_code == 200
    assert len(witness.offline_sessions(person.id, "gateway-verified")) == 1


def test_keys_are_asked_for_and_used_around_an_outage(
    wired: Wired[Cyclos], make_person: PersonMaker, letters: CyclosLetters, witness: Witness
) -> None:
    person = make_person()
    with wired.keycloak.cut():
        require_empty(sent(wired.client, "POST", REQUEST, {"user": person.username}), 204)
    key = letters.key(person)
    change = partial(sent, wired.client, "POST", CHANGE, {"key": key, "newPassword": _NEW})
    look = partial(wired.client.call, "GET", DATA_FOR_CHANGE, query={"key": key})
    with wired.redis.cut():
        for call in (change, look, partial(sent, wired.client, "POST", REQUEST, {"user": person.username})):
            refusal(in_time(call()), 503)
    with wired.keycloak.cut():
        refusal(in_time(change()), 503)
        assert look().status_code == 200
    assert witness.password_is(person.username, person.password)
    require_empty(recovered(change), 204)
    assert witness.password_is(person.username, _NEW)


def test_basic_is_no_way_around_a_second_password_in_an_outage(wired: Wired[Cyclos], person: Person) -> None:
    named = basic(person.username, person.password)
    refusal(wired.client.call("POST", ACTIVATE, named, {"code": "X"}), 401, code="invalidChannelUsage")
    with wired.keycloak.cut():
        refusal(wired.client.call("POST", ACTIVATE, named, {"code": "X"}), 401, code="invalidChannelUsage")
