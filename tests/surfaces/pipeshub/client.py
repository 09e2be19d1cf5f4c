"""A small client that calls as the document's own does (contract section 1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import httpx

INIT = "/userAccount/initAuth"
AUTHENTICATE = "/userAccount/authenticate"
CODE = "/userAccount/login/otp/generate"
CHANGE = "/userAccount/password/reset"
FORGOT = "/userAccount/password/forgot"
RESET = "/userAccount/password/reset/token"
CHECK = "/userAccount/internal/password/check"
REFRESH = "/userAccount/refresh/token"
LOGOUT = "/userAccount/logout/manual"

SAML = ("/saml/signIn", "/saml/signIn/callback")
POSTS = (INIT, AUTHENTICATE, CODE, CHANGE, FORGOT, RESET, REFRESH, LOGOUT)
METHODS = {**dict.fromkeys(POSTS, "POST"), **dict.fromkeys((CHECK, *SAML), "GET")}
"""The path of every operation → its one method."""

WITH_BODY = (INIT, CODE, FORGOT)
"""Operations with a body that need no token."""

MEMBERS = {
    **dict.fromkeys(WITH_BODY, ("email",)),
    AUTHENTICATE: ("method",),
    CHANGE: ("currentPassword", "newPassword"),
    RESET: ("password",),
}
"""Path of each operation with a body → its members that must be strings."""

_JSON = {"content-type": "application/json", "accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Pipeshub:
    """The nine operations.

    Attributes:
        http: connections to the gateway.
        bearer: sent with every call, or None.
        headers: sent with every call, besides its own.
    """

    http: httpx.Client
    bearer: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def bearing(self, bearer: str) -> "Pipeshub":
        """Call with a bearer token from now on."""
        return replace(self, bearer=bearer)

    def sending(self, **headers: str) -> "Pipeshub":
        """Call with these headers from now on; `_` in a name stands for a hyphen."""
        return replace(self, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def init(self, email: str) -> httpx.Response:
        """Begin a sign-in."""
        return self.post(INIT, {"email": email})

    def begun(self, email: str) -> str:
        """Begin a sign-in with success; return its token."""
        answer = self.init(email)
        assert answer.status_code == 200, answer.text
        return str(answer.headers["x-session-token"])

    def authenticate(self, token: str | None, method: str, credentials: object, **further: object) -> httpx.Response:
        """Prove a step."""
        headers = {} if token is None else {"x-session-token": token}
        return self.post(AUTHENTICATE, {"method": method, "credentials": credentials, **further}, headers)

    def by_password(self, token: str, password: str) -> httpx.Response:
        """Prove a step by a password."""
        return self.authenticate(token, "password", {"password": password})

    def by_code(self, token: str, code: str) -> httpx.Response:
        """Prove a step by a mailed code."""
        return self.authenticate(token, "otp", {"otp": code})

    def by_google(self, token: str, id_token: str) -> httpx.Response:
        """Prove a step by an ID token."""
        return self.authenticate(token, "google", id_token)

    def sign_in(self, email: str, password: str) -> dict[str, str]:
        """Sign in with success where a password is all it takes."""
        return fully(self.by_password(self.begun(email), password))

    def ask_code(self, email: str) -> httpx.Response:
        """Ask for a mailed code."""
        return self.post(CODE, {"email": email})

    def forgot(self, email: str) -> httpx.Response:
        """Ask for a reset link."""
        return self.post(FORGOT, {"email": email})

    def reset(self, token: str, password: str) -> httpx.Response:
        """Set a password by the token of a link."""
        return self.bearing(token).post(RESET, {"password": password})

    def change(self, current: str, new: str) -> httpx.Response:
        """Change one's own password."""
        return self.post(CHANGE, {"currentPassword": current, "newPassword": new})

    def check(self) -> httpx.Response:
        """Ask whether a password is set."""
        return self.http.get(CHECK, headers=self._sent({}))

    def refresh(self, refresh_token: str) -> httpx.Response:
        """Exchange a refresh token."""
        return self.bearing(refresh_token).post_raw(REFRESH, b"", {"accept": "application/json"})

    def logout(self) -> httpx.Response:
        """End the session of the bearer."""
        return self.post_raw(LOGOUT, b"", {"accept": "application/json"})

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Post JSON."""
        content = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        return self.post_raw(path, content, {**_JSON, **(headers or {})})

    def post_raw(self, path: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Post bytes to a path that is sent exactly as it is given."""
        sent = self._sent(headers)
        return self.http.post("/", content=content, headers=sent, extensions={"target": path.encode()})

    def _sent(self, headers: Mapping[str, str]) -> dict[str, str]:
        authorization = {} if self.bearer is None else {"authorization": f"Bearer {self.bearer}".strip()}
        return {**headers, **authorization, **self.headers}


def fully(answer: httpx.Response) -> dict[str, str]:
    """Read the tokens of a complete sign-in; there is nothing besides."""
    assert answer.status_code == 200, answer.text
    body: dict[str, str] = answer.json()
    assert body.keys() == {"message", "accessToken", "refreshToken"}
    assert body["message"] == "Fully authenticated"
    return body


def next_step(answer: httpx.Response) -> tuple[int, list[str]]:
    """Read what comes after a proven step; there is no token in it."""
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body.keys() == {"status", "nextStep", "allowedMethods", "authProviders"}
    assert body["status"] == "success"
    return body["nextStep"], body["allowedMethods"]


def refusal(answer: httpx.Response, status: int, identifier: str) -> str:
    """Demand a flat refusal; return its message."""
    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    body = answer.json()
    assert (answer.status_code, body.get("code")) == (status, identifier), answer.text
    assert body == {"error": identifier, "message": body["message"], "code": identifier, "statusCode": status}
    assert answer.headers["cache-control"] == "no-store"
    return str(body["message"])


def nested_refusal(answer: httpx.Response, status: int, code: str, identifier: str) -> None:
    """Demand a refusal as the newer clients read it."""
    assert answer.headers["content-type"].partition(";")[0] == "application/json"
    assert answer.status_code == status, answer.text
    message = answer.json()["error"]["message"]
    assert answer.json() == {"error": {"code": code, "message": message, "metadata": {"code": identifier}}}
