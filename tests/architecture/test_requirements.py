"""What is imported is declared, what is declared has its defence, and what is declared is locked."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterable
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_PROJECT = tomllib.loads((_ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_GROUPS: dict[str, list[object]] = _PROJECT["dependency-groups"]
_OURS = {"gateway", "devstack", "tests", "benchmarks"}
# Released together with the other, which asks for exactly the one that fits.
_COMPANIONS = {"pydantic-core": "pydantic"}
# What is imported there is installed by itself (requirements/clients/).
_ELSEWHERE = _ROOT / "tests" / "clients"


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _names(requirements: Iterable[object]) -> set[str]:
    texts = (each for each in requirements if isinstance(each, str))
    return {_normal(re.split(r"[ <>=!~;\[]", each)[0]) for each in texts}


_AT_RUN_TIME = _names(_PROJECT["project"]["dependencies"])
_AT_ALL = _AT_RUN_TIME.union(*map(_names, _GROUPS.values()))


def _imported(package: str) -> set[str]:
    """Name the modules of others that a package of ours imports, by their first word."""
    files = (path for path in (_ROOT / package).rglob("*.py") if not path.is_relative_to(_ELSEWHERE))
    nodes = [node for path in files for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module for node in nodes if isinstance(node, ast.ImportFrom) and node.module]
    return {name.partition(".")[0] for name in names} - _OURS - sys.stdlib_module_names


@pytest.mark.parametrize(
    ("package", "declared"),
    [("gateway", _AT_RUN_TIME), ("devstack", _AT_ALL), ("tests", _AT_ALL), ("benchmarks", _AT_ALL)],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_imported_is_declared(package: str, declared: set[str]) -> None:
    installed = packages_distributions()
    brought = {module: {_normal(each) for each in installed.get(module, [module])} for module in _imported(package)}
    named = {module: {_COMPANIONS.get(each, each) for each in names} for module, names in brought.items()}
    assert brought
    assert {module: names for module, names in named.items() if not names & declared} == {}


def test_what_is_declared_has_a_line_of_defence() -> None:
    page = (_ROOT / "docs" / "decisions" / "0007-dependencies.md").read_text(encoding="utf-8")
    defended = re.findall(r"^\| ((?:`[\w-]+`(?:, )?)+) \|", page.partition("## What follows")[0], re.MULTILINE)
    assert {name for names in defended for name in re.findall(r"`([\w-]+)`", names)} == _AT_ALL


@pytest.mark.parametrize(("file", "declared"), [("runtime.txt", _AT_RUN_TIME), ("dev.txt", _AT_ALL)])
def test_what_is_declared_is_locked(file: str, declared: set[str]) -> None:
    locked = (_ROOT / "requirements" / file).read_text(encoding="utf-8")
    assert declared <= set(re.findall(r"^([a-z0-9-]+)==", locked, re.MULTILINE))
