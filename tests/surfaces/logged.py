"""Lines of a served gateway's log."""

import time
from typing import Any

import httpx

from tests.servers.gateway import ServedGateway
from tests.servers.waiting import until

_PATIENCE = 20.0


def events_of(gateway: ServedGateway, event: str, account: str) -> list[dict[str, Any]]:
    """Return what has been told of an account so far."""
    return [each for each in gateway.events if (each["event"], each.get("account")) == (event, account)]


def awaited(gateway: ServedGateway, event: str, account: str, times: int = 1) -> list[dict[str, Any]]:
    """Wait until an event of an account has been told so many times."""
    deadline = time.monotonic() + _PATIENCE
    while len(told := events_of(gateway, event, account)) < times:
        assert time.monotonic() < deadline, f"{event} of {account} was told {len(told)} times"
        time.sleep(0.05)
    return told


def told_of(gateway: ServedGateway, answer: httpx.Response, event: str) -> list[dict[str, Any]]:
    """Return the events of a kind that an answer's own request brought about."""
    request_id = answer.headers["x-request-id"]
    return [each for each in gateway.events if (each["event"], each.get("request_id")) == (event, request_id)]


def request_line(gateway: ServedGateway, answer: httpx.Response) -> dict[str, Any]:
    """Wait for the last line of an answer's own request, which is written when the answer is on its way."""
    until(lambda: told_of(gateway, answer, "request") != [])
    (line,) = told_of(gateway, answer, "request")
    return line
