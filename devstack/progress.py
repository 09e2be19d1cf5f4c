"""Shows what takes long while it takes long."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeElapsedColumn, TransferSpeedColumn

console = Console(stderr=True, highlight=False)


@contextmanager
def step(text: str) -> Iterator[None]:
    """Show a step with its time until the block ends; where there is no terminal, one line."""
    if not console.is_terminal:
        console.print(f"{text} …")
        yield
        return
    with Progress(TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True) as shown:
        shown.add_task(f"{text} …", total=None)
        yield


@contextmanager
def download(name: str, size: int) -> Iterator[Callable[[int], None]]:
    """Show a download; yields what to call with the bytes that have come.

    Args:
        name: the file.
        size: its length, bytes.
    """
    columns = (TextColumn("Downloading {task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        if not console.is_terminal:
            console.print(f"Downloading {name} ({size // 1_000_000} MB) …")
        task = shown.add_task(name, total=size)
        yield lambda count: shown.advance(task, count)
