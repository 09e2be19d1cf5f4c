"""Published clients, each installed apart: two versions of one package cannot share an environment."""

import hashlib
import json
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devstack import progress
from devstack.cache import Cache
from devstack.environment import PROJECT, cache_directory, without_gateway
from devstack.faults import StackFault

# -S leaves the packages of the tests out, -P the script's neighbours; -B adds nothing to the cache's folder.
_APART = (sys.executable, "-S", "-P", "-B")
_LOCKED = PROJECT / "requirements" / "clients"

_PATIENCE = 60.0


@dataclass(frozen=True, slots=True)
class Conversation:
    """A client's script that is spoken with, a line of JSON for each call and each answer."""

    _process: subprocess.Popen[str]

    def ask(self, call: Mapping[str, object]) -> Any:  # noqa: ANN401 - whatever the script writes
        """Have the script do something; return what it says of it."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{json.dumps(call)}\n")
        self._process.stdin.flush()
        ready, _, _ = select.select([self._process.stdout], [], [], _PATIENCE)
        assert ready, f"the client still waits: {call}"
        return json.loads(self._process.stdout.readline())


@dataclass(frozen=True, slots=True)
class Client:
    """A published client with what it needs, as its makers ship it.

    Attributes:
        folder: its packages; kept in the cache, never changed.
    """

    folder: Path

    def running(self, script: Path, *arguments: str) -> subprocess.Popen[str]:
        """Run a script that sees the client's packages and none of ours; it is spoken with line by line."""
        return subprocess.Popen(  # noqa: S603 - our own words
            [*_APART, str(script), *arguments],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    @contextmanager
    def speaking(self, script: Path, *arguments: str) -> Iterator[Conversation]:
        """Speak with such a script until the block ends."""
        with self.running(script, *arguments) as process:
            try:
                yield Conversation(process)
            finally:
                process.kill()

    def ran(self, module: str, *arguments: str) -> str:
        """Run one of the client's own commands to its end, with success; return what it says."""
        command = [*_APART, "-m", module, *arguments]
        done = subprocess.run(  # noqa: S603 - the same
            command, env=self._environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def _environment(self) -> dict[str, str]:
        return {"PYTHONPATH": str(self.folder), "PYTHONUTF8": "1"}


def installed(name: str) -> Client:
    """Return a client, installing it first when the cache has none of these locked requirements.

    Args:
        name: of its file in `requirements/clients/`.

    Raises:
        StackFault: it cannot be installed; the text says what mends it.
    """
    locked = _LOCKED / f"{name}.txt"
    digest = hashlib.sha256(locked.read_bytes()).hexdigest()
    # Wheels and compiled files are of one version of Python.
    entry = f"client-{name}-{digest[:16]}-{sys.implementation.cache_tag}"
    return Client(Cache(cache_directory()).entry(entry, lambda folder: _install(locked, folder)))


def _install(locked: Path, folder: Path) -> None:
    options = ["--quiet", "--disable-pip-version-check", "--require-hashes", "--only-binary=:all:"]
    command = [sys.executable, "-m", "pip", "install", *options, "--target", str(folder), "-r", str(locked)]
    with progress.step(f"Installing {locked.stem}"):
        done = subprocess.run(  # noqa: S603 - the same
            command, env=without_gateway(), capture_output=True, text=True, check=False
        )
    if done.returncode:
        raise StackFault(f"{locked.stem} cannot be installed: connect to the network and start again.\n{done.stderr}")
