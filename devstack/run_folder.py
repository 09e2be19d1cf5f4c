"""Gives each run a folder for its files, and clears those of runs that were killed."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_PREFIX = "identity-stack-"
_LOCK = "lock"


@contextmanager
def run_folder() -> Iterator[Path]:
    """Make a folder that is gone when the block ends, or, after a SIGKILL, when the next run begins."""
    _clear_killed()
    unnamed = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}"))
    folder = unnamed.with_name(unnamed.name.removeprefix("."))
    with (unnamed / _LOCK).open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        unnamed.rename(folder)  # only now can others find it, and they find it locked
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _clear_killed() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError), (folder / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
