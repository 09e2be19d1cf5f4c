"""Holds answers against our own documents, as a client does that was generated from one."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from jsonschema import Draft202012Validator

_FOLDER = Path(__file__).parents[2] / "docs" / "api"

_OF_KEYS = {("nap", 401)}
"""What every operation may answer where keys are demanded, which the document does not tell (decision 0004)."""


def require_documented(surface: str, method: str, path: str, answer: httpx.Response) -> None:
    """Demand that an answer is one that the document has for the operation.

    Args:
        surface: whose document.
        method: HTTP method.
        path: as the document writes it.
        answer: what came.
    """
    faults = list(undocumented(surface, method, path, answer))
    assert not faults, f"{'; '.join(faults)}: {answer.text}"


def undocumented(surface: str, method: str, path: str, answer: httpx.Response) -> Iterator[str]:
    """Tell what the document does not have of an answer; raises nothing, whatever it is."""
    responses = _responses(surface, method, path)
    status = str(answer.status_code)
    if status not in responses:
        if (surface, answer.status_code) not in _OF_KEYS:
            yield f"{status} is not documented for {method} {path}"
        return
    told = {name.lower(): each["required"] for name, each in responses[status].get("headers", {}).items()}
    if {name for name, is_certain in told.items() if is_certain} - set(answer.headers):
        yield f"{status} of {method} {path} lacks a header of its document"
    if "retry-after" in answer.headers and "retry-after" not in told:
        yield f"{status} of {method} {path} says when to come back, unlike its document"
    content = responses[status].get("content")
    if content is None:
        if answer.content:
            yield f"{status} of {method} {path} has no body in its document"
        return
    (media_type,) = content
    if answer.headers.get("content-type") != media_type:
        yield f"{status} of {method} {path} is not {media_type}"
    elif not _validator(surface, method, path, status).is_valid(answer.json()):
        yield f"{status} of {method} {path} does not fit its schema"


def path_of(surface: str, method: str, target: str) -> str | None:
    """Find the path that a request's target means, as the document writes it; None when it means none."""
    path = target.partition("?")[0]
    meant = (
        each for each, form in _forms(surface).items() if form.fullmatch(path) and _responses(surface, method, each)
    )
    return next(meant, None)


@cache
def _forms(surface: str) -> Mapping[str, re.Pattern[str]]:
    return {path: re.compile(re.sub(r"\{\w+\}", "[^/]+", path)) for path in _document(surface)["paths"]}


def _responses(surface: str, method: str, path: str) -> Mapping[str, Any]:
    operation = _document(surface)["paths"].get(path, {}).get(method.lower(), {})
    responses: dict[str, Any] = operation.get("responses", {})
    return responses


@cache
def _validator(surface: str, method: str, path: str, status: str) -> Draft202012Validator:
    (content,) = _responses(surface, method, path)[status]["content"].values()
    schema = {**_strict(content["schema"]), "components": _strict(_document(surface)["components"])}
    return Draft202012Validator(schema)


def _strict(schema: Any) -> Any:  # noqa: ANN401 - any part of a document
    """Let an object have no members but those that are named, unless its schema says something of others."""
    if isinstance(schema, list):
        return [_strict(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: _strict(each) for name, each in schema.items()}
    return {"additionalProperties": False, **strict} if isinstance(schema.get("properties"), dict) else strict


@cache
def _document(surface: str) -> Mapping[str, Any]:
    document: dict[str, Any] = json.loads((_FOLDER / f"{surface}.json").read_text(encoding="utf-8"))
    return document
