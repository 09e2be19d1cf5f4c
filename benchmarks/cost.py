"""What one login and one refresh cost the gateway: CPU time of its process, memory; and its start.

    python -m benchmarks.cost [--requests 10000]

The CPU time is the gateway process's own, user and system, over all requests: it does not depend on how fast Keycloak
answers, but it does on what else the machine is doing, so each figure stands beside that of the bare calls
(`benchmarks.bare`), which were measured in turns with it. Meant: at most 1.5 ms a login, 1.2 ms a refresh, 1.5 s to
start, 90 MiB after 10,000 requests.
"""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import aiohttp
import psutil
import typer
from rich.console import Console
from rich.table import Table

from devstack.children import accepts, free_port
from devstack.environment import without_gateway
from devstack.first_calls import PASSWORD
from devstack.stack import running_stack
from tests.servers.gateway import served_gateway

CONNECTIONS = 8
PEOPLE = ("alice", "bob", "carol", "root")
STARTS = 5
WARM_UP = 200
_WITH_BYTECODE = {"PYTHONDONTWRITEBYTECODE": ""}
"""As an installation has it; without, each start compiles everything."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What an operation costs; times in milliseconds for each request.

    Attributes:
        cpu: of the process.
        idle: of it, what it would have cost to do nothing for that time.
    """

    operation: str
    requests: int
    cpu: float
    idle: float
    failed: int


class Load:
    """Eight connections that call one operation after another."""

    def __init__(self, url: str, pid: int) -> None:
        """Take who is called.

        Args:
            url: base address.
            pid: the process whose time and memory count.
        """
        self._url = url
        self._process = psutil.Process(pid)

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

    @property
    def memory(self) -> float:
        """Resident memory of the process, MiB."""
        return float(self._process.memory_info().rss / (1 << 20))

    def _cpu(self) -> float:
        times = self._process.cpu_times()
        return float(times.user + times.system)


def _start_times(variables: dict[str, str]) -> Iterable[float]:
    for _ in range(STARTS):
        began = time.monotonic()
        with served_gateway(variables, anew=True):
            yield time.monotonic() - began


@contextmanager
def _bare(variables: dict[str, str]) -> Iterator[Load]:
    """Serve the bare calls as uvicorn serves the gateway."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "benchmarks.bare:app", "--port", str(port)]
    options = ["--loop", "uvloop", "--http", "httptools", "--no-access-log", "--log-level", "error"]
    with subprocess.Popen([*command, *options], env=without_gateway() | variables) as process:
        try:
            while not accepts(port):
                time.sleep(0.1)
            yield Load(f"http://127.0.0.1:{port}", process.pid)
        finally:
            process.terminate()


def _compared(gateway: Load, bare: Load, requests: int) -> Iterator[tuple[Cost, Cost]]:
    """Measure each operation at both, one right after the other."""
    for operation in (Load.login, Load.refresh):
        yield asyncio.run(operation(gateway, requests)), asyncio.run(operation(bare, requests))


def main(requests: Annotated[int, typer.Option(help="Requests to the gateway, half of them logins.")] = 10_000) -> None:
    """Measure and print."""
    console = Console()
    with running_stack() as stack:
        variables = {**stack.gateway, "GATEWAY_LIMITS__REFUSAL_FLOOR": "0", **_WITH_BYTECODE}
        starts = list(_start_times(variables))
        with served_gateway(variables, anew=True) as served, _bare(variables) as bare:
            gateway = Load(served.url, served.pid)
            for each in (gateway, bare):
                asyncio.run(each.login(WARM_UP))
            costs = list(_compared(gateway, bare, requests // 2))
            memory = gateway.memory
    table = Table("operation", "requests", "CPU ms a request", "of it, idle", "bare calls", "ratio", "failed")
    for cost, floor in costs:
        figures = (cost.cpu, cost.idle, floor.cpu, cost.cpu / floor.cpu)
        table.add_row(cost.operation, str(cost.requests), *(f"{each:.2f}" for each in figures), str(cost.failed))
    console.print(table)
    console.print(f"memory after {requests + WARM_UP} requests: {memory:.1f} MiB")
    console.print(f"start to ready: {statistics.median(starts):.2f} s (median of {STARTS})")


if __name__ == "__main__":
    typer.run(main)
