"""A run of many requests, on several lines at once, and what comes of it."""

import asyncio
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from urllib.parse import urlsplit

import httpx

from tests.abuse.exchange import Line
from tests.abuse.judging import faults
from tests.abuse.mischief import spoiled
from tests.abuse.requests import REQUEST_ID, Dice, Request
from tests.servers.gateway import ServedGateway

_LINES = 8
_ADDRESSES = 40
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Run:
    """What comes of it."""

    line_up: Iterator[Request]
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    async def go(self, gateway: ServedGateway, most: int) -> None:
        """Send so many of the requests, each on the next free line."""
        requests = islice(self.line_up, most)
        async with asyncio.TaskGroup() as group:
            for _ in range(_LINES):
                group.create_task(self._talk(gateway, requests))

    def require_good(self, gateway: ServedGateway) -> None:
        """Demand that every answer was as it must be, and nothing unexpected."""
        assert not self.faults, f"{len(self.faults)} answers, such as\n" + "\n".join(self.faults[:_SHOWN])
        assert [each for each in gateway.events if each["event"] == "unexpected_error"] == []
        # The queue for Keycloak may be too long now and then on a busy machine (security R6), but only now and then.
        assert self.statuses[500] + self.statuses[503] <= self.statuses.total() // 100

    async def _talk(self, gateway: ServedGateway, requests: Iterable[Request]) -> None:
        there = urlsplit(gateway.url)
        async with Line(there.hostname or "", there.port or 0) as line:
            for each in requests:
                self._note(each, await line.ask(each.written, bodiless=each.method == b"HEAD"))

    def _note(self, request: Request, answer: httpx.Response | None) -> None:
        self.statuses[answer.status_code if answer else 0] += 1
        if found := faults(request, answer):
            told = (answer.status_code, answer.content[:300]) if answer else None
            self.faults.append(f"{'; '.join(found)}\n    asked: {request.written[:600]!r}\n    told: {told}")


def odd(rolled: Dice, number: int, asked: Request) -> Request:
    """Have a good request come from one of many addresses, spoil it, and number it."""
    via = (b"x-forwarded-for", b"203.0.113.%d" % rolled.randrange(_ADDRESSES))
    request = spoiled(rolled, replace(asked, headers=(*asked.headers, via)))
    return replace(request, headers=(*request.headers, (REQUEST_ID, b"request-%08d" % number)))
