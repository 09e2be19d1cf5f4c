"""Bodies that are malformed or wrong: refused by every operation, whoever calls it (contract section 13)."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.servers.people import PersonMaker
from tests.surfaces.bodies import ENDLESS_NUMBERS, MALFORMED, NO_OBJECT, WRONG_TYPES
from tests.surfaces.pipeshub.client import (
    AUTHENTICATE,
    CHANGE,
    MEMBERS,
    RESET,
    WITH_BODY,
    Pipeshub,
    fully,
    refusal,
)
from tests.surfaces.pipeshub.people import Letters
from tests.surfaces.witness import Witness, claims

_JSON = {"content-type": "application/json"}
_NEW = "An0ther!word"
_NO_JSON = "body: JSON decode error"
_FURTHER = {"scope": "offline_access", "client_id": "evil", "isAdmin": True, "steps": [], "totp": "1", "__proto__": {}}


def _good(path: str) -> dict[str, Any]:
    """Write a body that only its values keep from being right."""
    body: dict[str, Any] = dict.fromkeys(MEMBERS[path], "nobody@example.test")
    return {"method": "password", "credentials": {"password": "x"}} if path == AUTHENTICATE else body


@pytest.mark.parametrize("kind", MALFORMED)
@pytest.mark.parametrize("path", MEMBERS)
def test_a_malformed_body_is_not_read(callers: Mapping[str, Pipeshub], path: str, kind: str) -> None:
    message = refusal(callers[path].post_raw(path, MALFORMED[kind], _JSON), 400, "VALIDATION_ERROR")
    assert message == ("body: NUL characters are not allowed" if kind == "NUL escaped" else _NO_JSON)


@pytest.mark.parametrize("kind", NO_OBJECT)
@pytest.mark.parametrize("path", MEMBERS)
def test_a_body_that_is_no_object_is_told(callers: Mapping[str, Pipeshub], path: str, kind: str) -> None:
    message = refusal(callers[path].post_raw(path, NO_OBJECT[kind], _JSON), 400, "VALIDATION_ERROR")
    assert message == "body: Input should be an object"


@pytest.mark.parametrize("headers", [_JSON, {}])
@pytest.mark.parametrize("path", MEMBERS)
def test_a_body_that_is_not_there_is_invalid(
    callers: Mapping[str, Pipeshub], path: str, headers: dict[str, str]
) -> None:
    refusal(callers[path].post_raw(path, b"", headers), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("number", ENDLESS_NUMBERS)
@pytest.mark.parametrize("path", MEMBERS)
def test_a_body_with_an_endless_number_is_invalid(callers: Mapping[str, Pipeshub], path: str, number: bytes) -> None:
    name = MEMBERS[path][0]
    body = json.dumps({**_good(path), name: "here"}).encode().replace(b'"here"', number)
    assert refusal(callers[path].post_raw(path, body, _JSON), 400, "VALIDATION_ERROR") == _NO_JSON


@pytest.mark.parametrize("kind", WRONG_TYPES)
@pytest.mark.parametrize(("path", "name"), [(path, name) for path, names in MEMBERS.items() for name in names])
def test_a_member_of_another_type_is_named(callers: Mapping[str, Pipeshub], path: str, name: str, kind: str) -> None:
    answer = callers[path].post(path, {**_good(path), name: WRONG_TYPES[kind]})
    assert refusal(answer, 400, "VALIDATION_ERROR").startswith(f"body.{name}: ")


@pytest.mark.parametrize("path", MEMBERS)
def test_every_member_that_is_missing_is_named(callers: Mapping[str, Pipeshub], path: str) -> None:
    message = refusal(callers[path].post(path, {}), 400, "VALIDATION_ERROR")
    assert [each for each in _good(path) if f"body.{each}: Field required" not in message] == []


@pytest.mark.parametrize("path", MEMBERS)
def test_what_was_sent_is_not_repeated(callers: Mapping[str, Pipeshub], path: str) -> None:
    answer = callers[path].post(path, {**{name: ["S3cret!marked"] for name in _good(path)}, "S3cret!member": 1})
    refusal(answer, 400, "VALIDATION_ERROR")
    assert "S3cret" not in answer.text


@pytest.mark.parametrize("path", MEMBERS)
def test_no_type_of_ours_is_named(callers: Mapping[str, Pipeshub], path: str) -> None:
    bodies: tuple[object, ...] = ([], dict.fromkeys(_good(path)))
    for body in bodies:
        message = refusal(callers[path].post(path, body), 400, "VALIDATION_ERROR")
        assert not [word for word in ("dict", "instance of") if word in message]


@pytest.mark.parametrize("credentials", [None, 1, True, [], ["x"]])
def test_credentials_of_another_type_are_one_problem(callers: Mapping[str, Pipeshub], credentials: object) -> None:
    answer = callers[AUTHENTICATE].post(AUTHENTICATE, {"method": "password", "credentials": credentials})
    assert refusal(answer, 400, "VALIDATION_ERROR") == "body.credentials: Input should be an object or a string"


@pytest.mark.parametrize(
    "text", ["x\x01y", "\x1b[31m", "\u202e", "\u2028", "\ufffe", "👩‍👩‍👧", "ﷺ" * 60, "%00", "*", "'--"]
)
@pytest.mark.parametrize("path", MEMBERS)
def test_odd_characters_break_no_operation(callers: Mapping[str, Pipeshub], path: str, text: str) -> None:
    answer = callers[path].post(path, {**_good(path), **dict.fromkeys(MEMBERS[path], text)})
    refusal(answer, answer.status_code, answer.json()["code"])
    assert 400 <= answer.status_code < 500


@pytest.mark.parametrize("path", WITH_BODY)
def test_further_members_change_nothing(pipeshub: Pipeshub, path: str) -> None:
    answers = [pipeshub.post(path, {"email": "nobody@example.test", **further}) for further in ({}, _FURTHER)]
    assert answers[0].content == answers[1].content


def test_further_members_sign_nobody_else_in(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    person, other = make_person(), make_person()
    token = pipeshub.begun(person.email)
    further = {**_FURTHER, "userId": other.id, "username": other.username, "remember_me": True}
    told = fully(pipeshub.authenticate(token, "password", {"password": person.password, **further}, **further))
    assert claims(told["accessToken"])["sub"] == person.id
    assert "offline_access" not in claims(told["accessToken"])["scope"].split()


def test_further_members_set_nobody_else_s_password(
    pipeshub: Pipeshub, make_person: PersonMaker, witness: Witness, letters: Letters
) -> None:
    person, other = make_person(), make_person()
    further = {**_FURTHER, "userId": other.id, "email": other.email, "_id": other.id}
    caller = pipeshub.bearing(pipeshub.sign_in(person.email, person.password)["accessToken"])
    changed = caller.post(CHANGE, {"currentPassword": person.password, "newPassword": _NEW, **further})
    assert changed.status_code == 200, changed.text
    assert letters.text(person)  # the notice of it
    assert pipeshub.forgot(person.email).status_code == 200
    link = letters.token(person, 2)
    assert pipeshub.bearing(link).post(RESET, {"password": "Y3t!another", **further}).status_code == 200
    assert witness.password_is(other.username, other.password)
    assert witness.password_is(person.username, "Y3t!another")
