"""Sabotages the product, one fault after the other, and sees whether the tests notice.

    python -m tests.sabotage [NAME …]

A name is a part of a fault's, or a requirement such as `S23`. Ends with 1 when a fault was not noticed: what it breaks
is not tested.
"""

import time
from typing import Annotated

import typer
from rich.console import Console

from tests.sabotage.fault import Fault
from tests.sabotage.faults import FAULTS
from tests.sabotage.trial import Outcome, Verdict, tried
from tests.servers.stacks import stack_for_tests


def _chosen(names: list[str]) -> list[Fault]:
    if not names:
        return list(FAULTS)
    return [each for each in FAULTS if any(name == each.requirement or name in each.name for name in names)]


def _say(console: Console, fault: Fault, verdict: Verdict) -> None:
    by = f" by {verdict.test}" if verdict.test else ""
    _print(console, f"{verdict.outcome:13} {fault.requirement:4} {fault.name}{by} ({verdict.seconds:.0f} s)")
    if verdict.outcome is not Outcome.NOTICED:
        _print(console, verdict.last_words)


def _print(console: Console, text: str) -> None:
    console.print(text, soft_wrap=True, markup=False, highlight=False)


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Parts of names, or requirements such as S23.")] = None,
) -> None:
    """Try one fault after the other; all of them unless some are named."""
    chosen, noticed = _chosen(names or []), 0
    if not chosen:
        raise typer.BadParameter("no fault is called so")
    console, began = Console(), time.monotonic()
    with stack_for_tests() as stack:
        servers = {name: value for name, value in stack.variables.items() if name.startswith("STACK_")}
        for fault in chosen:
            verdict = tried(fault, servers)
            noticed += verdict.outcome is Outcome.NOTICED
            _say(console, fault, verdict)
    _print(console, f"{noticed} of {len(chosen)} noticed, in {(time.monotonic() - began) / 60:.0f} minutes")
    raise typer.Exit(noticed < len(chosen))


if __name__ == "__main__":
    typer.run(main)
