"""Keycloak or Redis out of reach: the 500 of the document, in time, and nobody pays for it (security R1, R3, R5)."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.generators import KEY, Generator
from tests.servers.people import Person
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.nap.client import Nap, flow_id, refusal, tokens
from tests.surfaces.nap.people import Members
from tests.surfaces.outages import Wired, in_time, wired_gateway
from tests.surfaces.parallel import at_once
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness


@pytest.fixture(scope="module")
def running(nap_apart: Apart, stack: Stack) -> Iterator[Wired[Nap]]:
    """A gateway behind wires; they are open at first."""
    with wired_gateway(nap_apart, stack, Nap, NAP__MULTITENANCY="true") as wired:
        yield wired


@pytest.fixture
def wired(running: Wired[Nap], members: Members) -> Wired[Nap]:
    """The same, with both servers there."""
    _until_well(running.client, members)
    return running


@pytest.mark.parametrize("dependency", ["keycloak", "redis"])
@pytest.mark.parametrize("way", ["cut", "frozen"])
def test_an_outage_is_a_500_in_time(wired: Wired[Nap], members: Members, dependency: str, way: str) -> None:
    nap = wired.client
    member, chooser = members(1), members(2)
    held = tokens(nap.login(*member.credentials))
    begun = flow_id(nap.login(*chooser.credentials))
    calls: list[Callable[[], httpx.Response]] = [
        lambda: nap.login(*member.credentials),
        lambda: nap.complete(begun, orgId=chooser.organizations[0].id),
        lambda: nap.logout(held["session_token"]),
        lambda: nap.refresh(held["refresh_token"]),
    ]
    if dependency == "redis":
        calls.append(lambda: nap.flow(begun))
    with getattr(getattr(wired, dependency), way)():
        for answer in at_once(calls):
            refusal(in_time(answer), 500)
            assert "retry-after" not in answer.headers


def test_a_flow_can_be_read_while_keycloak_is_away(wired: Wired[Nap], members: Members) -> None:
    nap = wired.client
    begun = flow_id(nap.login(*members(2).credentials))
    with wired.keycloak.cut():
        assert nap.flow(begun).status_code == 200


def test_a_flow_and_a_code_outlive_an_outage(wired: Wired[Nap], members: Members) -> None:
    nap = wired.client
    member, generator = members(2, totp=KEY), Generator()
    begun = flow_id(nap.login(*member.credentials))
    for wire in (wired.keycloak, wired.redis):
        with wire.cut():
            refusal(nap.complete(begun, orgId=member.organizations[0].id, code=generator.wrong_code()), 500)
    _until_well(nap, members)
    tokens(nap.complete(begun, orgId=member.organizations[0].id, code=generator.code()))


def test_a_flow_whose_tokens_failed_stands_open_again(wired: Wired[Nap], members: Members, witness: Witness) -> None:
    nap = wired.client
    member = members(2)
    begun = flow_id(nap.login(*member.credentials))
    with wired.keycloak.cut(Moment("/token ", "asked")):
        refusal(nap.complete(begun, orgId=member.organizations[0].id), 500)
    _until_well(nap, members)
    told = tokens(nap.complete(begun, orgId=member.organizations[0].id))
    assert witness.sessions(member.person.id) == {told["session_id"]}


@pytest.mark.parametrize("dependency", ["keycloak", "redis"])
def test_a_refresh_token_outlives_an_outage(wired: Wired[Nap], members: Members, dependency: str) -> None:
    nap = wired.client
    member = members(1)
    held = tokens(nap.login(*member.credentials))
    with getattr(wired, dependency).cut():
        refusal(nap.refresh(held["refresh_token"]), 500)
    _until_well(nap, members)
    after = tokens(nap.refresh(held["refresh_token"]))
    assert after["session_id"] == held["session_id"]


def test_a_refresh_whose_answer_keycloak_lost_does_not_end_the_session(wired: Wired[Nap], members: Members) -> None:
    nap = wired.client
    held = tokens(nap.login(*members(1).credentials))
    with wired.keycloak.cut(Moment("/token ", "done")):
        refusal(nap.refresh(held["refresh_token"]), 500)
    _until_well(nap, members)
    told = tokens(nap.refresh(held["refresh_token"]))
    tokens(nap.refresh(told["refresh_token"]))


def test_an_outage_counts_for_nobody(wired: Wired[Nap], members: Members) -> None:
    nap = wired.client
    member = members(1)
    person: Person = member.person
    with wired.keycloak.frozen():
        for answer in at_once([lambda: nap.login(person.email, "Wr0ng!word")] * 10):
            refusal(answer, 500)
    _until_well(nap, members)
    tokens(nap.login(*member.credentials))


def _until_well(nap: Nap, members: Members) -> None:
    """Wait until the gateway has noticed that both servers are there."""
    member = members(1)
    until(lambda: nap.login(*member.credentials).status_code == httpx.codes.OK)
