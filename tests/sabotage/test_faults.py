"""Every fault fits the product as it is, and its tests are there; whether they notice it, `make sabotage` tells."""

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from tests.sabotage.fault import Fault, FaultOutdated
from tests.sabotage.faults import FAULTS

_ROOT = Path(__file__).parents[2]
_FEWEST = 26
_SURFACES = {"backchannel_logout", "cyclos", "kestra", "nap", "pipeshub", "toan"}


@cache
def _source(file: Path) -> str:
    return file.read_text(encoding="utf-8")


@cache
def _tests_in(file: Path) -> set[str]:
    nodes = ast.walk(ast.parse(_source(file)))
    functions = (node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return {node.name for node in functions if node.name.startswith("test_")}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_fits_the_product(fault: Fault) -> None:
    patched = fault.patched(_source(_ROOT / "gateway" / fault.file))
    assert fault.becomes != fault.stands
    if fault.file.endswith(".py"):
        compile(patched, fault.file, "exec")


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_tests_of_a_fault_are_there(fault: Fault) -> None:
    assert fault.noticed_by
    for each in fault.noticed_by:
        file, _, test = each.partition("::")
        tests = _tests_in(_ROOT / "tests" / file)
        assert test in tests if test else tests


def test_every_fault_has_a_name_and_a_requirement_of_its_own() -> None:
    assert [name for name, times in Counter(each.name for each in FAULTS).items() if times > 1] == []
    assert [each.name for each in FAULTS if not re.fullmatch(r"[SR][1-9]\d?", each.requirement)] == []


def test_faults_are_many_and_in_every_surface() -> None:
    parts = {part for fault in FAULTS for each in fault.noticed_by for part in Path(each).parts}
    assert len(FAULTS) >= _FEWEST
    assert parts >= _SURFACES


def test_a_fault_that_fits_no_more_is_told() -> None:
    fault = Fault("two of them", "S1", "any.py", "a", "b", ("any",))
    with pytest.raises(FaultOutdated, match="stands 2 times"):
        fault.patched("a a")
