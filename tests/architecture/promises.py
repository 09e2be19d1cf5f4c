"""Reads what a surface's own OpenAPI document promises."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.web.openapi import document
from gateway.web.surface import Surface

Parameters = Mapping[str, tuple[str, str, bool]]
"""Parameter → place, type, required."""


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation.

    Attributes:
        entry: as the document has it.
        schemas: the document's components.
    """

    method: str
    path: str
    entry: Mapping[str, Any]
    schemas: Mapping[str, Any]

    @property
    def parameters(self) -> Parameters:
        """Everything that a request may hold."""
        found = {each["name"]: (each["in"], type_of(each["schema"]), each["required"]) for each in self._parameters}
        required = self._body.get("required", [])
        return found | {name: ("body", type_of(shape), name in required) for name, shape in self._members.items()}

    @property
    def longest_texts(self) -> dict[str, int | None]:
        """How many characters each text of a request may have; None when that is not told."""
        shapes = {each["name"]: each["schema"] for each in self._parameters} | self._members
        texts = {name: shape for name, shape in shapes.items() if type_of(shape) == "string"}
        return {name: shape.get("anyOf", [shape])[0].get("maxLength") for name, shape in texts.items()}

    @property
    def demands_bearer(self) -> bool:
        """Whether a bearer token has to be sent."""
        return "security" in self.entry

    @property
    def successes(self) -> list[str]:
        """Statuses that are no refusals."""
        return [status for status in self.entry["responses"] if status < "400"]

    @property
    def refusals(self) -> set[int]:
        """Statuses that are."""
        return {int(status) for status in self.entry["responses"] if status >= "400"}

    def headers(self, status: int) -> set[str]:
        """Name the headers of an answer."""
        return set(self.entry["responses"][str(status)].get("headers", {}))

    def answer(self, status: int) -> Mapping[str, Any]:
        """Return the schema of an answer's body."""
        return self.resolved(_json_schema(self.entry["responses"][str(status)]))

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Follow a reference into the components."""
        name = schema.get("$ref", "").rpartition("/")[2]
        found: Mapping[str, Any] = self.schemas[name] if name else schema
        return found

    @property
    def _body(self) -> Mapping[str, Any]:
        return self.resolved(_json_schema(self.entry["requestBody"])) if "requestBody" in self.entry else {}

    @property
    def _members(self) -> dict[str, Any]:
        return dict(self._body.get("properties", {}))

    @property
    def _parameters(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.entry.get("parameters", [])
        return found


def operations_of(surface: Surface) -> dict[str, Operation]:
    """Read a surface's operations by their ids, in the document's order."""
    whole = document(surface)
    return {
        entry["operationId"]: Operation(method, path, entry, whole["components"]["schemas"])
        for path, methods in whole["paths"].items()
        for method, entry in methods.items()
    }


def type_of(schema: Mapping[str, Any]) -> str:
    """Name a schema's type; what may be null besides keeps its own, and of several kinds all are named."""
    names = [str(each["type"]) for each in schema.get("anyOf", [schema])]
    return " or ".join(name for name in names if name != "null")


def _json_schema(content: Mapping[str, Any]) -> Mapping[str, Any]:
    schema: Mapping[str, Any] = content["content"]["application/json"]["schema"]
    return schema
