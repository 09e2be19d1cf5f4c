"""Every folder is a room that says what it owns."""

import ast
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_ROOMS = sorted(path.parent.relative_to(_ROOT) for path in (_ROOT / "gateway").rglob("__init__.py"))
_BY_TOPIC = {"app", "surfaces"}
"""Rooms that are tested through the whole gateway, by what it does."""
_BY_MODULE = [
    room.name
    for room in _ROOMS
    if room.parent.name == "gateway" and room.name not in _BY_TOPIC and (_ROOT / "tests" / room.name).is_dir()
]
_TOPICS = {
    "keycloak": {
        "forged_access_tokens": "access_tokens",
        "id_tokens": "access_tokens",
        "logout_tokens": "access_tokens",
        "older_versions": "errors",
        "refresh_tokens": "tokens",
        "repeated_calls": "connection",
        "standing_sessions": "sessions",
    },
    "settings": {"reading_anything": "reading"},
    "state": {
        "broken_connections": "connection",
        "claimed_parcels": "outbox",
        "codes_given_back": "one_time_codes",
        "codes_in_an_hour": "one_time_codes",
        "codes_in_trouble": "one_time_codes",
        "kept_sign_ins": "sign_in_sessions",
        "link_claims": "links",
        "outdated_tries": "attempts",
        "pending_opaque_sessions": "opaque_sessions",
        "purposes": "keys",
        "rechecked_opaque_sessions": "opaque_sessions",
        "reopened_sign_ins": "sign_in_sessions",
        "standing_invitations": "invitations",
        "waiting_parcels": "outbox",
    },
    "web": {"body_limits": "body", "pipelining": "protocol"},
}
"""Tests of a topic that would make their module's file too long → that module."""
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


@pytest.mark.parametrize("room", _BY_MODULE)
def test_every_tested_module_is_there(room: str) -> None:
    modules = {path.stem for path in (_ROOT / "gateway" / room).rglob("*.py")}
    tested = {path.stem.removeprefix("test_") for path in (_ROOT / "tests" / room).rglob("test_*.py")}
    topics = _TOPICS.get(room, {})
    assert {topics.get(each, each) for each in tested} <= modules
    assert topics.keys() <= tested - modules
