"""More sign-ins at once than Keycloak can take: some are put off, none is late, nobody is locked (security R6, R8)."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import httpx
import pytest

from tests.abuse.exchange import Line
from tests.abuse.requests import Request
from tests.conftest import Realm
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.counted import total
from tests.surfaces.logged import request_line
from tests.surfaces.outages import recovered
from tests.surfaces.toan.answers import refusal, tokens
from tests.surfaces.toan.client import LOGIN, Toan

_PEOPLE = 50
# As many guesses as may be under way for one account (security S3).
_TIMES = 5
_DEADLINE = 5000.0
_SLACK = 3000.0
_PATIENCE = 60.0
_SOON = 2000.0
_FURTHER = 3
"""Logins after a rush: a machine that stands still for a moment delays one of them."""


@dataclass(frozen=True, slots=True)
class Rush:
    """Everybody at the door at once, with the right password.

    Attributes:
        people: who; each of them several times.
        answers: to all of them.
        afterwards: the answers to those who come next, one by one.
        lags: how often the loop's lag was measured meanwhile.
    """

    gateway: ServedGateway
    people: Sequence[Person]
    answers: Sequence[httpx.Response | None]
    afterwards: Sequence[httpx.Response]
    lags: float


@pytest.fixture(scope="module")
def rush(gateway_variables: Mapping[str, str], realm: Realm) -> Iterator[Rush]:
    """A rush at a gateway that checks one password at a time, since the realm's hash is much quicker than usual."""
    own = {
        "GATEWAY_REDIS__PREFIX": f"{gateway_variables['GATEWAY_REDIS__PREFIX']}{secrets.token_hex(4)}:",
        "GATEWAY_KEYCLOAK__MAX_PASSWORD_CHECKS": "1",
        "GATEWAY_KEYCLOAK__TIMEOUT": "5",
        "GATEWAY_REDIS__TIMEOUT": "5",
    }
    people = [PersonMaker(realm)() for _ in range(_PEOPLE)]
    with served_gateway({**gateway_variables, **own}) as served, served.client() as http:
        before = _lags(served)
        answers = asyncio.run(_all_at_once(served, [_sign_in(served, each) for each in people * _TIMES]))
        afterwards = [Toan(http).login(people[0].username, people[0].password) for _ in range(_FURTHER)]
        yield Rush(served, people, answers, afterwards, _lags(served) - before)


def _lags(served: ServedGateway) -> float:
    return total(served, "gateway_loop_lag_seconds_count")


def _sign_in(gateway: ServedGateway, person: Person) -> Request:
    return Request(
        surface="toan",
        method=b"POST",
        target=LOGIN.encode(),
        headers=((b"host", httpx.URL(gateway.url).netloc), (b"content-type", b"application/json")),
        media_type="application/json",
        members={"user": person.username, "password": person.password},
    )


async def _all_at_once(gateway: ServedGateway, requests: Sequence[Request]) -> list[httpx.Response | None]:
    there = httpx.URL(gateway.url)

    async def answer(request: Request) -> httpx.Response | None:
        async with Line(there.host, there.port or 0) as line:
            return await line.ask(request.written)

    return await asyncio.gather(*map(answer, requests))


def test_some_are_let_in_and_the_others_are_told_when_to_come_back(rush: Rush) -> None:
    answers = [each for each in rush.answers if each is not None]
    assert len(answers) == _PEOPLE * _TIMES
    statuses = Counter(each.status_code for each in answers)
    assert statuses.keys() <= {200, 429, 503}
    assert statuses[200]
    assert statuses[503], "there was no overload"
    for each in answers:
        if each.status_code == 200:
            tokens(each)
        else:
            refusal(each, each.status_code)
            assert int(each.headers["retry-after"]) > 0


def test_everybody_is_answered_within_the_deadline(rush: Rush) -> None:
    assert len(told := _told(rush.gateway)) == _PEOPLE * _TIMES
    assert max(told) < _DEADLINE + _SLACK


def test_whoever_comes_next_is_let_in_soon(rush: Rush) -> None:
    for each in rush.afterwards:
        tokens(each)
    assert min(request_line(rush.gateway, each)["milliseconds"] for each in rush.afterwards) < _SOON


def test_nobody_is_locked_by_a_rush(rush: Rush) -> None:
    with rush.gateway.client() as http:
        toan = Toan(http)
        for each in rush.people:
            tokens(recovered(partial(toan.login, each.username, each.password)))
    locks = [each for each in rush.gateway.events if each["event"] in ("account_locked", "address_blocked")]
    assert locks == []


def test_the_lag_of_the_loop_is_measured_in_a_rush(rush: Rush) -> None:
    # It lasts a second at least, for those who queue in vain; how long the lag is, `benchmarks.overload` shows.
    assert rush.lags >= 1


def _told(gateway: ServedGateway) -> list[float]:
    """Read how long the sign-ins of the rush took, by the gateway's own clock, once all have been told."""
    deadline = time.monotonic() + _PATIENCE
    while len(told := _sign_ins(gateway)) < _PEOPLE * _TIMES:
        assert time.monotonic() < deadline, f"{len(told)} requests were told"
        time.sleep(0.1)
    return told[: _PEOPLE * _TIMES]


def _sign_ins(gateway: ServedGateway) -> list[float]:
    events = gateway.events
    return [each["milliseconds"] for each in events if str(each.get("operation")).startswith("login_user")]
