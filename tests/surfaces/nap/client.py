"""A small client that calls as the document's own does (contract section 1), and reads as strictly."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx

from tests.surfaces.documents import require_documented

LOGIN = "/api/auth/login"
LOGOUT = "/api/auth/logout"
REFRESH = "/api/auth/refresh"
SIGNUP = "/api/auth/signup"
SEND = "/api/auth/verify-email/send"
VERIFY = "/api/auth/verify-email/verify"
FLOW = "/api/auth/flow/{flowId}"
COMPLETE = "/api/auth/flow/{flowId}/complete"

_JSON = {"content-type": "application/json", "accept": "application/json"}
_ACCEPT = {"accept": "application/json"}


@dataclass(frozen=True, slots=True)
class Nap:
    """The operations; each answer is held against the document.

    Attributes:
        http: connections to the gateway.
        headers: sent with every call, besides its own.
    """

    http: httpx.Client
    headers: Mapping[str, str] = field(default_factory=dict)

    def sending(self, headers: Mapping[str, str]) -> "Nap":
        """Call with these headers from now on."""
        return replace(self, headers=headers)

    def login(self, email: str, password: str, **further: object) -> httpx.Response:
        """Log in."""
        return self.post(LOGIN, {"email": email, "password": password, **further})

    def flow(self, flow_id: str) -> httpx.Response:
        """Read a flow."""
        target = FLOW.replace("{flowId}", flow_id)
        return self.call("GET", FLOW, target=target, headers=_ACCEPT)

    def complete(self, flow_id: str, **given: object) -> httpx.Response:
        """Complete a flow."""
        return self.post(COMPLETE, given, target=COMPLETE.replace("{flowId}", flow_id))

    def logout(self, session_token: str | None = None, refresh_token: str | None = None) -> httpx.Response:
        """Log out."""
        return self.call("POST", LOGOUT, headers={**_ACCEPT, **tokens_sent(session_token, refresh_token)})

    def refresh(self, refresh_token: str | None) -> httpx.Response:
        """Exchange a refresh token."""
        return self.call("POST", REFRESH, headers={**_ACCEPT, **tokens_sent(None, refresh_token)})

    def signup(self, body: Mapping[str, object]) -> httpx.Response:
        """Sign up."""
        return self.post(SIGNUP, body)

    def send(self, email: str) -> httpx.Response:
        """Ask for a verification mail."""
        return self.post(SEND, {"email": email})

    def verify(self, token: str) -> httpx.Response:
        """Verify an address."""
        return self.post(VERIFY, {"token": token})

    def signed_in(self, email: str, password: str) -> dict[str, str]:
        """Log in with success, where a password is all it takes; return the tokens."""
        return tokens(self.login(email, password))

    def post(self, path: str, body: object, *, target: str | None = None) -> httpx.Response:
        """Post JSON, escaped to ASCII as the client does."""
        return self.call("POST", path, content=json.dumps(body).encode(), headers=_JSON, target=target)

    def call(
        self,
        method: str,
        path: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        target: str | None = None,
    ) -> httpx.Response:
        """Call an operation.

        Args:
            method: HTTP method.
            path: as the document writes it.
            content: the body.
            headers: besides those of every call.
            target: the path with its parameters, sent exactly as it is given.
        """
        answer = self.http.request(
            method,
            "/",
            content=content,
            headers={name.encode(): value.encode() for name, value in {**(headers or {}), **self.headers}.items()},
            extensions={"target": (target or path).encode()},
        )
        require_documented("nap", method, path, answer)
        return answer


def tokens_sent(session_token: str | None, refresh_token: str | None) -> dict[str, str]:
    """Write the headers that tokens travel in."""
    sent = {"X-NAP-Session-Token": session_token, "X-NAP-Refresh-Token": refresh_token}
    return {name: value for name, value in sent.items() if value is not None}


def tokens(answer: httpx.Response) -> dict[str, str]:
    """Read the tokens of a sign-in or a refresh."""
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    assert "flowId" not in told
    assert answer.headers["cache-control"] == "no-store"
    found: dict[str, str] = told["tokens"]
    return found


def flow_id(answer: httpx.Response) -> str:
    """Read the flow that a login has begun; there are no tokens beside it."""
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told.keys() == {"message", "requireEmailVerification", "flowId"}
    assert told["requireEmailVerification"] is False
    return str(told["flowId"])


def user_id(answer: httpx.Response) -> str:
    """Read whom a sign-up has made; there is nothing else but a message."""
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told.keys() == {"userId", "message"}
    return str(told["userId"])


def succeeded(answer: httpx.Response) -> None:
    """Demand the answer of an operation that tells nothing but success."""
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert told.keys() == {"success", "message"}
    assert told["success"] is True


def refusal(answer: httpx.Response, status: int) -> str:
    """Demand the error model, with nothing in `debug`; return its message."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    told = answer.json()
    assert told == {"message": told["message"], "debug": "", "code": status}
    assert told["message"]
    assert answer.headers["cache-control"] == "no-store"
    return str(told["message"])


def login_refusal(answer: httpx.Response, *, verification: bool) -> None:
    """Demand the 403 of the login, which is read as its result or as an error."""
    assert answer.status_code == 403, answer.text
    told = answer.json()
    assert told["message"]
    assert told == {
        "message": told["message"],
        "requireEmailVerification": verification,
        "code": 403,
        "debug": "",
    }


def wrapped(token: str) -> str:
    """Put a token into base64url without padding."""
    return urlsafe_b64encode(token.encode()).rstrip(b"=").decode()


def unwrapped(token: str) -> str:
    """Take it out again; there is no padding."""
    assert "=" not in token
    return urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
