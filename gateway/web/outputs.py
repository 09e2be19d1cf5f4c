"""What the shapes of answers share."""

from typing import Annotated, Any, TypeVar

from pydantic import Field
from pydantic.json_schema import SkipJsonSchema

T = TypeVar("T")


def _is_absent(value: object) -> bool:
    return value is None


def _without_default(schema: dict[str, Any]) -> None:
    """Say nothing of the null that is never sent."""
    del schema["default"]


Omittable = Annotated[T | SkipJsonSchema[None], Field(exclude_if=_is_absent, json_schema_extra=_without_default)]
"""A member that is left out when there is nothing to say."""
