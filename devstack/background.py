"""Keeps a stack in the background: one for each folder, known by the lock its keeper holds."""

import fcntl
import os
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from devstack import environment, keycloak, progress
from devstack.cache import Cache
from devstack.faults import StackFault
from devstack.ports import gateway_places
from devstack.signals import until_signalled
from devstack.stack import Stack, running_stack

_START_TIME = 360.0
_STOP_TIME = 40.0
_POLL = 0.1
_TRIES = 10
_ABSENT = (FileNotFoundError, NotADirectoryError)


@dataclass(frozen=True, slots=True)
class Background:
    """The stack of one folder.

    Attributes:
        folder: holds `env`, the variables of a running stack, beside its log and lock.
    """

    folder: Path

    @property
    def env(self) -> Path:
        """The file of variables, there while the stack runs."""
        return self.folder / "env"

    @property
    def log(self) -> Path:
        """What the keeper wrote."""
        return self.folder / "log"

    def keeper(self) -> int | None:
        """Return the process that keeps the stack, None when nobody does.

        The keeper holds a lock as long as it lives, so a process id left over from an earlier one is never believed.

        Raises:
            StackFault: the folder is not ours to use.
        """
        with _used(self.folder), suppress(*_ABSENT), self._lock.open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                told = lock.read()
                return int(told) if told else None
        return None

    def variables(self) -> dict[str, str]:
        """Return the variables of the running stack; empty when none runs.

        Raises:
            StackFault: the folder is not ours to use.
        """
        if self.keeper() is None or not self.env.exists():
            return {}
        with _used(self.folder):
            lines = shlex.split(self.env.read_text(encoding="utf-8"))
        return dict(line.split("=", 1) for line in lines)

    def up(self) -> bool:
        """Start the stack and return when it is ready; False when it runs already.

        Raises:
            StackFault: it cannot start.
        """
        if self.variables():
            return False
        if not environment.wants_docker():
            keycloak.prepare(Cache(environment.cache_directory()))
        with _used(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            log = self.log.open("wb")
        with log:
            keeper = subprocess.Popen(
                [sys.executable, "-m", "devstack", "--folder", str(self.folder), "keep"],
                cwd=environment.PROJECT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        with progress.step("Starting the stack"):
            self._await(keeper)
        return True

    def down(self) -> bool:
        """Stop the stack; False when none runs.

        Raises:
            StackFault: the folder is not ours to use.
        """
        keeper = self.keeper()
        if keeper is None:
            with _used(self.folder), suppress(*_ABSENT):
                self.env.unlink()
            return False
        os.kill(keeper, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_TIME
        while self.keeper() == keeper:
            if time.monotonic() > deadline:
                os.kill(keeper, signal.SIGKILL)
            time.sleep(_POLL)
        self.env.unlink(missing_ok=True)
        return True

    def keep(self) -> None:
        """Run the stack until this process is told to end; what `up` starts.

        Raises:
            StackFault: another one keeps this folder, or the stack cannot start.
        """
        places = gateway_places()
        with self._keeping(), running_stack(public_url=places.public_url) as stack:
            self._tell({"STACK_PID": str(os.getpid()), **stack.variables, **places.variables})
            try:
                until_signalled()
            finally:
                self.env.unlink(missing_ok=True)

    @property
    def _lock(self) -> Path:
        return self.folder / "lock"

    @contextmanager
    def _keeping(self) -> Iterator[None]:
        with ExitStack() as held:
            with _used(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
                lock = held.enter_context(self._lock.open("a+"))
                if not _locked(lock):
                    raise StackFault(f"A stack is already kept in {self.folder}.")
                lock.truncate(0)
                lock.write(str(os.getpid()))
                lock.flush()
            yield

    def _tell(self, variables: Mapping[str, str]) -> None:
        with _used(self.folder):
            beside = self.env.with_suffix(".new")
            beside.touch(mode=0o600)
            beside.write_text("".join(f"{name}={shlex.quote(value)}\n" for name, value in variables.items()), "utf-8")
            beside.replace(self.env)

    def _await(self, keeper: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + _START_TIME
        while time.monotonic() < deadline and keeper.poll() is None:
            if self.variables():
                return
            time.sleep(_POLL)
        keeper.terminate()
        told = self.log.read_text(encoding="utf-8", errors="replace").strip()
        raise StackFault(told or f"The stack was not ready within {_START_TIME:g} s.")


def _locked(lock: IO[str]) -> bool:
    """Take the lock; those who only ask whether it is held hold it too, for a moment."""
    for _ in range(_TRIES):
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        time.sleep(_POLL)
    return False


def current() -> Stack | None:
    """Return the stack that `STACK_…` variables name or that runs in the background; None when there is none."""
    named = Stack.of(environment.variables())
    return named or Stack.of(Background(environment.STACK_FOLDER).variables())


@contextmanager
def _used(folder: Path) -> Iterator[None]:
    """Say in one sentence that a folder cannot be used; nothing but work on its files belongs inside."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or error
        raise StackFault(f"{folder} cannot be used ({reason}): name another folder with --folder.") from error
