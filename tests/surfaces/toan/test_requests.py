"""Bodies that are malformed, wrong or too large: refused in the document's shape (contract section 4)."""

import json
import socket
from urllib.parse import urlsplit

import pytest

from tests.servers.gateway import ServedGateway
from tests.servers.people import PersonMaker
from tests.surfaces.bodies import ENDLESS_NUMBERS, MALFORMED, NO_OBJECT, WRONG_TYPES
from tests.surfaces.toan.answers import problems, refusal, tokens
from tests.surfaces.toan.client import (
    CHANGE,
    LOGIN,
    LOGOUT,
    MEMBERS,
    NOBODY,
    REFRESH,
    Toan,
    admin_path,
    organization_headers,
)
from tests.surfaces.toan.people import Member
from tests.surfaces.witness import Witness

_JSON = {"content-type": "application/json", "x-org": "acme"}


@pytest.mark.parametrize("kind", MALFORMED)
@pytest.mark.parametrize("path", MEMBERS)
def test_malformed_body_is_invalid_json(caller: Toan, path: str, kind: str) -> None:
    told = problems(caller.post_raw(path, MALFORMED[kind], _JSON))
    assert [(each.loc[0], each.type) for each in told] == [("body", "json_invalid")]


@pytest.mark.parametrize("kind", NO_OBJECT)
@pytest.mark.parametrize("path", MEMBERS)
def test_body_that_is_no_object_is_told(caller: Toan, path: str, kind: str) -> None:
    told = problems(caller.post_raw(path, NO_OBJECT[kind], _JSON))
    assert [(each.loc, each.msg) for each in told] == [(("body",), "Input should be an object")]


@pytest.mark.parametrize("headers", [_JSON, {"x-org": "acme"}])
@pytest.mark.parametrize("path", MEMBERS)
def test_body_that_is_not_there_is_missing(caller: Toan, path: str, headers: dict[str, str]) -> None:
    told = problems(caller.post_raw(path, b"", headers))
    assert [(each.loc, each.type) for each in told] == [(("body",), "missing")]


@pytest.mark.parametrize("number", ENDLESS_NUMBERS)
@pytest.mark.parametrize("path", MEMBERS)
def test_body_with_an_endless_number_is_refused(caller: Toan, path: str, number: bytes) -> None:
    good = json.dumps(dict.fromkeys(MEMBERS[path], "x")).encode()
    told = problems(caller.post_raw(path, good[:-1] + b',"x":' + number + b"}", _JSON))
    assert [(each.loc, each.type) for each in told] == [(("body",), "json_invalid")]


@pytest.mark.parametrize("path", MEMBERS)
def test_all_missing_members_are_listed(caller: Toan, path: str) -> None:
    told = problems(caller.post(path, {}, {"x-org": "acme"}))
    assert [(each.loc, each.type) for each in told] == [(("body", name), "missing") for name in MEMBERS[path]]


@pytest.mark.parametrize("path", [CHANGE, admin_path(NOBODY)])
def test_problems_of_header_and_body_are_told_in_one_answer(caller: Toan, path: str) -> None:
    places = [each.loc for each in problems(caller.post(path, {}))]
    assert sorted(places) == sorted([("header", "x-org"), *(("body", name) for name in MEMBERS[path])])


@pytest.mark.parametrize("kind", WRONG_TYPES)
@pytest.mark.parametrize(("path", "name"), [(path, name) for path, names in MEMBERS.items() for name in names])
def test_string_of_another_type_is_told(caller: Toan, path: str, name: str, kind: str) -> None:
    body = {**dict.fromkeys(MEMBERS[path], "x"), name: WRONG_TYPES[kind]}
    told = problems(caller.post(path, body, {"x-org": "acme"}))
    assert [(each.loc, each.type) for each in told] == [(("body", name), "string_type")]


@pytest.mark.parametrize("value", ["perhaps", [], {}, 7, "", 0.5])
def test_remember_me_that_is_no_boolean_is_told(toan: Toan, value: object) -> None:
    body = {"user": "x", "password": "y", "remember_me": value}
    assert [each.loc for each in problems(toan.post(LOGIN, body))] == [("body", "remember_me")]


@pytest.mark.parametrize("path", MEMBERS)
def test_what_was_sent_is_not_repeated(caller: Toan, path: str) -> None:
    body = {**{name: ["S3cret!marked"] for name in MEMBERS[path]}, "S3cret!member": 1}
    answer = caller.post(path, body, {"x-org": "acme"})
    problems(answer)
    assert "S3cret" not in answer.text


def test_further_members_are_ignored(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    further = {"scope": "admin", "grant_type": "x", "client_id": "evil", "totp": "1", "__proto__": {}, "users": [1]}
    body = {"user": person.username, "password": person.password, **further}
    told = tokens(toan.post(f"{LOGIN}?scope=offline_access&remember_me=true", body))
    assert "offline_access" not in told.scope.split()


def test_further_members_of_other_bodies_are_ignored(toan: Toan, administrator: Member, witness: Witness) -> None:
    further = {"user_id": administrator.person.id, "temporary": True, "type": "otp", "client_id": "evil", "scope": "x"}
    target, org = administrator.colleague, organization_headers(administrator.org.alias, None)
    body = {"new_password": "N3w!password", **further}
    assert administrator.toan.post(admin_path(target.id), body, org).status_code == 200
    told = tokens(toan.login(target.username, "N3w!password"))
    told = tokens(toan.post(REFRESH, {"refresh_token": told.refresh_token, **further}))
    assert told.session_state in witness.sessions(target.id)
    assert toan.post(LOGOUT, {"refresh_token": told.refresh_token, **further}).status_code == 200
    assert witness.sessions(target.id) == set()
    assert witness.password_is(administrator.person.username, administrator.person.password)


@pytest.mark.parametrize("path", MEMBERS)
def test_longer_body_is_refused(toan: Toan, path: str) -> None:
    content = json.dumps(dict.fromkeys(MEMBERS[path], "x" * 65536)).encode()
    refusal(toan.post_raw(path, content, _JSON), 413)


def test_longer_body_without_a_length_is_refused(toan: Toan) -> None:
    refusal(toan.http.post(LOGIN, content=iter([b"x" * 10000] * 8), headers=_JSON), 413)


def test_body_of_just_that_length_is_read(toan: Toan) -> None:
    shell = json.dumps({"user": "nobody", "password": "x", "padding": ""}).encode()
    content = shell[:-2] + b" " * (65536 - len(shell)) + shell[-2:]
    assert len(content) == 65536
    refusal(toan.post_raw(LOGIN, content, _JSON), 401)


def test_declared_gigabyte_is_refused_before_it_comes(gateway: ServedGateway) -> None:
    there = urlsplit(gateway.url)
    head = f"POST {LOGIN} HTTP/1.1\r\nhost: {there.netloc}\r\ncontent-length: {1 << 30}\r\n\r\n"
    with socket.create_connection((there.hostname, there.port), timeout=5) as connection:
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()
