"""Holds answers against our own document, as a client does that was generated from it."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx

_DOCUMENT = Path(__file__).parents[3] / "docs" / "api" / "nap.json"
_TYPES: dict[str, type] = {"string": str, "boolean": bool, "integer": int, "object": dict, "array": list}

# What every path may answer besides: the document tells them where its client reads them.
_OF_HTTP = {401, 404, 405, 429}


def require_documented(method: str, path: str, answer: httpx.Response) -> None:
    """Demand that an answer is one that the document has for the operation, in its types and with no nulls.

    Args:
        method: HTTP method.
        path: as the document writes it.
        answer: what came.
    """
    operation = _document()["paths"].get(path, {}).get(method.lower())
    if operation is None or str(answer.status_code) not in operation["responses"]:
        assert answer.status_code in _OF_HTTP, f"{answer.status_code} is not documented for {method} {path}"
        return
    response = operation["responses"][str(answer.status_code)]
    assert answer.headers["content-type"] == "application/json"
    schema = response["content"]["application/json"]["schema"]
    assert _fits(answer.json(), schema), f"{answer.text} does not fit {json.dumps(schema)}"


@cache
def _document() -> Mapping[str, Any]:
    document: dict[str, Any] = json.loads(_DOCUMENT.read_text(encoding="utf-8"))
    return document


def _fits(value: object, schema: Mapping[str, Any]) -> bool:
    if "$ref" in schema:
        return _fits(value, _document()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "anyOf" in schema:
        return any(_fits(value, each) for each in schema["anyOf"])
    if not _is_of_type(value, schema["type"]):
        return False
    if isinstance(value, list):
        return all(_fits(each, schema["items"]) for each in value)
    return not isinstance(value, dict) or _members_fit(value, schema)


def _is_of_type(value: object, name: str) -> bool:
    # A bool is an int to Python, and to no client.
    return isinstance(value, _TYPES[name]) and (name == "boolean" or not isinstance(value, bool))


def _members_fit(value: Mapping[str, object], schema: Mapping[str, Any]) -> bool:
    members = schema["properties"]
    required = set(schema.get("required", ()))
    return required <= value.keys() <= members.keys() and all(
        _fits(each, members[name]) for name, each in value.items()
    )
