"""404 and 405 and never a redirect; the same safety on every answer (security S35 to S40)."""

import pytest

from tests.conftest import Mailbox
from tests.servers.people import PersonMaker
from tests.surfaces.paths import OTHER_METHODS, near_misses, require_safe_headers
from tests.surfaces.pipeshub.client import CODE, FORGOT, METHODS, Pipeshub, refusal
from tests.surfaces.pipeshub.saml import CALLBACK, way_of


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, other) for path, method in METHODS.items() for other in OTHER_METHODS if other != method],
)
def test_another_method_is_told_what_is_allowed(pipeshub: Pipeshub, path: str, method: str) -> None:
    answer = pipeshub.http.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, METHODS[path])
    if method != "HEAD":
        refusal(answer, 405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("path", [FORGOT, CODE])
def test_a_head_sends_no_mail(pipeshub: Pipeshub, make_person: PersonMaker, mailbox: Mailbox, path: str) -> None:
    person = make_person()
    assert pipeshub.http.request("HEAD", path, json={"email": person.email}).status_code == 405
    # What is asked for later is sent later.
    assert pipeshub.forgot(person.email).status_code == 200
    mailbox.wait_for(person.email)
    assert mailbox.count(person.email) == 1


@pytest.mark.parametrize(
    "path",
    [
        "/userAccount",
        "/userAccount/",
        "/userAccount/nothing",
        "/saml",
        "/saml/",
        "/saml/nothing",
        *near_misses(METHODS),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_not_found(pipeshub: Pipeshub, path: str, method: str) -> None:
    answer = pipeshub.http.request(method, "/", extensions={"target": path.encode()})
    refusal(answer, 404, "NOT_FOUND")
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", [*METHODS, "/userAccount/nothing"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_no_answer_may_be_stored_or_sniffed(pipeshub: Pipeshub, path: str, method: str) -> None:
    answer = pipeshub.http.request(method, path)
    if (method, path) == ("GET", CALLBACK):
        # The one operation whose refusals are redirects, to the front end alone.
        assert way_of(answer) == "/login?saml_error=auth_failed"
        del answer.headers["location"]
    require_safe_headers(answer)
