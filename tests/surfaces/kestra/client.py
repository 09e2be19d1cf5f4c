"""A small client that calls as the document's own does (contract section 0)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

AUTHS = "/api/v1/auths"
FORGOT = "/api/v1/forgotten-password"
RESET = "/api/v1/reset-password"
CODE = "/api/v1/request-code"
LOGIN = "/login"
CREATE = "/api/v1/invitation/create"
ACCEPT = "/api/v1/invitation/accept"
INVITATIONS = "/api/v1/main/invitations"
CREATE_ANY = f"{CREATE}/no-such-invitation"

METHODS = {
    AUTHS: ("GET",),
    FORGOT: ("GET", "POST"),
    RESET: ("POST",),
    f"{CODE}/nobody%40example.test": ("GET",),
    LOGIN: ("POST",),
    CREATE_ANY: ("POST",),
    f"{ACCEPT}/no-such-invitation": ("POST",),
    INVITATIONS: ("POST",),
}
"""A path of every operation → its methods."""

MEMBERS = {
    FORGOT: ("username",),
    RESET: ("token", "password"),
    LOGIN: ("username", "password"),
    CREATE_ANY: ("firstName", "lastName", "password"),
    INVITATIONS: ("email",),
}
"""Path of each operation with a body → its members that must be strings."""

JSON = {"content-type": "application/json", "accept": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True, slots=True)
class Kestra:
    """The operations.

    Attributes:
        http: connections to the gateway.
    """

    http: httpx.Client

    def auths(self) -> httpx.Response:
        """Ask for the ways to sign in."""
        return self.http.get(AUTHS)

    def forgot(self, username: str) -> httpx.Response:
        """Ask for a reset link, as the document has it."""
        return self.http.get(FORGOT, params={"username": username})

    def forgot_by_post(self, body: object) -> httpx.Response:
        """Ask for a reset link, as newer clients do."""
        return self.post(FORGOT, body)

    def reset(self, token: str, password: str) -> httpx.Response:
        """Set a password by the token of a link."""
        return self.post(RESET, {"token": token, "password": password})

    def request_code(self, email: str) -> httpx.Response:
        """Ask for a code; the client encodes every character of the address that can be."""
        return self.target("GET", f"{CODE}/{quote(email, safe='')}")

    def login(self, username: str, password: str) -> httpx.Response:
        """Sign in."""
        return self.post(LOGIN, {"username": username, "password": password})

    def login_by_form(self, username: str, password: str) -> httpx.Response:
        """Sign in, as the document's client does."""
        return self.http.post(LOGIN, data={"username": username, "password": password})

    def create(self, invitation: str, **changed: object) -> httpx.Response:
        """Make an account by an invitation; a member that is None is left out."""
        whole = {"firstName": "Zoë", "lastName": "李", "password": "Passw0rd!x", **changed}
        return self.post(f"{CREATE}/{invitation}", {name: each for name, each in whole.items() if each is not None})

    def accept(self, invitation: str, bearer: str | None = None) -> httpx.Response:
        """Accept an invitation; the client sends no body."""
        headers = {"accept": "application/json"} | ({"authorization": f"Bearer {bearer}"} if bearer else {})
        return self.http.post(f"{ACCEPT}/{invitation}", headers=headers)

    def invite(self, tenant: str, bearer: str | None, **body: object) -> httpx.Response:
        """Invite somebody, as a service does."""
        headers = {**JSON} | ({"authorization": f"Bearer {bearer}"} if bearer else {})
        return self.http.post(f"/api/v1/{tenant}/invitations", json=body, headers=headers)

    def post(self, path: str, body: object) -> httpx.Response:
        """Post JSON."""
        return self.post_raw(path, json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"), JSON)

    def post_raw(self, path: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Post bytes."""
        return self.http.post(path, content=content, headers=headers)

    def target(self, method: str, target: str, **headers: str) -> httpx.Response:
        """Ask for a target that is sent exactly as it is given."""
        return self.http.request(method, "/", headers=headers, extensions={"target": target.encode()})


def require_done(answer: httpx.Response) -> None:
    """Demand the empty object."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
    assert answer.content == b"{}"
    assert answer.headers["cache-control"] == "no-store"


def tokens(answer: httpx.Response) -> dict[str, Any]:
    """Read the answer of a sign-in; there is nothing besides, and no cookie."""
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert body.keys() == {"username", "access_token", "refresh_token", "token_type", "expires_in", "roles"}
    assert body["token_type"] == "Bearer"
    assert isinstance(body["expires_in"], int)
    assert "set-cookie" not in answer.headers
    return body


def invitation(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    """Read the invitation of an answer, in which nobody is signed in."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    body: dict[str, Any] = answer.json()
    dates = {"sentAt", "expiredAt", "acceptedAt"}
    assert body.keys() - {"link"} == {"id", "email", "tenantId", "status", "roles", "groups", "superAdmin"} | dates
    assert body["superAdmin"] is False
    return body


def refusal(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Demand a refusal in the framework's shape; return its body."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    assert "retry-after" not in answer.headers
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert isinstance(body["message"], str)
    assert body["message"]
    (link,) = body["_links"].values()
    assert body["_links"].keys() == {"self"}
    assert link.keys() == {"href", "templated"}
    assert link["templated"] is False
    assert "?" not in link["href"]
    further = body.keys() - {"message", "_links"}
    assert further == {422: {"_embedded"}, 429: {"retryAfter"}, 503: {"retryAfter"}}.get(status, set())
    if status in (429, 503):
        assert isinstance(body["retryAfter"], int)
        assert body["retryAfter"] > 0
    return body


def problems(answer: httpx.Response) -> dict[str, str]:
    """Read what is wrong with each member: its name → the message."""
    errors = refusal(answer, 422)["_embedded"]["errors"]
    assert errors
    assert all(each.keys() == {"message", "path"} and each["message"] for each in errors)
    return {each["path"]: each["message"] for each in errors}
