"""An OpenAPI 3.1 document for each surface, made from its declarations and from its table of refusals."""

import inspect
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, cast

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from gateway.domain.errors import NotSignedIn, Unavailable
from gateway.web.body import JSON
from gateway.web.inputs import PLACES
from gateway.web.operation import Operation
from gateway.web.refusals import (
    BodyTooLarge,
    BodyTooSlow,
    HostNotAllowed,
    InvalidBody,
    InvalidRequest,
    UnsupportedMediaType,
)
from gateway.web.surface import Surface, WireError

_REF = "#/components/schemas/{model}"
_BEFORE_ANY = (HostNotAllowed, BodyTooSlow, BodyTooLarge)
"""Told before an operation begins, so also by those whose refusals lead elsewhere."""
_NOTHING = {"description": "Done, and nothing to tell"}
_BEARER = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}

Json = dict[str, Any]
Wanted = tuple[type[BaseModel], JsonSchemaMode]
References = Mapping[Wanted, Json]


def document(surface: Surface, prefix: str = "") -> Json:
    """Describe a surface.

    Args:
        surface: what to describe.
        prefix: put before its paths.
    """
    references, definitions = _schemas(surface)
    paths: dict[str, Json] = defaultdict(dict)
    for operation in surface.operations:
        paths[prefix + operation.path][operation.method.lower()] = _operation(surface, operation, references)
    components: Json = {"schemas": definitions}
    if any(operation.takes_bearer for operation in surface.operations):
        components["securitySchemes"] = {"bearer": _BEARER}
    return {
        "openapi": "3.1.0",
        "info": {"title": surface.title, "version": surface.version},
        "paths": dict(paths),
        "components": components,
    }


def _schemas(surface: Surface) -> tuple[References, Json]:
    wanted: list[Wanted] = []
    for operation in surface.operations:
        wanted += [(operation.returns, "serialization")] if operation.returns else []
        wanted += [(model, "validation") for place, model in operation.inputs.models.items() if place == "body"]
    wanted += [(error.model, "serialization") for error in surface.errors.values()]
    references, top = models_json_schema(list(dict.fromkeys(wanted)), ref_template=_REF)
    return cast("References", references), top["$defs"]


def _operation(surface: Surface, operation: Operation, references: References) -> Json:
    entry: Json = {
        "operationId": operation.id,
        "summary": operation.summary.rstrip("."),
        "description": inspect.getdoc(operation.handler) or "",
        "parameters": list(_parameters(operation)),
        "responses": _success(operation, references),
    }
    if body := operation.inputs.models.get("body"):
        schema = references[body, "validation"]
        content = {media_type: {"schema": schema} for media_type in operation.inputs.media_types.told}
        entry["requestBody"] = {"required": True, "content": content}
    if operation.takes_bearer:
        entry["security"] = [{"bearer": []}]
    entry["responses"] |= _refusals(surface, operation, references)
    return entry


def _success(operation: Operation, references: References) -> Json:
    if operation.redirects:
        location = {"required": True, "schema": {"type": "string", "format": "uri"}}
        return {"302": {"description": "Go on there", "headers": {"Location": location}}}
    answer: Json = {**_NOTHING}
    if operation.returns is not None:
        answer = _content("Success", [references[operation.returns, "serialization"]])
    if operation.sends:
        answer["headers"] = {name: _header(text) for name, text in operation.sends.items()}
    return {str(status): _NOTHING if status == HTTPStatus.NO_CONTENT else answer for status in operation.successes}


def _header(description: str, kind: str = "string", *, required: bool = True) -> Json:
    return {"description": description, "required": required, "schema": {"type": kind}}


def _parameters(operation: Operation) -> Iterator[Json]:
    for place, model in operation.inputs.models.items():
        if place == "body":
            continue
        schema = model.model_json_schema(by_alias=True)
        required = schema.get("required", [])
        for name, shape in schema["properties"].items():
            shape.pop("title", None)
            if place == "path" and f"{{{name}}}" not in operation.path:
                continue  # of the other paths by which the surface is reached
            yield {"name": name, "in": PLACES[place], "required": name in required, "schema": shape}


def _refusals(surface: Surface, operation: Operation, references: References) -> Json:
    by_status: dict[int, list[WireError]] = defaultdict(list)
    for reason in dict.fromkeys((*_reasons_of(operation), Exception)):
        error = surface.wire_error(reason, operation.id)
        by_status[error.status].append(error)
    return {str(status): _refusal(by_status[status], references) for status in sorted(by_status)}


def _reasons_of(operation: Operation) -> Iterator[type[Exception]]:
    if operation.failing is not None:
        return iter(_BEFORE_ANY)
    return iter((*operation.errors, *_of_http(operation)))


def _of_http(operation: Operation) -> Iterator[type[Exception]]:
    yield from (*_BEFORE_ANY, Unavailable)
    if operation.inputs.models:
        yield InvalidRequest
    if "body" in operation.inputs.models:
        yield from (InvalidBody, UnsupportedMediaType)
    if operation.protected:
        yield NotSignedIn


def _refusal(errors: list[WireError], references: References) -> Json:
    models = {error.model: references[error.model, "serialization"] for error in errors}
    entry = _content("; ".join(dict.fromkeys(error.description for error in errors)), models.values())
    if any(error.tells_when for error in errors):
        is_certain = all(error.tells_when for error in errors)
        entry["headers"] = {
            "Retry-After": _header("seconds until it may be tried again", "integer", required=is_certain)
        }
    return entry


def _content(description: str, schemas: Iterable[Json]) -> Json:
    choices = list(schemas)
    return {
        "description": description,
        "content": {JSON: {"schema": choices[0] if len(choices) == 1 else {"anyOf": choices}}},
    }
