"""Puts a fault into a copy of the tree, and has its tests run there by a process of their own."""

import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree as ET

from devstack.children import Child, running
from devstack.environment import PROJECT, variables
from tests.sabotage.fault import Fault

_LONGEST = 240.0
"""Seconds that the tests of one fault may take."""
_NOT_CALLED = frozenset({"error", "skipped"})


class Outcome(StrEnum):
    """What became of a fault."""

    NOTICED = "noticed"
    NOT_NOTICED = "NOT NOTICED"
    NOT_STARTED = "did not start"
    NOT_ENDED = "did not end"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the tests have made of a fault.

    Attributes:
        outcome: noticed is what makes a test fail in its call; neither at collection nor in a fixture.
        test: the first that failed; empty where none did.
        seconds: how long it took.
        last_words: of the tests.
    """

    outcome: Outcome
    test: str
    seconds: float
    last_words: str = field(repr=False)


def tried(fault: Fault, stack: Mapping[str, str]) -> Verdict:
    """Run the tests of a fault until one fails.

    Args:
        fault: what they have to notice.
        stack: the `STACK_…` variables of the servers that they use.

    Raises:
        FaultOutdated: the fault does not fit the product.
    """
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="sabotaged-") as folder:
        tree, report = Path(folder, "tree"), Path(folder, "report.xml")
        _copy(tree)
        fault.put_into(tree)
        tests = [f"tests/{each}" for each in fault.noticed_by]
        command = [sys.executable, "-m", "pytest", "-q", "--exitfirst", f"--junitxml={report}", *tests]
        surroundings = {**variables(), **stack}
        with running(fault.name, command, log=Path(folder, "log"), environment=surroundings, folder=tree) as child:
            outcome, test = _told_by(report) if _has_ended(child) else (Outcome.NOT_ENDED, "")
            return Verdict(outcome, test, time.monotonic() - began, child.last_lines())


def _copy(tree: Path) -> None:
    """Copy what git knows, as it is in the working tree."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, check=True, capture_output=True)  # noqa: S607 - git is wherever it is
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, target = PROJECT / name, tree / name
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)


def _has_ended(child: Child) -> bool:
    with suppress(subprocess.TimeoutExpired):
        child.guard.wait(_LONGEST)
        return True
    return False


def _told_by(report: Path) -> tuple[Outcome, str]:
    if not report.is_file():
        return Outcome.NOT_STARTED, ""
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - pytest's own words
    for case in cases:
        if case.find("failure") is not None:
            return Outcome.NOTICED, _id_of(case)
    called = [case for case in cases if not _NOT_CALLED & {each.tag for each in case}]
    return (Outcome.NOT_NOTICED if called else Outcome.NOT_STARTED), ""


def _id_of(case: ET.Element) -> str:
    file = case.get("classname", "").removeprefix("tests.").replace(".", "/")
    return f"{file}.py::{case.get('name', '')}"
