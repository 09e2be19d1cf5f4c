"""A small client that calls as the document's own does (contract section 1)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

import httpx

from tests.surfaces.toan.answers import TokenOpenID, tokens

_JSON = {"content-type": "application/json", "accept": "application/json"}

LOGIN = "/api/iam/login"
REFRESH = "/api/iam/refresh"
LOGOUT = "/api/iam/logout"
RESET = "/api/iam/password/reset"
CHANGE = "/api/iam/password/change"


def admin_path(user_id: str) -> str:
    """Put an id into the path as it is."""
    return f"/api/iam/admin/user/{user_id}/password"


NOBODY = "00000000-0000-4000-8000-000000000000"
"""An id that no account has."""

MEMBERS = {
    LOGIN: ("user", "password"),
    REFRESH: ("refresh_token",),
    LOGOUT: ("refresh_token",),
    CHANGE: ("current_password", "new_password"),
    admin_path(NOBODY): ("new_password",),
}
"""Path of each operation with a body → its members that are strings."""

ALL = (*MEMBERS, RESET)
"""The path of every operation."""


@dataclass(frozen=True, slots=True)
class Toan:
    """The six operations; a bearer, once given, goes with every one of them.

    Attributes:
        http: connections to the gateway.
        bearer: access token, or None.
        headers: sent with every call, besides its own.
    """

    http: httpx.Client
    bearer: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def bearing(self, bearer: str) -> "Toan":
        """Call with a bearer token from now on."""
        return replace(self, bearer=bearer)

    def sending(self, **headers: str) -> "Toan":
        """Call with these headers from now on; `_` in a name stands for a hyphen."""
        return replace(self, headers={name.replace("_", "-"): value for name, value in headers.items()})

    def login(self, user: str, password: str, *, remember_me: bool | None = False) -> httpx.Response:
        """Sign in; a `remember_me` of None is not sent."""
        body: dict[str, object] = {"user": user, "password": password}
        if remember_me is not None:
            body["remember_me"] = remember_me
        return self.post(LOGIN, body)

    def sign_in(self, user: str, password: str, *, remember_me: bool = False) -> TokenOpenID:
        """Sign in with success."""
        return tokens(self.login(user, password, remember_me=remember_me))

    def refresh(self, refresh_token: str) -> httpx.Response:
        """Exchange a refresh token."""
        return self.post(REFRESH, {"refresh_token": refresh_token})

    def logout(self, refresh_token: str) -> httpx.Response:
        """End a session."""
        return self.post(LOGOUT, {"refresh_token": refresh_token})

    def reset(self, username: str) -> httpx.Response:
        """Ask for a mail; the name goes into the query, and there is neither body nor media type."""
        return self.post_raw(f"{RESET}?{urlencode({'username': username})}", b"", {"accept": "application/json"})

    def change(self, current: str, new: str, *, org: str | None, override: str | None = None) -> httpx.Response:
        """Change one's own password."""
        body = {"current_password": current, "new_password": new}
        return self.post(CHANGE, body, organization_headers(org, override))

    def change_of_user(self, user_id: str, new: str, *, org: str | None, override: str | None = None) -> httpx.Response:
        """Set another's password."""
        return self.post(admin_path(user_id), {"new_password": new}, organization_headers(org, override))

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Post compact JSON to a path that is sent exactly as it is given."""
        content = json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
        return self.post_raw(path, content, {**_JSON, **(headers or {})})

    def post_raw(self, path: str, content: bytes, headers: Mapping[str, str]) -> httpx.Response:
        """Post bytes, with these headers and the bearer."""
        sent = {**headers, **self._authorization(), **self.headers}
        return self.http.post("/", content=content, headers=sent, extensions={"target": path.encode()})

    def _authorization(self) -> dict[str, str]:
        if self.bearer is None:
            return {}
        stands = self.bearer.lower().startswith("bearer ")
        return {"authorization": self.bearer if stands else f"Bearer {self.bearer}"}


def organization_headers(org: str | None, override: str | None) -> dict[str, str]:
    """Name organizations; an empty name sends no header."""
    named = {"x-org": org, "x-org-override": override}
    return {header: name for header, name in named.items() if name}
