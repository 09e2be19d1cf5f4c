"""A gateway whose dependencies can be frozen or cut off, whatever surface is called."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

import httpx

from tests.conftest import Stack
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.patience import BY_DEFAULT, named
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.wire import Wire, wire_to
from tests.surfaces.witness import Witness

PROMPT = 6.0
"""Longest time to an answer and to anything on the way to it, seconds: the deadline of security R1, and generosity for
a busy machine."""

FINISHED_WITHIN = 60.0
"""Seconds until what an outage has left half done is finished or undone: it is looked for after ten, then often."""

_RECOVERY = 20.0

ClientT = TypeVar("ClientT")


@dataclass(frozen=True, slots=True)
class Wired(Generic[ClientT]):
    """A gateway whose ways to Keycloak and Redis can be frozen or cut.

    Attributes:
        client: the surface's own, for its operations.
    """

    served: ServedGateway
    client: ClientT
    keycloak: Wire
    redis: Wire


class Replica(Apart):
    """Variables of a gateway that shares everything with another one, such as that of an operator's commands."""

    def __call__(self, **changed: str) -> dict[str, str]:
        """Change variables, named without `GATEWAY_`."""
        return {**self.variables, **named(changed)}


@contextmanager
def wired_gateway(
    apart: Apart, stack: Stack, client: Callable[[httpx.Client], ClientT], **settings: str
) -> Iterator[Wired[ClientT]]:
    """Serve one that waits no longer than an operator's, unless settings say so; the wires are open at first."""
    with wire_to(stack.keycloak_url) as (keycloak, keycloak_url), wire_to(stack.redis_url) as (redis, redis_url):
        variables = apart(KEYCLOAK__URL=keycloak_url, REDIS__URL=redis_url, **{**BY_DEFAULT, **settings})
        with served_gateway(variables) as served, served.client() as http:
            yield Wired(served, client(http), keycloak, redis)


@contextmanager
def undelivered(served: ServedGateway, *kinds: str) -> Iterator[None]:
    """Demand that inside a delivery of each of these kinds fails, and wait for that.

    An outage in which nothing was tried yet would show nothing.
    """

    def failed() -> Counter[str]:
        return Counter(each["kind"] for each in served.events if each["event"] == "delivery_failed")

    before = failed()
    yield
    until(lambda: set(kinds) <= (failed() - before).keys())


def in_time(answer: httpx.Response) -> httpx.Response:
    """Demand that an answer, whatever it says, has come before the deadline."""
    assert answer.elapsed.total_seconds() < PROMPT
    return answer


def recovered(
    call: Callable[[], httpx.Response],
    *,
    again: Collection[int] = (httpx.codes.SERVICE_UNAVAILABLE,),
    within: float = _RECOVERY,
) -> httpx.Response:
    """Repeat a call until it is available again (security R3, R5).

    Args:
        again: statuses that are not the last word.
        within: seconds after which the answer is the last word, whatever it says.
    """
    deadline = time.monotonic() + within
    while (answer := call()).status_code in again and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer


def until_nobody(witness: Witness, email: str) -> None:
    """Wait until no account with an address is left, not even half of one."""
    until(lambda: not witness.accounts(email), within=FINISHED_WITHIN)
