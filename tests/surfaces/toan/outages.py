"""What a dependency's absence looks like from outside."""

import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from tests.conftest import Stack
from tests.servers.gateway import ServedGateway, served_gateway
from tests.surfaces.conftest import Apart
from tests.surfaces.toan.answers import refusal
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.people import Member
from tests.surfaces.wire import Wire, wire_to

PROMPT = 6.0
"""Longest time to an answer, seconds: the deadline of security R1, and generosity for a busy machine."""

_RECOVERY = 8.0
_NEW = "N3w!password"

Call = Callable[[Toan, Member], httpx.Response]

# With genuine tokens and good rights, so that nothing but the outage can be what refuses them.
CALLS: Mapping[str, Call] = {
    "login": lambda toan, member: toan.login(member.person.username, member.person.password),
    "refresh": lambda toan, member: toan.refresh(member.tokens.refresh_token),
    "logout": lambda toan, member: toan.logout(member.tokens.refresh_token),
    "change": lambda toan, member: _bearing(toan, member).change(member.person.password, _NEW, org=member.org.alias),
    "admin": lambda toan, member: _bearing(toan, member).change_of_user(
        member.colleague.id, _NEW, org=member.org.alias
    ),
}


def _bearing(toan: Toan, member: Member) -> Toan:
    return toan.bearing(member.tokens.access_token)


@dataclass(frozen=True, slots=True)
class Wired:
    """A gateway whose ways to Keycloak and Redis can be frozen or cut."""

    served: ServedGateway
    toan: Toan
    keycloak: Wire
    redis: Wire


@contextmanager
def wired_gateway(apart: Apart, stack: Stack, **settings: str) -> Iterator[Wired]:
    """Serve one; the wires are open at first."""
    with wire_to(stack.keycloak_url) as (keycloak, keycloak_url), wire_to(stack.redis_url) as (redis, redis_url):
        variables = apart(KEYCLOAK__URL=keycloak_url, REDIS__URL=redis_url, **settings)
        with served_gateway(variables) as served, served.client() as client:
            yield Wired(served, Toan(client), keycloak, redis)


def closed_port() -> int:
    """Find a port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def require_unavailable(answer: httpx.Response) -> None:
    """Demand the 503, in time."""
    assert refusal(answer, 503)
    assert int(answer.headers["retry-after"]) > 0
    assert answer.elapsed.total_seconds() < PROMPT


def recovered(call: Callable[[], httpx.Response]) -> httpx.Response:
    """Repeat a call until it is available again (security R3, R5)."""
    deadline = time.monotonic() + _RECOVERY
    while (answer := call()).status_code == httpx.codes.SERVICE_UNAVAILABLE and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer
