"""The language in which callers choose members (contract section 7): its table, and a plain reference."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.surfaces.cyclos.fields import Selection, UnreadableFieldsError

_WHOLE: dict[str, Any] = {
    "a": {"x": 1, "y": 2, "z": 3},
    "b": 0,
    "c": {"c1": 1, "c2": 2, "c3": 3},
    "e": [{"p": 1, "q": 2}, {"p": 3, "q": 4}],
}
_A, _C, _E = _WHOLE["a"], _WHOLE["c"], _WHOLE["e"]
_TABLE: dict[tuple[str, ...], dict[str, Any]] = {
    (): _WHOLE,
    ("",): _WHOLE,
    (" , ,", ""): _WHOLE,
    ("a",): {"a": _A},
    ("+b",): {"b": 0},
    (" b",): {"b": 0},
    ("a.x",): {"a": {"x": 1}},
    ("a.x,a.z",): {"a": {"x": 1, "z": 3}},
    ("a.x", "a.z"): {"a": {"x": 1, "z": 3}},
    ("a.x , b", "a.z"): {"a": {"x": 1, "z": 3}, "b": 0},
    ("b,a.-x",): {"b": 0, "a": {"y": 2, "z": 3}},
    ("b,c.-c1,c.!c2",): {"b": 0, "c": {"c3": 3}},
    ("-a",): {"b": 0, "c": _C, "e": _E},
    ("!a",): {"b": 0, "c": _C, "e": _E},
    ("-a,-e",): {"b": 0, "c": _C},
    ("-a.x",): {"a": {"y": 2, "z": 3}, "b": 0, "c": _C, "e": _E},
    ("*a.-x",): {"a": {"y": 2, "z": 3}, "b": 0, "c": _C, "e": _E},
    ("*a.x",): {"a": {"x": 1}, "b": 0, "c": _C, "e": _E},
    ("*a.x,a.y",): {"a": {"y": 2}},
    ("a,-a.x",): {"a": _A},
    ("a.x,-a.x",): {"a": {"x": 1}},
    ("-a,*a.x",): {"b": 0, "c": _C, "e": _E},
    ("b,*a.x",): {"b": 0},
    ("a,-b",): {"a": _A},
    ("a,a.x",): {"a": {"x": 1}},
    ("e.p",): {"e": [{"p": 1}, {"p": 3}]},
    ("-e.q",): {"a": _A, "b": 0, "c": _C, "e": [{"p": 1}, {"p": 3}]},
    ("b.x",): {"b": 0},
    ("nope",): {},
    ("nope,b",): {"b": 0},
    ("A",): {},
    ("a.nope",): {"a": {}},
}
_UNREADABLE = [
    "a,-a",
    "-a,a",
    "a.x,-a",
    "a.x,a.-x",
    "*a.x,*a.-x",
    "a..b",
    ".a",
    "a.",
    ".",
    "-",
    "*",
    "*a",
    "a.*x",
    "-a.*x",
    "++a",
    "a b",
    "a. b",
    "a-b",
    "a[0]",
    "ä",
    "a\n.b",
    "a.b.c.d.e.f.g.h.i.j.k",
    ",".join(f"a{number}" for number in range(101)),
]


@pytest.mark.parametrize("values", _TABLE, ids=repr)
def test_a_choice_keeps_what_the_table_says(values: tuple[str, ...]) -> None:
    assert Selection.parse(values).of(_WHOLE) == _TABLE[values]


@pytest.mark.parametrize("value", _UNREADABLE)
def test_what_is_not_of_the_language_is_refused(value: str) -> None:
    with pytest.raises(UnreadableFieldsError):
        Selection.parse([value])


def test_a_hundred_paths_of_ten_names_are_taken() -> None:
    deep = ".".join("abcdefghij")
    assert Selection.parse([",".join([deep] * 100)]).of({"a": {"b": 1}, "c": 2}) == {"a": {"b": 1}}


def test_lists_in_lists_are_gone_through() -> None:
    assert Selection.parse(["a.x"]).of({"a": [[{"x": 1, "y": 2}], 3]}) == {"a": [[{"x": 1}], 3]}


def test_what_was_sent_is_not_told_again() -> None:
    with pytest.raises(UnreadableFieldsError) as refused:
        Selection.parse(["secret,-secret"])
    assert "secret" not in str(refused.value)


# A plain reference: the rules as they stand, on lists of words, without any tree.

Word = tuple[str, str]


def _words(path: str) -> list[Word]:
    words = [(re.sub(r"\w", "", each), re.sub(r"\W", "", each)) for each in path.split(".")]
    kinds = [{"": "+", "!": "-"}.get(mark, mark) for mark, _ in words]
    names = [name for _, name in words]
    if "-" in kinds[:-1]:
        at = kinds.index("-")
        kinds = kinds[:at] + ["*"] * (len(kinds) - at - 1) + ["-"]
    return list(zip(kinds, names, strict=True))


def _chosen(value: Any, paths: list[list[Word]]) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, list):
        return [_chosen(each, paths) for each in value]
    if not isinstance(value, dict):
        return value
    included = {path[0][1] for path in paths if path[0][0] == "+"}
    excluded = {path[0][1] for path in paths if path[0][0] == "-"}
    kept = included or value.keys() - excluded
    return {
        name: _chosen(
            each, [path[1:] for path in paths if path[0] == ("+" if name in included else "*", name) and path[1:]]
        )
        for name, each in value.items()
        if name in kept
    }


def _below(paths: list[list[Word]], head: Word) -> list[list[Word]]:
    return [path[1:] for path in paths if path[0] == head and path[1:]]


def _contradicts(paths: list[list[Word]]) -> bool:
    heads = {path[0] for path in paths}
    if any(("-", name) in heads for kind, name in heads if kind == "+"):
        return True
    return any(_contradicts(_below(paths, head)) for head in heads if head[0] != "-")


_NAMES = st.sampled_from("abc")
_PATHS = st.builds(
    lambda ahead, last: ".".join([*ahead, last]),
    st.lists(st.builds(str.__add__, st.sampled_from(["", "", "+", "*", "-", "!"]), _NAMES), max_size=3),
    st.builds(str.__add__, st.sampled_from(["", "", "+", "-", "!"]), _NAMES),
)
_VALUES = st.recursive(
    st.integers(0, 9),
    lambda inner: st.dictionaries(_NAMES, inner, max_size=3) | st.lists(inner, max_size=2),
    max_leaves=12,
)


@given(st.dictionaries(_NAMES, _VALUES), st.lists(_PATHS, max_size=6))
def test_choices_are_those_of_a_plain_reference(whole: dict[str, Any], paths: list[str]) -> None:
    words = list(map(_words, paths))
    if _contradicts(words):
        with pytest.raises(UnreadableFieldsError):
            Selection.parse(paths)
        return
    before = json.dumps(whole)
    expected = _chosen(whole, words)
    assert Selection.parse(paths).of(whole) == Selection.parse([",".join(paths)]).of(whole) == expected
    assert json.dumps(whole) == before


@given(st.lists(st.text(), max_size=5))
def test_no_text_makes_reading_fail_otherwise_than_with_a_refusal(values: list[str]) -> None:
    try:
        Selection.parse(values)
    except UnreadableFieldsError:
        return
