"""The language in which callers say which members of an answer they want (cyclos contract section 7).

user            that member alone          user.id     of it, that member alone
-user, !user    everything but it          -user.id    everything, but of that member not this one
*user.id        everything, but of that member this one alone
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

_MOST_PATHS = 100
_DEEPEST = 10
_SEGMENT = re.compile(r"([+!*-]?)([A-Za-z0-9_]+)")
_INCLUDE, _EXCLUDE, _NESTED = "", "-", "*"
_MEANING = {"": _INCLUDE, "+": _INCLUDE, "-": _EXCLUDE, "!": _EXCLUDE, "*": _NESTED}

_Path = Sequence[tuple[str, str]]
"""From the top: what is meant by each name, and the name."""


class UnreadableFieldsError(ValueError):
    """The fields contradict each other, or are not of this language; the text says which."""


@dataclass(slots=True)
class Selection:
    """What is wanted of one object.

    Attributes:
        included: names → what is wanted of each; with any, nothing else is wanted.
        nested: the same for names that are neither included nor excluded, which includes nothing by itself.
        excluded: names that are not wanted.
    """

    included: dict[str, "Selection"] = field(default_factory=dict)
    nested: dict[str, "Selection"] = field(default_factory=dict)
    excluded: set[str] = field(default_factory=set)

    @classmethod
    def parse(cls, values: Iterable[str]) -> "Selection":
        """Read what was asked for; nothing asks for everything.

        Raises:
            UnreadableFieldsError: it cannot be.
        """
        paths = [path for value in values for path in map(str.strip, value.split(",")) if path]
        if len(paths) > _MOST_PATHS:
            raise UnreadableFieldsError(f"At most {_MOST_PATHS} paths are taken")
        selection = cls()
        for path in paths:
            selection.add(_read(path))
        return selection

    def of(self, value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
        """Return what is wanted of a value; of a list, from each of its elements."""
        if isinstance(value, list):
            return [self.of(each) for each in value]
        return dict(self._members(value)) if isinstance(value, dict) else value

    def _members(self, whole: dict[str, Any]) -> Iterator[tuple[str, Any]]:
        for name, value in whole.items():
            if name in self.included:
                yield name, self.included[name].of(value)
            elif not self.included and name not in self.excluded:
                yield name, self.nested[name].of(value) if name in self.nested else value

    def add(self, path: _Path) -> None:
        """Take a path into it.

        Raises:
            UnreadableFieldsError: it contradicts another one.
        """
        (meaning, name), *rest = path
        if meaning == _EXCLUDE:
            self._require_other(name, self.included)
            self.excluded.add(name)
            return
        if meaning == _INCLUDE:
            self._require_other(name, self.excluded)
        below = (self.nested if meaning == _NESTED else self.included).setdefault(name, Selection())
        if rest:
            below.add(rest)

    def _require_other(self, name: str, names: Iterable[str]) -> None:
        if name in names:
            raise UnreadableFieldsError("A name may not be both included and excluded")


def _read(text: str) -> _Path:
    """Read a path; what stands before an exclusion only leads there."""
    segments = text.split(".")
    found = [match.groups() for match in map(_SEGMENT.fullmatch, segments[: _DEEPEST + 1]) if match]
    if len(segments) > _DEEPEST or len(found) < len(segments):
        raise UnreadableFieldsError(f"A path is one to {_DEEPEST} names joined by dots, each with a mark or none")
    path = [(_MEANING[mark], name) for mark, name in found]
    (last, last_name), ahead = path[-1], path[:-1]
    if last == _NESTED:
        raise UnreadableFieldsError("After a name marked with `*` another one has to follow")
    before = list(takewhile(lambda segment: segment[0] != _EXCLUDE, ahead))
    if len(before) == len(ahead):
        return path
    return [*before, *((_NESTED, name) for _, name in ahead[len(before) :]), (_EXCLUDE, last_name)]
