"""Bodies that are malformed, wrong or something else: refused by every operation (contract sections 2 and 5)."""

import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence

import pytest

from tests.servers.gateway import ServedGateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.bodies import ENDLESS_NUMBERS, MALFORMED, NO_OBJECT, OTHER_MEDIA_TYPES, WRONG_TYPES
from tests.surfaces.kestra.client import (
    CREATE_ANY,
    FORGOT,
    FORM,
    INVITATIONS,
    JSON,
    LOGIN,
    MEMBERS,
    RESET,
    Kestra,
    problems,
    refusal,
    tokens,
)
from tests.surfaces.witness import Witness, claims

_NAMED = [each for each in OTHER_MEDIA_TYPES if each and each != FORM["content-type"]]

_UNFIT: Mapping[str, Sequence[object]] = {
    "roles": ("x", {"id": "x"}, ["x"], [1], [{}], [{"id": 1}], [{"id": ""}], [{"id": "offline_access"}] * 33),
    "groups": ("x", {"id": "x"}, [1], [None], [""], ["x" * 1025], ["x"] * 33),
    "superAdmin": ("true", 1, [], {}),
    "createUserIfNotExist": ("true", 1, [], {}),
}
"""What else an invitation may ask for → what it may not be."""


@pytest.fixture(scope="module")
def kestra(kestra_gateway: ServedGateway, service: str) -> Iterator[Kestra]:
    """The document's own client, with the token of a service, which only one operation looks at."""
    with kestra_gateway.client(headers={"authorization": f"Bearer {service}"}) as client:
        yield Kestra(client)


def _good(path: str) -> dict[str, object]:
    """Write a body that only its values keep from being right."""
    return dict.fromkeys(MEMBERS[path], "nobody@example.test")


@pytest.mark.parametrize("kind", [*MALFORMED, *NO_OBJECT])
@pytest.mark.parametrize("path", MEMBERS)
def test_a_body_of_another_shape_is_invalid(kestra: Kestra, path: str, kind: str) -> None:
    problems(kestra.post_raw(path, {**MALFORMED, **NO_OBJECT}[kind], JSON))


@pytest.mark.parametrize("headers", [JSON, {}])
@pytest.mark.parametrize("path", MEMBERS)
def test_a_body_that_is_not_there_is_invalid(kestra: Kestra, path: str, headers: dict[str, str]) -> None:
    assert problems(kestra.post_raw(path, b"", headers)).keys() == {"body"}


@pytest.mark.parametrize("number", ENDLESS_NUMBERS)
@pytest.mark.parametrize("path", MEMBERS)
def test_a_body_with_an_endless_number_is_invalid(kestra: Kestra, path: str, number: bytes) -> None:
    member = json.dumps(MEMBERS[path][0]).encode()
    problems(kestra.post_raw(path, b"{" + member + b":" + number + b"}", JSON))


@pytest.mark.parametrize("kind", WRONG_TYPES)
@pytest.mark.parametrize(("path", "name"), [(path, name) for path, names in MEMBERS.items() for name in names])
def test_a_member_of_another_type_is_named(kestra: Kestra, path: str, name: str, kind: str) -> None:
    answer = kestra.post(path, {**_good(path), name: WRONG_TYPES[kind]})
    if path == FORGOT and kind == "null":
        assert answer.status_code == 200
    elif path == CREATE_ANY and kind == "null":
        # Whether it has to be there is judged after the invitation.
        refusal(answer, 404)
    else:
        assert problems(answer).keys() == {name}


@pytest.mark.parametrize("path", [RESET, LOGIN, INVITATIONS])
def test_every_member_that_is_missing_is_named(kestra: Kestra, path: str) -> None:
    assert problems(kestra.post(path, {})).keys() == set(MEMBERS[path])


@pytest.mark.parametrize("path", MEMBERS)
def test_what_was_sent_is_not_repeated(kestra: Kestra, path: str) -> None:
    answer = kestra.post(path, {**{name: ["S3cret!marked"] for name in MEMBERS[path]}, "S3cret!member": 1})
    problems(answer)
    assert "S3cret" not in answer.text
    assert not [word for word in ("dict", "instance of", "pydantic") if word in answer.text]


@pytest.mark.parametrize(
    "text", ["x\x01y", "\x1b[31m", "\u202e", "\u2028", "\ufffe", "👩‍👩‍👧", "ﷺ" * 60, "%00", "*", "'--", "{{7*7}}"]
)
@pytest.mark.parametrize("path", MEMBERS)
def test_odd_characters_break_no_operation(kestra: Kestra, path: str, text: str) -> None:
    answer = kestra.post(path, dict.fromkeys(MEMBERS[path], text))
    assert answer.status_code == {FORGOT: 200, RESET: 404, LOGIN: 401, CREATE_ANY: 404, INVITATIONS: 422}[path]


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in _UNFIT.items() for value in values])
def test_what_is_asked_for_in_an_invitation_has_its_type(kestra: Kestra, name: str, value: object) -> None:
    answer = kestra.post(INVITATIONS, {"email": "nobody@example.test", name: value})
    assert {path.partition(".")[0] for path in problems(answer)} == {name}


@pytest.mark.parametrize("media_type", _NAMED)
@pytest.mark.parametrize("path", MEMBERS)
def test_another_media_type_is_a_415(kestra: Kestra, path: str, media_type: str) -> None:
    content = json.dumps(_good(path)).encode()
    refusal(kestra.post_raw(path, content, {"content-type": media_type}), 415)


@pytest.mark.parametrize("path", [FORGOT, RESET, CREATE_ANY, INVITATIONS])
def test_a_form_is_taken_by_the_sign_in_alone(kestra: Kestra, path: str) -> None:
    refusal(kestra.post_raw(path, b"username=x&token=x&password=y&email=x", FORM), 415)


def _proof(person: Person) -> bytes:
    return json.dumps({"username": person.username, "password": person.password}).encode()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": ""},
        {"content-type": "application/json; charset=utf-8"},
        {"content-type": "Application/JSON"},
    ],
)
def test_json_may_come_without_a_type_or_with_parameters(
    kestra: Kestra, person: Person, headers: dict[str, str]
) -> None:
    tokens(kestra.post_raw(LOGIN, _proof(person), headers))


@pytest.mark.parametrize("media_type", _NAMED)
def test_the_right_password_as_another_media_type_gives_no_tokens(
    kestra: Kestra, person: Person, witness: Witness, media_type: str
) -> None:
    refusal(kestra.post_raw(LOGIN, _proof(person), {"content-type": media_type}), 415)
    assert witness.sessions(person.id) == set()


@pytest.mark.parametrize("encode", [gzip.compress, bytes])
def test_a_content_encoding_gives_no_tokens(kestra: Kestra, person: Person, encode: Callable[[bytes], bytes]) -> None:
    refusal(kestra.post_raw(LOGIN, encode(_proof(person)), {**JSON, "content-encoding": "gzip"}), 415)


@pytest.mark.parametrize("path", MEMBERS)
def test_a_mebibyte_is_too_much(kestra: Kestra, path: str) -> None:
    refusal(kestra.post_raw(path, b" " * (1 << 20), JSON), 413)


@pytest.mark.parametrize("path", MEMBERS)
def test_a_body_of_unknown_length_is_counted(kestra: Kestra, path: str) -> None:
    answer = kestra.http.post(path, content=iter([b" " * 40000] * 2), headers=JSON)
    refusal(answer, 413)


def test_a_body_of_sixty_kibibytes_is_read(kestra: Kestra) -> None:
    refusal(kestra.post_raw(RESET, b'{"token":"x","password":"y"' + b" " * 60000 + b"}", JSON), 404)


@pytest.mark.parametrize("headers", [{}, FORM, {"content-type": "application/json"}, {"content-type": "text/plain"}])
def test_an_empty_body_is_a_422(kestra: Kestra, headers: dict[str, str]) -> None:
    problems(kestra.post_raw(LOGIN, b"", headers))


@pytest.mark.parametrize(
    ("form", "missing"),
    [
        (b"username=x", {"password"}),
        (b"password=x", {"username"}),
        (b"identity=a&secret=b", {"username", "password"}),
        (b"username=%ff&password=x", {"body"}),
    ],
)
def test_a_form_that_lacks_something_is_a_422(kestra: Kestra, form: bytes, missing: set[str]) -> None:
    assert problems(kestra.post_raw(LOGIN, form, FORM)).keys() == missing


def test_further_members_sign_nobody_else_in(kestra: Kestra, person: Person, make_person: PersonMaker) -> None:
    other = make_person()
    further = {"identity": other.username, "secret": other.password, "scope": "offline_access", "totp": "000000"}
    told = tokens(kestra.post(LOGIN, {"username": person.username, "password": person.password, **further}))
    said = claims(told["access_token"])
    assert said["sub"] == person.id
    assert "offline_access" not in said["scope"].split()


def test_a_query_gives_no_tokens(kestra: Kestra, person: Person) -> None:
    target = f"{LOGIN}?username={person.username}&password={person.password}"
    problems(kestra.http.post(target, content=b""))
