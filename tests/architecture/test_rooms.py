"""Every folder is a room that says what it owns."""

import ast
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_ROOMS = sorted(path.parent.relative_to(_ROOT) for path in (_ROOT / "gateway").rglob("__init__.py"))
_VAGUE = ("utils", "helpers", "helper", "common", "misc", "manager", "base")


def _docstring(room: Path) -> str:
    source = (_ROOT / room / "__init__.py").read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source)) or ""


@pytest.mark.parametrize("room", _ROOMS, ids=str)
def test_a_room_says_in_one_sentence_what_it_owns(room: Path) -> None:
    said = _docstring(room)
    assert said.startswith("Owns ")
    assert said.endswith(".")
    assert "\n" not in said


def test_every_folder_with_code_is_a_room() -> None:
    folders = {path.parent.relative_to(_ROOT) for path in (_ROOT / "gateway").rglob("*.py")}
    assert folders == set(_ROOMS)


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert not [path for path in (_ROOT / "gateway").rglob("*.py") if path.stem in _VAGUE]


def test_every_tested_module_is_there() -> None:
    tested = [path.relative_to(_ROOT / "tests") for path in (_ROOT / "tests" / "web").glob("test_*.py")]
    named = [path.with_name(path.name.removeprefix("test_")) for path in tested]
    modules = [path.relative_to(_ROOT / "gateway") for path in (_ROOT / "gateway" / "web").rglob("*.py")]
    assert {path.name for path in named} <= {path.name for path in modules}
