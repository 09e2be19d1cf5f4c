"""What a dependency's absence looks like from outside."""

import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from tests.surfaces.toan.answers import refusal
from tests.surfaces.toan.client import Toan
from tests.surfaces.wire import Wire

PROMPT = 6.0
"""Longest time to an answer, seconds: the deadline of security R1, and generosity for a busy machine."""

_RECOVERY = 8.0
_NOBODY = "00000000-0000-4000-8000-000000000000"
# A well-formed token of ours, so that only Keycloak can tell that it is none.
_TOKEN = "eyJhbGciOiJSUzI1NiIsImtpZCI6IngifQ.eyJhenAiOiJnYXRld2F5IiwidHlwIjoiUmVmcmVzaCIsInNpZCI6IngiLCJzdWIiOiJ4In0.eA"

CALLS: Mapping[str, Callable[[Toan], httpx.Response]] = {
    "login": lambda toan: toan.login("nobody", "Passw0rd!x"),
    "refresh": lambda toan: toan.refresh(_TOKEN),
    "logout": lambda toan: toan.logout(_TOKEN),
    "change": lambda toan: toan.bearing(_TOKEN).change("Passw0rd!x", "N3w!password", org="acme"),
    "admin": lambda toan: toan.bearing(_TOKEN).change_of_user(_NOBODY, "N3w!password", org="acme"),
}


@dataclass(frozen=True, slots=True)
class Wired:
    """A gateway whose ways to Keycloak and Redis can be frozen or cut."""

    toan: Toan
    keycloak: Wire
    redis: Wire


def closed_port() -> int:
    """Find a port where nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
    return port


def require_unavailable(answer: httpx.Response) -> None:
    """Demand the 503, in time."""
    assert refusal(answer, 503)
    assert int(answer.headers["retry-after"]) > 0
    assert answer.elapsed.total_seconds() < PROMPT


def recovered(call: Callable[[], httpx.Response]) -> httpx.Response:
    """Repeat a call until it is available again (security R3, R5)."""
    deadline = time.monotonic() + _RECOVERY
    while (answer := call()).status_code == httpx.codes.SERVICE_UNAVAILABLE and time.monotonic() < deadline:
        time.sleep(0.2)
    return answer
