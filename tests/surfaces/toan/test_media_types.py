"""Credentials count in a JSON body and nowhere else (contract section 4, security S33)."""

import gzip
import json
from collections.abc import Callable

import pytest

from tests.servers.people import PersonMaker
from tests.surfaces.bodies import OTHER_MEDIA_TYPES
from tests.surfaces.toan.answers import problems, tokens
from tests.surfaces.toan.client import LOGIN, MEMBERS, Toan


@pytest.mark.parametrize("media_type", OTHER_MEDIA_TYPES)
def test_right_password_as_another_media_type_gives_no_tokens(
    toan: Toan, make_person: PersonMaker, media_type: str | None
) -> None:
    person = make_person()
    content = json.dumps({"user": person.username, "password": person.password}).encode()
    headers = {} if media_type is None else {"content-type": media_type}
    assert problems(toan.post_raw(LOGIN, content, headers))[0].loc[0] == "body"


@pytest.mark.parametrize("path", MEMBERS)
def test_other_media_types_are_told_by_every_operation(caller: Toan, path: str) -> None:
    content = json.dumps(dict.fromkeys(MEMBERS[path], "Passw0rd!x")).encode()
    for media_type in filter(None, OTHER_MEDIA_TYPES):
        told = problems(caller.post_raw(path, content, {"content-type": media_type, "x-org": "acme"}))
        assert told[0].loc[0] == "body"


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"])
def test_media_type_of_json_may_have_parameters(toan: Toan, make_person: PersonMaker, media_type: str) -> None:
    person = make_person()
    content = json.dumps({"user": person.username, "password": person.password}).encode()
    tokens(toan.post_raw(LOGIN, content, {"content-type": media_type}))


def test_form_gives_no_tokens(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    problems(toan.http.post(LOGIN, data={"user": person.username, "password": person.password}))


def test_multipart_gives_no_tokens(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    parts = {"user": (None, person.username), "password": (None, person.password)}
    problems(toan.http.post(LOGIN, files=parts))


def test_query_gives_no_tokens(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    query = {"user": person.username, "password": person.password}
    told = problems(toan.http.post(LOGIN, params=query, json={}))
    assert [each.loc for each in told] == [("body", "user"), ("body", "password")]


def test_basic_authentication_gives_no_tokens(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    problems(toan.http.post(LOGIN, json={}, auth=(person.username, person.password)))


@pytest.mark.parametrize("encode", [gzip.compress, bytes])
def test_content_encoding_gives_no_tokens(
    toan: Toan, make_person: PersonMaker, encode: Callable[[bytes], bytes]
) -> None:
    person = make_person()
    content = encode(json.dumps({"user": person.username, "password": person.password}).encode())
    headers = {"content-type": "application/json", "content-encoding": "gzip"}
    assert problems(toan.post_raw(LOGIN, content, headers))[0].loc[0] == "body"
