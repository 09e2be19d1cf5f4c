"""A small client that sends what the document's generated client sends (contract section 2)."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.cookies import SimpleCookie
from typing import Any

import httpx

AUTH = "/api/auth"
SESSION = "/api/auth/session"
DATA = "/api/auth/data-for-login"

METHODS = {AUTH: ("DELETE", "GET", "HEAD"), SESSION: ("DELETE", "POST"), DATA: ("GET", "HEAD")}
"""A path of every operation → its methods, in the order in which `Allow` has them."""

JSON = {"content-type": "application/json", "accept": "application/json"}
"""Sent with everything, also with a GET."""
NOBODY = "Basic Og=="
"""What the client sends to some operations when it has been given neither name nor password."""


@dataclass(frozen=True, slots=True)
class Cyclos:
    """The operations.

    Attributes:
        http: connections to the gateway.
        default: headers that the program has set for every call.
        network: what stands before the document's paths.
    """

    http: httpx.Client
    default: Mapping[str, str] = field(default_factory=dict)
    network: str = ""

    def by(self, **headers: str) -> "Cyclos":
        """Set headers for every call; `__` in a name stands for a dash."""
        return replace(self, default={**self.default, **{n.replace("__", "-"): each for n, each in headers.items()}})

    def by_session(self, token: str) -> "Cyclos":
        """Send a session's token with every call."""
        return self.by(Session__Token=token)

    def within(self, network: str) -> "Cyclos":
        """Call the addresses of a network."""
        return replace(self, network=f"/{network}")

    def login(self, name: str = "", password: str = "", encoding: str = "latin-1", **query: object) -> httpx.Response:
        """Log in; names and passwords are sent in an encoding of the client's choice."""
        return self.call("POST", SESSION, basic(name, password, encoding), query)

    def logout(self, **query: object) -> httpx.Response:
        """Log out."""
        return self.call("DELETE", SESSION, query=query)

    def auth(self, name: str | None = None, password: str = "", **query: object) -> httpx.Response:
        """Ask who is asking."""
        return self.call("GET", AUTH, {} if name is None else basic(name, password), query)

    def data_for_login(self, **query: object) -> httpx.Response:
        """Ask how to log in."""
        return self.call("GET", DATA, query=query)

    def call(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, object] | None = None,
    ) -> httpx.Response:
        """Call an operation as the client does: booleans as Python writes them, lists repeated, `{}` for no body."""
        pairs = httpx.QueryParams(
            [(name, str(each)) for name, given in (query or {}).items() for each in _listed(given)]
        )
        content = None if method == "GET" else b"{}"
        sent = {**JSON, **self.default, **(headers or {})}
        url, params = f"{self.network}{path}", httpx.QueryParams(pairs)
        return self.http.request(method, url, params=params, headers=sent, content=content)

    def target(self, method: str, target: str, **headers: str) -> httpx.Response:
        """Ask for a target that is sent exactly as it is given."""
        return self.http.request(method, "/", headers=headers, extensions={"target": target.encode()})


def _listed(given: object) -> list[object]:
    return given if isinstance(given, list) else [given]


def basic(name: str, password: str, encoding: str = "latin-1") -> dict[str, str]:
    """Write name and password."""
    return {"authorization": f"Basic {base64.b64encode(f'{name}:{password}'.encode(encoding)).decode()}"}


def told(answer: httpx.Response) -> dict[str, Any]:
    """Read an answer that nobody may keep."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert "null" not in answer.text
    return body


def token_of(answer: httpx.Response) -> str:
    """Read the token of a session that was begun without a cookie."""
    token = told(answer)["sessionToken"]
    assert isinstance(token, str)
    assert len(token) == 64
    assert token.isascii()
    assert token.isalnum()
    assert "set-cookie" not in answer.headers
    return token


def halves_of(answer: httpx.Response) -> tuple[str, str]:
    """Read the two halves of the token of a session that was begun with a cookie."""
    first = told(answer)["sessionToken"]
    second = SimpleCookie(answer.headers["set-cookie"])["Session-Token"].value
    assert len(first) == len(second) == 32
    assert first != second
    assert second not in answer.text
    return first, second


def require_empty(answer: httpx.Response, status: int) -> None:
    """Demand an answer without a body."""
    assert (answer.status_code, answer.content) == (status, b""), answer.text
    assert answer.headers["cache-control"] == "no-store"


def refusal(answer: httpx.Response, status: int, **body: object) -> dict[str, Any]:
    """Demand a refusal in the document's shape, with exactly this body if one is given."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert "www-authenticate" not in answer.headers
    assert ("retry-after" in answer.headers) == (status == httpx.codes.SERVICE_UNAVAILABLE)
    said: dict[str, Any] = answer.json()
    if body:
        assert said == body
    if status in (400, 401, 403, 408, 413, 415, 422):
        assert isinstance(said["code"], str)
    if status >= 500 or status == httpx.codes.METHOD_NOT_ALLOWED:
        assert said.keys() == {"kind", "exceptionType"}
    return said
