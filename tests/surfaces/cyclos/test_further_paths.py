"""Methods and paths of all that is asked for beyond a password (contract sections 1, 4 and 12)."""

from urllib.parse import unquote

import pytest

from tests.servers.people import OrganizationMaker, Person
from tests.surfaces.bodies import MALFORMED
from tests.surfaces.cyclos.client import Cyclos, refusal, token_of
from tests.surfaces.cyclos.further import ACTIVATE, CHANGE, CLIENT, DATA_FOR_CHANGE, OTP, REQUEST, SECOND
from tests.surfaces.paths import OTHER_METHODS, near_misses, require_safe_headers

_METHODS = {
    SECOND: ("GET", "HEAD", "POST"),
    OTP: ("POST",),
    CLIENT: ("DELETE",),
    ACTIVATE: ("POST",),
    REQUEST: ("POST",),
    DATA_FOR_CHANGE: ("GET", "HEAD"),
    CHANGE: ("POST",),
}
_WITHOUT_BODY = [("POST", OTP), ("DELETE", CLIENT), ("POST", ACTIVATE), ("GET", SECOND), ("GET", DATA_FOR_CHANGE)]


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, other) for path, methods in _METHODS.items() for other in OTHER_METHODS if other not in methods],
)
def test_another_method_is_told_what_is_allowed(cyclos: Cyclos, path: str, method: str) -> None:
    answer = cyclos.target(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, ", ".join(_METHODS[path]))
    require_safe_headers(answer)


@pytest.mark.parametrize("path", [f"{ACTIVATE}/x", f"{ACTIVATE}/", *near_misses([SECOND, OTP, CLIENT, CHANGE])])
def test_an_unknown_path_is_not_found(cyclos: Cyclos, path: str) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = cyclos.target(method, path)
        assert answer.status_code == 404
        is_ours = unquote(path).startswith(("/api/auth/", f"{ACTIVATE}/"))
        assert answer.json() == ({} if is_ours else {"detail": "Not Found"})


@pytest.mark.parametrize("path", [SECOND, DATA_FOR_CHANGE])
def test_a_head_is_answered_as_a_get_without_its_body(cyclos: Cyclos, person: Person, path: str) -> None:
    token = token_of(cyclos.login(person.username, person.password))
    for headers in ({}, {"session-token": token}, {"session-token": "x"}):
        head, get = (cyclos.target(method, f"{path}?key=x", **headers) for method in ("HEAD", "GET"))
        assert head.content == b""
        assert get.content != b""
        assert head.status_code == get.status_code
        assert head.headers.get("content-type") == get.headers.get("content-type")


@pytest.mark.parametrize("kind", MALFORMED)
@pytest.mark.parametrize(("method", "path"), _WITHOUT_BODY)
def test_bodies_are_ignored_where_none_is_defined(cyclos: Cyclos, method: str, path: str, kind: str) -> None:
    query = {"medium": "email", "code": "x", "key": "x"}
    with_body = cyclos.http.request(method, path, params=query, content=MALFORMED[kind])
    without = cyclos.http.request(method, path, params=query)
    assert (with_body.status_code, with_body.content) == (without.status_code, without.content)


@pytest.mark.parametrize("kind", MALFORMED)
@pytest.mark.parametrize("path", [REQUEST, CHANGE])
def test_a_body_that_is_no_json_is_told(cyclos: Cyclos, path: str, kind: str) -> None:
    answer = cyclos.http.post(path, content=MALFORMED[kind], headers={"content-type": "application/json"})
    assert refusal(answer, 400)["code"] == "json"


@pytest.mark.parametrize("path", [*_METHODS])
def test_a_mebibyte_is_too_much(cyclos: Cyclos, path: str) -> None:
    for method in _METHODS[path]:
        if method != "HEAD":
            assert refusal(cyclos.http.request(method, path, content=b" " * (1 << 20)), 413)["code"] == "general"


@pytest.mark.parametrize("path", [*_METHODS])
def test_networks_have_all_of_it(cyclos: Cyclos, make_organization: OrganizationMaker, path: str) -> None:
    method = _METHODS[path][0]
    query = {"medium": "email", "code": "x", "key": "x"}
    headers = {"session-token": "x" * 64, "access-client-token": "x"}
    if path in (REQUEST, CHANGE, DATA_FOR_CHANGE):
        refusal(cyclos.within("nowhere").call(method, path, headers, query), 401, code="invalidNetwork")
    here, there = (
        each.call(method, path, headers, query) for each in (cyclos, cyclos.within(make_organization().alias))
    )
    assert (here.status_code, here.content) == (there.status_code, there.content)
