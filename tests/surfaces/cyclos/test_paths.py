"""404, 405 and HEAD; paths that are another document's (contract sections 1, 4 and 12)."""

import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import Person
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import AUTH, DATA, METHODS, SESSION, Cyclos, basic, refusal, token_of
from tests.surfaces.paths import OTHER_METHODS, near_misses, require_safe_headers

_ANOTHER_S = ("login", "logout", "refresh", "signup", "flow/x", "verify-email/send", "verify-email/verify")


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, other) for path, methods in METHODS.items() for other in OTHER_METHODS if other not in methods],
)
def test_another_method_is_told_what_is_allowed(cyclos: Cyclos, path: str, method: str) -> None:
    answer = cyclos.target(method, path)
    assert answer.headers["allow"] == ", ".join(METHODS[path])
    if method == "HEAD":
        assert (answer.status_code, answer.content) == (405, b"")
    else:
        refusal(answer, 405, kind="general", exceptionType="MethodNotAllowed")


@pytest.mark.parametrize("path", [AUTH, DATA])
def test_a_head_is_answered_as_a_get_without_its_body(cyclos: Cyclos, person: Person, path: str) -> None:
    token = token_of(cyclos.login(person.username, person.password))
    for headers in ({}, {"session-token": token}, {"session-token": "x"}, basic("nobody-there", "x")):
        head, get = (cyclos.target(method, path, **headers) for method in ("HEAD", "GET"))
        assert head.content == b""
        assert head.status_code == get.status_code
        assert head.headers.get("content-type") == get.headers.get("content-type")


@pytest.mark.parametrize("path", [f"{AUTH}/", f"{AUTH}/nothing", f"{SESSION}/nothing", *near_misses([SESSION, DATA])])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_an_unknown_path_is_not_found(cyclos: Cyclos, method: str, path: str) -> None:
    answer = cyclos.target(method, path)
    assert answer.status_code == 404
    assert "location" not in answer.headers
    # Some of them lie below nothing of ours.
    assert answer.json() in ({}, {"detail": "Not Found"})
    if path.startswith(f"{AUTH}/"):
        assert answer.json() == {}


@pytest.mark.parametrize("path", _ANOTHER_S)
def test_what_belongs_to_another_document_is_answered_as_that_has_it(cyclos: Cyclos, path: str) -> None:
    answer = cyclos.target("PATCH", f"{AUTH}/{path}")
    assert answer.status_code == 405
    assert answer.json().keys() == {"message", "debug", "code"}


@pytest.mark.parametrize("path", _ANOTHER_S)
def test_where_that_is_switched_off_its_paths_are_not_found(cyclos_apart: Apart, path: str) -> None:
    with served_gateway(cyclos_apart(NAP__ENABLED="false")) as served, served.client() as client:
        answer = Cyclos(client).target("POST", f"{AUTH}/{path}")
        assert (answer.status_code, answer.json()) == (404, {})


@pytest.mark.parametrize("path", [*METHODS, f"{AUTH}/nothing"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_no_answer_may_be_stored_or_sniffed(cyclos: Cyclos, method: str, path: str) -> None:
    answer = cyclos.target(method, path)
    require_safe_headers(answer)
    assert answer.headers["content-type"] == "application/json"


def test_a_prefix_moves_the_whole_surface(cyclos_apart: Apart) -> None:
    with served_gateway(cyclos_apart(CYCLOS__PREFIX="/cyclos")) as served, served.client() as client:
        cyclos = Cyclos(client)
        assert cyclos.within("cyclos").auth().status_code == 200
        assert cyclos.target("GET", f"/cyclos{AUTH}/nothing").json() == {}
        assert cyclos.target("GET", f"{AUTH}/nothing").json() == {"detail": "Not Found"}


def test_the_surface_is_served_only_where_that_is_set(cyclos_apart: Apart) -> None:
    with served_gateway(cyclos_apart(CYCLOS__ENABLED="false")) as served, served.client() as client:
        assert Cyclos(client).auth().status_code == 404
