"""The tables of `docs/operations.md` list every event that the code can tell, and no other (security S49)."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

from gateway.identity.security_events import Event

_ROOT = Path(__file__).parents[2]
_EVENTS = set(get_args(Event))
_OUTCOMES = {"done", "refused", "failed"}


def _calls() -> Iterator[tuple[str, ast.Call]]:
    """Yield every call in the gateway: of what, and the call itself."""
    for path in sorted((_ROOT / "gateway").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node


def _texts(nodes: Iterable[ast.AST]) -> set[str]:
    constants = (each for node in nodes for each in ast.walk(node) if isinstance(each, ast.Constant))
    return {each.value for each in constants if isinstance(each.value, str)}


def _told() -> dict[str, set[str]]:
    """Read off which outcomes each security event is told with."""
    told: dict[str, set[str]] = {}
    for called, call in _calls():
        if called not in ("self._events.tell", "self._events.refusals", "self._events.refusals_by"):
            continue
        texts = _texts(call.args)
        events, outcomes = texts & _EVENTS, texts & _OUTCOMES or {"refused"}
        assert events, f"an event that cannot be read off: {ast.unparse(call)}"
        for event in events:
            told.setdefault(event, set()).update(outcomes)
    return told


def _logged() -> set[str]:
    """Read off every other event; a `write` is one of two levels of `_log`."""
    return {
        text for called, call in _calls() if called.startswith("_log.") or called == "write" for text in _name(call)
    }


def _name(call: ast.Call) -> set[str]:
    return _texts(call.args[:1])


def _table(heading: str) -> dict[str, str]:
    """Read a table: event → the rest of its row."""
    page = (_ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = page.partition(f"| event | {heading} |\n")[2].partition("\n\n")[0]
    rows = [row.strip("| ").partition(" | ") for row in table.splitlines()[1:]]
    return {event: rest for names, _, rest in rows for event in re.findall(r"`(\w+)`", names)}


def test_the_outcomes_of_every_security_event_are_listed_and_no_others() -> None:
    rows = _table("outcomes and reasons").items()
    assert {event: _OUTCOMES & set(re.findall(r"\w+", rest)) for event, rest in rows} == _told()


def test_every_security_event_is_told_somewhere() -> None:
    assert set(_told()) == _EVENTS


def test_every_other_event_of_the_log_is_listed_and_no_other() -> None:
    assert set(_table("level | meaning")) == _logged()
