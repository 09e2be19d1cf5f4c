"""What goes to the one operation, what comes back, and what it is for."""

from collections.abc import Mapping
from typing import Any

import httpx

from tests.surfaces.toan.client import Toan

PATH = "/backchannel-logout"
EVENT = "http://schemas.openid.net/event/backchannel-logout"

Claims = dict[str, Any]
"""What a logout token says."""


def post(http: httpx.Client, token: str) -> httpx.Response:
    """Post a logout token as Keycloak does."""
    return http.post(PATH, data={"logout_token": token})


def require_refused(answer: httpx.Response, status: int = 400) -> None:
    """Demand an OAuth error object (section 2.8)."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/json"), answer.text
    assert set(answer.json()) == {"error", "error_description"}


def is_taken(http: httpx.Client, held: Mapping[str, Any]) -> bool:
    """Say whether the gateway still takes a bearer; a member of no organization is refused only after that."""
    answer = Toan(http).bearing(held["access_token"]).change("x", "N3w!password", org="nowhere")
    assert answer.status_code in (401, 403), answer.text
    return answer.status_code == 403
