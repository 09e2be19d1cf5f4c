"""All reasons for a no, found by walking their families."""

from collections.abc import Iterator
from typing import Any

from gateway.domain.errors import GatewayError
from gateway.web.refusals import Problem, Refusal, UnreadBody

# Roots and branches, which nobody raises.
_BRANCHES = (GatewayError, Refusal, UnreadBody)

_FACTS: dict[str, Any] = {
    "retry_after": 7,
    "rule": "at least 8 characters",
    "dependency": "redis",
    "why": "refused",
    "trouble": "signature",
    "waits_for": "code",
    "kind": "role",
    "by": "otp",
    "members": ("first_name",),
    "allowed": ("GET", "POST"),
    "problems": (Problem(("body", "tags", 0), "missing", "Field required"),),
}


def _family(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for child in root.__subclasses__():
        yield from _family(child)


REASONS = tuple(each for root in (GatewayError, Refusal) for each in _family(root) if each not in _BRANCHES)


def example(reason: type[Exception]) -> Exception:
    """Make one, with its facts."""
    return reason(**{fact: _FACTS[fact] for fact in getattr(reason, "__dataclass_fields__", {})})
