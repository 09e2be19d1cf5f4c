"""404 and 405 and never a redirect; the same safety on every answer (contract section 4, security S35 to S40)."""

import pytest

from tests.surfaces.paths import OTHER_METHODS, near_misses, require_safe_headers
from tests.surfaces.toan.answers import refusal
from tests.surfaces.toan.client import ALL, Toan


@pytest.mark.parametrize("method", [each for each in OTHER_METHODS if each != "POST"])
@pytest.mark.parametrize("path", ALL)
def test_other_method_is_told_what_is_allowed(toan: Toan, path: str, method: str) -> None:
    answer = toan.http.request(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    if method != "HEAD":
        refusal(answer, 405)


@pytest.mark.parametrize(
    "path",
    [
        "/api/iam",
        "/api/iam/",
        "/api/iam/nothing",
        "/api/iam/principal/me",
        "/api/iam/organization",
        "/api/iam/policy",
        "/api/iam/admin/user//password",
        "/api/iam/admin/user/x/y/password",
        *near_misses(ALL),
        "/api/iam//evil.example/..",
        "/api/iam/%5cevil.example",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_unknown_path_is_not_found(toan: Toan, path: str, method: str) -> None:
    answer = toan.http.request(method, "/", extensions={"target": path.encode()})
    refusal(answer, 404)
    assert "location" not in answer.headers


@pytest.mark.parametrize(
    "path", ["/", "//api/iam/login", "/api/.well-known/x", "/api", "/docs", "/openapi.json", "/metrics"]
)
def test_path_outside_the_surface_is_not_found(toan: Toan, path: str) -> None:
    answer = toan.http.post("/", extensions={"target": path.encode()})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("path", [*ALL, "/api/iam/nothing"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_no_answer_may_be_stored_or_sniffed(toan: Toan, path: str, method: str) -> None:
    require_safe_headers(toan.http.request(method, path))


@pytest.mark.parametrize("path", ALL)
def test_no_answer_opens_anything_to_foreign_pages(toan: Toan, path: str) -> None:
    for method in ("POST", "OPTIONS"):
        headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
        answer = toan.http.request(method, path, headers=headers)
        assert not [name for name in answer.headers if name.startswith("access-control-")]
