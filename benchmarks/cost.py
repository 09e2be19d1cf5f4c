"""What one login and one refresh cost the gateway: CPU time of its process, memory; and its start.

    python -m benchmarks.cost [--requests 10000]

The CPU time is the gateway process's own, user and system, over all requests: it does not depend on how fast Keycloak
answers, but it does on what else the machine is doing; compare figures of one run with each other.
"""

import asyncio
import statistics
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Annotated

import aiohttp
import psutil
import typer
from rich.console import Console
from rich.table import Table

from devstack.first_calls import PASSWORD
from devstack.stack import running_stack
from tests.servers.gateway import ServedGateway, served_gateway

CONNECTIONS = 8
PEOPLE = ("alice", "bob", "carol", "root")
STARTS = 5
WARM_UP = 200


@dataclass(frozen=True, slots=True)
class Cost:
    """One row of the table; times in milliseconds for each request."""

    operation: str
    requests: int
    cpu: float
    idle: float
    failed: int


class Load:
    """Eight connections that call one operation after another."""

    def __init__(self, gateway: ServedGateway) -> None:
        self._url = gateway.url
        self._process = psutil.Process(gateway.pid)

    async def login(self, requests: int) -> Cost:
        """Sign in."""
        bodies = [{"user": PEOPLE[each % len(PEOPLE)], "password": PASSWORD} for each in range(CONNECTIONS)]
        return await self._measured("login", "/api/iam/login", bodies, requests)

    async def refresh(self, requests: int) -> Cost:
        """Refresh, each connection with a session of its own."""
        async with aiohttp.ClientSession(self._url) as session:
            tokens = [await self._token(session, PEOPLE[each % len(PEOPLE)]) for each in range(CONNECTIONS)]
        bodies = [{"refresh_token": token} for token in tokens]
        return await self._measured("refresh", "/api/iam/refresh", bodies, requests)

    async def _token(self, session: aiohttp.ClientSession, person: str) -> str:
        async with session.post("/api/iam/login", json={"user": person, "password": PASSWORD}) as answer:
            answer.raise_for_status()
            return str((await answer.json())["refresh_token"])

    async def _measured(self, name: str, path: str, bodies: list[dict[str, str]], requests: int) -> Cost:
        idle = await self._idle()
        cpu, began, left = self._cpu(), time.monotonic(), iter(range(requests))
        async with aiohttp.ClientSession(self._url) as session:
            failed = await asyncio.gather(*(self._call(session, path, body, left) for body in bodies))
        spent, seconds = self._cpu() - cpu, time.monotonic() - began
        return Cost(name, requests, 1000 * spent / requests, 1000 * idle * seconds / requests, sum(failed))

    async def _call(self, session: aiohttp.ClientSession, path: str, body: dict[str, str], left: Iterator[int]) -> int:
        failed = 0
        for _ in left:
            async with session.post(path, json=body) as answer:
                await answer.read()
                failed += answer.status != 200  # noqa: PLR2004 - HTTP's own number
        return failed

    async def _idle(self) -> float:
        """Return CPU seconds for each second of doing nothing: what is due to time, not to requests."""
        cpu = self._cpu()
        await asyncio.sleep(5)
        return (self._cpu() - cpu) / 5

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


def _memory(gateway: ServedGateway) -> float:
    return float(psutil.Process(gateway.pid).memory_info().rss / (1 << 20))


def _start_times(variables: dict[str, str]) -> Iterable[float]:
    for _ in range(STARTS):
        began = time.monotonic()
        with served_gateway(variables):
            yield time.monotonic() - began


def main(requests: Annotated[int, typer.Option(help="Requests in all, half of them logins.")] = 10_000) -> None:
    """Measure and print."""
    console = Console()
    with running_stack() as stack:
        variables = {**stack.gateway, "GATEWAY_LIMITS__REFUSAL_FLOOR": "0"}
        starts = list(_start_times(variables))
        with served_gateway(variables) as gateway:
            load = Load(gateway)
            asyncio.run(load.login(WARM_UP))
            costs = [asyncio.run(each(requests // 2)) for each in (load.login, load.refresh)]
            memory = _memory(gateway)
    table = Table("operation", "requests", "CPU ms a request", "of it, time passing", "failed")
    for cost in costs:
        table.add_row(cost.operation, str(cost.requests), f"{cost.cpu:.2f}", f"{cost.idle:.2f}", str(cost.failed))
    console.print(table)
    console.print(f"memory after {requests + WARM_UP} requests: {memory:.1f} MiB")
    console.print(f"start to ready: {statistics.median(starts):.2f} s (median of {STARTS})")


if __name__ == "__main__":
    typer.run(main)
