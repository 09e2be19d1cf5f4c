"""Keeps what is slow to make: each entry is written beside its place and renamed into it, so it is whole or absent."""

import fcntl
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from devstack.faults import StackFault

_MARKER = ".complete"


@dataclass(frozen=True, slots=True)
class Cache:
    """Folders that are made once and used read-only.

    Attributes:
        root: where they are; made when absent.
    """

    root: Path

    def entry(self, name: str, make: Callable[[Path], None]) -> Path:
        """Return the folder `name`, making it first when it is absent or damaged.

        Two processes that want the same folder at once get the same one: the second waits for the first.

        Args:
            name: the folder's name; what it depends on (version, hash) is part of it.
            make: fills the empty folder it is given.

        Raises:
            StackFault: the cache cannot be written, or `make` says so.
        """
        place = self.root / name
        if _is_whole(place):
            return place
        with self._writing(name):
            if not _is_whole(place):
                self._make(place, make)
        return place

    def drop(self, name: str) -> None:
        """Forget the folder `name`, so that it is made again.

        Raises:
            StackFault: the cache cannot be written.
        """
        with self._writing(name):
            shutil.rmtree(self.root / name, ignore_errors=True)

    def _make(self, place: Path, make: Callable[[Path], None]) -> None:
        for leftover in self.root.glob(f".{place.name}.*"):
            shutil.rmtree(leftover, ignore_errors=True)
        beside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=self.root))
        try:
            make(beside)
            (beside / _MARKER).write_text(json.dumps(_measure(beside)), encoding="utf-8")
            if place.exists():
                place.rename(beside.with_name(f"{beside.name}.damaged"))
            beside.rename(place)
        finally:
            for leftover in self.root.glob(f".{place.name}.*"):
                shutil.rmtree(leftover, ignore_errors=True)

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        """Hold the entry's lock; the system frees it when the holder dies, so there is no stale one."""
        try:
            self.root.mkdir(parents=True, exist_ok=True)
            with (self.root / f"{name}.lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except OSError as error:
            raise StackFault(
                f"The cache {self.root} cannot be written ({error.strerror or error}): "
                "free some room there, or name a folder of yours with STACK_CACHE=/some/folder."
            ) from error


def _is_whole(place: Path) -> bool:
    try:
        recorded = json.loads((place / _MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(recorded == _measure(place))


def _measure(place: Path) -> dict[str, int]:
    """Count files and bytes: enough to notice what was deleted or cut short, cheap enough for every start."""
    sizes = [path.stat().st_size for path in place.rglob("*") if path.is_file() and path.name != _MARKER]
    return {"files": len(sizes), "bytes": sum(sizes)}
