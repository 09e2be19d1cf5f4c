"""Credentials count in a JSON body and nowhere else (contract section 13, security S33)."""

import gzip
import json
from collections.abc import Callable

import pytest

from tests.servers.people import Person, PersonMaker
from tests.surfaces.bodies import OTHER_MEDIA_TYPES
from tests.surfaces.pipeshub.client import AUTHENTICATE, CHANGE, WITH_BODY, Pipeshub, fully, refusal
from tests.surfaces.witness import Witness

_JSON = {"content-type": "application/json"}


def _headers(media_type: str | None) -> dict[str, str]:
    return {} if media_type is None else {"content-type": media_type}


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody with a password."""
    return make_person()


@pytest.fixture
def begun(pipeshub: Pipeshub, person: Person) -> Pipeshub:
    """That person's sign-in, under way."""
    return pipeshub.sending(x_session_token=pipeshub.begun(person.email))


def _proof(person: Person) -> bytes:
    return json.dumps({"method": "password", "credentials": {"password": person.password}}).encode()


@pytest.mark.parametrize("media_type", OTHER_MEDIA_TYPES)
def test_the_right_password_as_another_media_type_gives_no_tokens(
    begun: Pipeshub, person: Person, media_type: str | None
) -> None:
    refusal(begun.post_raw(AUTHENTICATE, _proof(person), _headers(media_type)), 400, "VALIDATION_ERROR")
    fully(begun.post_raw(AUTHENTICATE, _proof(person), _JSON))


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON", "application/json ;x=y"])
def test_the_media_type_of_json_may_have_parameters(begun: Pipeshub, person: Person, media_type: str) -> None:
    fully(begun.post_raw(AUTHENTICATE, _proof(person), _headers(media_type)))


def test_a_form_gives_no_tokens(begun: Pipeshub, person: Person) -> None:
    form = f"method=password&credentials%5Bpassword%5D={person.password}".encode()
    answer = begun.post_raw(AUTHENTICATE, form, _headers("application/x-www-form-urlencoded"))
    refusal(answer, 400, "VALIDATION_ERROR")


def test_a_query_gives_no_tokens(begun: Pipeshub, person: Person) -> None:
    answer = begun.post(f"{AUTHENTICATE}?method=password&credentials={person.password}", {})
    refusal(answer, 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("encode", [gzip.compress, bytes])
def test_a_content_encoding_gives_no_tokens(begun: Pipeshub, person: Person, encode: Callable[[bytes], bytes]) -> None:
    answer = begun.post_raw(AUTHENTICATE, encode(_proof(person)), {**_JSON, "content-encoding": "gzip"})
    refusal(answer, 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("media_type", OTHER_MEDIA_TYPES)
@pytest.mark.parametrize("path", WITH_BODY)
def test_an_address_as_another_media_type_is_invalid(pipeshub: Pipeshub, path: str, media_type: str | None) -> None:
    answer = pipeshub.post_raw(path, b'{"email":"nobody@example.test"}', _headers(media_type))
    refusal(answer, 400, "VALIDATION_ERROR")


def test_the_right_passwords_as_text_change_nothing(pipeshub: Pipeshub, person: Person, witness: Witness) -> None:
    caller = pipeshub.bearing(pipeshub.sign_in(person.email, person.password)["accessToken"])
    body = json.dumps({"currentPassword": person.password, "newPassword": "An0ther!word"}).encode()
    refusal(caller.post_raw(CHANGE, body, _headers("text/plain")), 400, "VALIDATION_ERROR")
    assert witness.password_is(person.username, person.password)
