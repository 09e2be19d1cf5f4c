"""Keycloak or Redis out of reach (contract section 4, security R3 and R5)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import pytest

from tests.conftest import Stack
from tests.servers.people import Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, refusal, require_empty, token_of, told
from tests.surfaces.outages import PROMPT, Wired, in_time, recovered, wired_gateway
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness


@pytest.fixture(scope="module")
def wired(cyclos_apart: Apart, stack: Stack) -> Iterator[Wired[Cyclos]]:
    """A gateway behind wires, which asks Keycloak at every request; they are open at first."""
    with wired_gateway(cyclos_apart, stack, Cyclos, CYCLOS__SESSION_RECHECK="0") as served:
        yield served


def _begun(cyclos: Cyclos, person: Person) -> Cyclos:
    answer = recovered(partial(cyclos.login, person.username, person.password))
    return cyclos.by_session(token_of(answer))


@pytest.mark.parametrize("dependency", ["keycloak", "redis"])
@pytest.mark.parametrize("break_it", ["cut", "frozen"])
def test_an_outage_is_a_503_in_time_and_ends_nothing(
    wired: Wired[Cyclos], make_person: PersonMaker, witness: Witness, dependency: str, break_it: str
) -> None:
    cyclos, person = wired.client, make_person()
    by_token = _begun(cyclos, person)
    with getattr(getattr(wired, dependency), break_it)():
        for call in (
            by_token.auth,
            by_token.logout,
            partial(cyclos.login, person.username, person.password),
            partial(cyclos.auth, person.username, person.password),
        ):
            refusal(in_time(call()), 503, kind="general", exceptionType="ServiceUnavailable")
        assert recovered(cyclos.auth).status_code == 200  # a guest needs neither
    assert told(recovered(by_token.auth))["user"]["id"] == person.id
    require_empty(recovered(by_token.logout), 200)
    assert witness.sessions(person.id) == set()


def test_a_login_that_cannot_be_kept_leaves_no_session(
    wired: Wired[Cyclos], make_person: PersonMaker, witness: Witness
) -> None:
    cyclos, person = wired.client, make_person()
    _begun(cyclos, person).logout()
    with ExitStack() as broken, ThreadPoolExecutor(1) as pool:
        with wired.keycloak.frozen(Moment("/token", "done")) as sprung:
            answer = pool.submit(cyclos.login, person.username, person.password)
            assert sprung.wait(PROMPT)
            broken.enter_context(wired.redis.cut())
        refusal(answer.result(), 503)
    until(lambda: witness.sessions(person.id) == set())
    _begun(cyclos, person)


def test_a_login_of_somebody_who_cannot_be_described_leaves_no_session(
    wired: Wired[Cyclos], make_person: PersonMaker, witness: Witness
) -> None:
    cyclos, person = wired.client, make_person()
    _begun(cyclos, person).logout()
    with wired.keycloak.cut(Moment(f"/users/{person.id} ", "asked")) as sprung:
        refusal(cyclos.login(person.username, person.password), 503)
        assert sprung.is_set()
    _begun(cyclos, person)
    until(lambda: len(witness.sessions(person.id)) == 1)


def test_an_answer_that_is_lost_while_keycloak_is_asked_ends_nothing(
    wired: Wired[Cyclos], make_person: PersonMaker
) -> None:
    cyclos, person = wired.client, make_person()
    by_token = _begun(cyclos, person)
    with wired.keycloak.cut(Moment("/token", "done")) as sprung:
        refusal(by_token.auth(), 503)
        assert sprung.is_set()
    assert told(recovered(by_token.auth))["user"]["id"] == person.id


def test_outages_count_for_nobody(wired: Wired[Cyclos], make_person: PersonMaker) -> None:
    cyclos, person = wired.client, make_person()
    _begun(cyclos, person)
    with wired.keycloak.cut():
        for _ in range(7):
            refusal(cyclos.login(person.username, "Wr0ng!word"), 503)
    _begun(cyclos, person)
