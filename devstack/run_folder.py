"""Gives each run a folder for its files, and clears those of runs that were killed."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from devstack.faults import StackFault

_PREFIX = "identity-stack-"
_LOCK = "lock"


@contextmanager
def run_folder() -> Iterator[Path]:
    """Make a folder that is gone when the block ends, or, after a SIGKILL, when the next run begins.

    Raises:
        StackFault: there is nowhere to make it.
    """
    with ExitStack() as held:
        try:
            _clear_killed()
            folder = _made(held)
        except OSError as error:
            raise StackFault(
                f"No folder can be made for the run ({error.strerror or error}): "
                "free some room, or name a folder of yours with TMPDIR=/some/folder."
            ) from error
        yield folder


def _made(held: ExitStack) -> Path:
    unnamed = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}"))
    folder = unnamed.with_name(unnamed.name.removeprefix("."))
    lock = held.enter_context((unnamed / _LOCK).open("w"))
    fcntl.flock(lock, fcntl.LOCK_EX)
    unnamed.rename(folder)  # only now can others find it, and they find it locked
    held.callback(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _clear_killed() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with suppress(OSError), (folder / _LOCK).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
