"""Redis away, frozen, cut off or read-only: no limit can be kept, so nothing is guessed and nothing set (S12, R3)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pytest

from devstack.children import free_port
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.state.redis_servers import RedisServer, running_redis
from tests.surfaces.conftest import Apart
from tests.surfaces.outages import Wired, recovered
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.answers import tokens
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.outages import CALLS, Call, require_unavailable
from tests.surfaces.toan.people import Member, Members, require_unchanged
from tests.surfaces.witness import Witness

_CALLS: Mapping[str, Call] = {**CALLS, "reset": lambda toan, member: toan.reset(member.person.username)}
_READ_ONLY = {
    "full": ("CONFIG", "SET", "maxmemory", "1"),
    "replica": ("REPLICAOF", "127.0.0.1", "9"),
}


@pytest.fixture(scope="module")
def alone(apart: Apart) -> Iterator[Toan]:
    """A gateway that has never reached Redis."""
    variables = apart(REDIS__URL=f"redis://127.0.0.1:{free_port()}/0")
    with served_gateway(variables, wait_ready=False) as served, served.client() as client:
        yield Toan(client)


@pytest.fixture
def wired_administrator(wired: Wired[Toan], members: Members) -> Member:
    """An administrator who has signed in there: Keycloak believes only tokens with the address that it is asked at."""
    person, colleague = members.make_person(), members.make_person()
    org = members.make_organization(members=[person, colleague], admins=[person])
    held = tokens(recovered(lambda: wired.client.login(person.username, person.password)))
    return Member(person, org, colleague, held, wired.client.bearing(held.access_token))


@pytest.mark.parametrize("operation", _CALLS)
def test_operation_is_unavailable_without_redis(
    alone: Toan, administrator: Member, witness: Witness, operation: str
) -> None:
    require_unavailable(_CALLS[operation](alone, administrator))
    require_unchanged(witness, administrator.person, administrator.colleague)


def test_process_lives_without_redis(alone: Toan) -> None:
    assert alone.http.get("/healthz").status_code == 200


@pytest.mark.parametrize("hangs", [False, True])
@pytest.mark.parametrize("operation", _CALLS)
def test_operation_is_unavailable_until_redis_is_back(
    wired: Wired[Toan], wired_administrator: Member, witness: Witness, operation: str, *, hangs: bool
) -> None:
    person = wired_administrator.person
    with wired.redis.frozen() if hangs else wired.redis.cut():
        require_unavailable(_CALLS[operation](wired.client, wired_administrator))
    require_unchanged(witness, wired_administrator.person, wired_administrator.colleague)
    tokens(recovered(lambda: wired.client.login(person.username, person.password)))


def test_frozen_redis_admits_no_guess_and_makes_none_late(wired: Wired[Toan], make_person: PersonMaker) -> None:
    person, toan = make_person(), wired.client
    with wired.redis.frozen():
        answers = at_once([lambda: toan.login(person.username, person.password)] * 12)
    for each in answers:
        require_unavailable(each)
    tokens(recovered(lambda: toan.login(person.username, person.password)))


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis that a test may spoil."""
    with running_redis() as server:
        yield server


@pytest.mark.parametrize("operation", ["change", "admin"])
@pytest.mark.parametrize("reason", _READ_ONLY)
def test_redis_that_is_only_read_has_no_password_set_and_no_session_ended(
    apart: Apart, own_redis: RedisServer, members: Members, witness: Witness, operation: str, reason: str
) -> None:
    with served_gateway(apart(REDIS__URL=own_redis.url)) as served, served.client() as client:
        member = replace(members, toan=Toan(client)).administrator()
        held = [Toan(client).sign_in(each.username, each.password) for each in (member.person, member.colleague)]
        own_redis.ask(*_READ_ONLY[reason])
        require_unavailable(CALLS[operation](Toan(client), member))
    require_unchanged(witness, member.person, member.colleague)
    assert all(witness.refreshes(each.refresh_token) for each in (*held, member.tokens))
