"""From a request's five places to a handler's arguments: the names say where a value comes from, pydantic its shape.

A handler declares any of `path`, `query`, `headers`, `cookies` and `body`; all that is wrong in any of them is told in
one answer.
"""

import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import Headers

from gateway.web import body as request_body
from gateway.web import cookies as request_cookies
from gateway.web.refusals import InvalidBody, InvalidRequest, Problem

_MAX_QUERY_FIELDS = 128
"""More than a document lets anybody repeat one, so that it can say so itself."""

# What a handler's parameter is called → what that place is called in a document and in a `Problem`.
PLACES = {"path": "path", "query": "query", "headers": "header", "cookies": "cookie", "body": "body"}

SENT = "sent"
"""Under this name an error of a validator of ours tells what was there, where a document wants it told again."""

# pydantic's own words for these name Python's types, and a model's class (security S34).
_WORDS = {"model_type": "Input should be an object", "dict_type": "Input should be an object"}


class WireModel(BaseModel):
    """The shape of a JSON body or answer: no coercion, unknown members ignored (security S29, S32)."""

    model_config = ConfigDict(strict=True, frozen=True, extra="ignore", allow_inf_nan=False, hide_input_in_errors=True)


class TextModel(BaseModel):
    """The shape of path, query, header, cookie or form values, which all arrive as text."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a request brought, unjudged."""

    path: Mapping[str, str]
    query: bytes
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Inputs:
    """What one handler takes from a request.

    Attributes:
        models: parameter name (a key of `PLACES`) → the model its place must fit.
        media_types: what the body may come as.
    """

    models: Mapping[str, type[BaseModel]]
    media_types: request_body.MediaTypes

    @classmethod
    def of(cls, hints: Mapping[str, Any], media_types: request_body.MediaTypes) -> "Inputs":
        """Pick the places out of a handler's type hints."""
        return cls({place: hints[place] for place in PLACES if place in hints}, media_types)

    def validate(self, arrived: Arrived) -> dict[str, BaseModel]:
        """Return the handler's arguments.

        Raises:
            InvalidRequest: with every problem of every place.
        """
        arguments: dict[str, BaseModel] = {}
        problems: list[Problem] = []
        refusal = InvalidRequest
        for place, model in self.models.items():
            try:
                arguments[place] = model.model_validate(self._values(place, model, arrived))
            except ValidationError as error:
                problems += _problems(PLACES[place], error)
                refusal = InvalidBody if place == "body" else refusal
            except InvalidRequest as error:
                problems += error.problems
                refusal = type(error)
        if problems:
            raise refusal(tuple(problems))
        return arguments

    def require_readable(self, arrived: Arrived) -> None:
        """Demand a body that can be read, whatever it says.

        Raises:
            InvalidRequest: it cannot be, or there is none although the handler takes one.
        """
        if "body" in self.models:
            request_body.parse(arrived.body, arrived.headers, self.media_types)

    def _values(self, place: str, model: type[BaseModel], arrived: Arrived) -> Any:  # noqa: ANN401 - a model judges it
        match place:
            case "path":
                return arrived.path
            case "query":
                return _query(arrived.query, model)
            case "headers":
                return _headers(arrived.headers, model)
            case "cookies":
                return _cookies(arrived.headers, model)
        return request_body.parse(arrived.body, arrived.headers, self.media_types)


def _query(raw: bytes, model: type[BaseModel]) -> dict[str, Any]:
    """Read a query; a member whose type is a list gathers its values, also a single one."""
    try:
        pairs = parse_qsl(
            raw.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_QUERY_FIELDS
        )
    except ValueError:
        raise InvalidRequest((Problem(("query",), "query_invalid", "Query is not valid UTF-8"),)) from None
    values: dict[str, Any] = dict(pairs)
    for field in _names(model, lists_only=True):
        if field in values:
            values[field] = [value for name, value in pairs if name == field]
    return values


def _headers(headers: Headers, model: type[BaseModel]) -> dict[str, str]:
    """Read the headers a model names; one sent twice is one value with a comma (RFC 9110 section 5.2)."""
    return {name: ", ".join(headers.getlist(name)) for name in _names(model) if name in headers}


def _cookies(headers: Headers, model: type[BaseModel]) -> dict[str, Any]:
    """Read the cookies a model names; one sent twice is none, unless the member's type is a list that gathers them."""
    values: dict[str, Any] = {
        name: found for name in _names(model) if (found := request_cookies.values_of(headers, name))
    }
    for name in set(values) - set(_names(model, lists_only=True)):
        if len(values[name]) > 1:
            raise InvalidRequest((Problem(("cookie", name), "cookie_ambiguous", "Cookie is there more than once"),))
        (values[name],) = values[name]
    return values


def _names(model: type[BaseModel], *, lists_only: bool = False) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if not lists_only or _takes_list(field.annotation):
            yield field.alias or name


def _takes_list(annotation: object) -> bool:
    return any(typing.get_origin(each) is list for each in (annotation, *typing.get_args(annotation)))


def _problems(place: str, error: ValidationError) -> Iterator[Problem]:
    for each in error.errors(include_url=False, include_input=False):
        message = _WORDS.get(each["type"], each["msg"])
        yield Problem((place, *each["loc"]), each["type"], message, each.get("ctx", {}).get(SENT, ""))
