"""What an honest client would send: made from the published documents, so that a new operation is abused as well."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from gateway.app import SURFACES
from gateway.web import openapi
from tests.abuse.requests import Dice, Header, Request

_HALF_THE_TIME = 0.5


@dataclass(frozen=True, slots=True)
class Cast:
    """Who and what the gateway knows.

    Attributes:
        host: what `Host` has to say.
        values: name of a member or parameter, or `<operation>.<name>`, → good values and near ones; `x` for the rest.
        bearers: operation → what it takes as a bearer.
        access_tokens: what all other operations take.
    """

    host: str
    values: Mapping[str, Sequence[object]]
    bearers: Mapping[str, Sequence[str]]
    access_tokens: Sequence[str]

    def value(self, dice: Dice, operation: str, name: str) -> Any:  # noqa: ANN401 - any JSON
        """Choose one."""
        return dice.choice(self.values.get(f"{operation}.{name}") or self.values.get(name, ("x",)))

    def bearer(self, dice: Dice, operation: str) -> str:
        """Choose one."""
        return dice.choice(self.bearers.get(operation, self.access_tokens))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as its document has it."""

    name: str
    place: str
    required: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """One operation as its document has it.

    Attributes:
        members: of the body; None for an operation without one.
        takes_bearer: whether it wants a token.
    """

    id: str
    surface: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    members: tuple[str, ...] | None
    media_type: str
    takes_bearer: bool


def documented() -> list[Shape]:
    """List every operation of every surface."""
    return [shape for surface in SURFACES for shape in _shapes(surface.name, openapi.document(surface))]


def honest(dice: Dice, shape: Shape, cast: Cast) -> Request:
    """Write a request that fits its document."""
    given = {place: _given(dice, shape, cast, place) for place in ("path", "query", "header")}
    path = shape.path.format(**{name: quote(value, safe="") for name, value in given["path"].items()})
    query = urlencode(given["query"])
    return Request(
        surface=shape.surface,
        method=shape.method.encode(),
        target=(f"{path}?{query}" if query else path).encode(),
        headers=(
            (b"host", cast.host.encode()),
            *_own_headers(dice, shape, cast),
            *((name.encode(), value.encode()) for name, value in given["header"].items()),
        ),
        media_type=shape.media_type,
        members=None if shape.members is None else {name: cast.value(dice, shape.id, name) for name in shape.members},
    )


def _given(dice: Dice, shape: Shape, cast: Cast, place: str) -> dict[str, str]:
    """Choose the parameters of a place; what may be left out is, half the time."""
    return {
        each.name: str(cast.value(dice, shape.id, each.name))
        for each in shape.parameters
        if each.place == place and (each.required or dice.random() < _HALF_THE_TIME)
    }


def _own_headers(dice: Dice, shape: Shape, cast: Cast) -> Iterator[Header]:
    if shape.media_type:
        yield b"content-type", shape.media_type.encode()
    if shape.takes_bearer:
        yield b"authorization", f"Bearer {cast.bearer(dice, shape.id)}".encode()


def _shapes(surface: str, document: Mapping[str, Any]) -> Iterator[Shape]:
    for path, methods in document["paths"].items():
        for method, entry in methods.items():
            content = entry.get("requestBody", {}).get("content", {})
            media_type = next(iter(content), "")
            yield Shape(
                id=entry["operationId"],
                surface=surface,
                method=method.upper(),
                path=path,
                parameters=tuple(Parameter(each["name"], each["in"], each["required"]) for each in entry["parameters"]),
                members=_members(content[media_type]["schema"]["$ref"], document) if media_type else None,
                media_type=media_type,
                takes_bearer="security" in entry,
            )


def _members(reference: str, document: Mapping[str, Any]) -> tuple[str, ...]:
    model: Mapping[str, Any] = document["components"]["schemas"][reference.rpartition("/")[2]]
    # A bare text has none.
    return tuple(model.get("properties", ()))
