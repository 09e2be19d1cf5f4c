"""Surfaces that are served below a path of their own (design section 1)."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.patience import PATIENT
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import basic

_PREFIXES = {
    "toan": "/identity",
    "pipeshub": "/hub",
    "nap": "/nap-of.ours",
    "cyclos": "/bank/v1",
    "kestra": "/identity/flows",
    "backchannel_logout": "/from-keycloak",
}


@pytest.fixture(scope="module")
def served(apart: Apart) -> Iterator[ServedGateway]:
    """A gateway with a prefix for every surface."""
    prefixes = {f"{name.upper()}__PREFIX": each for name, each in _PREFIXES.items()}
    with served_gateway(apart(**prefixes, **PATIENT)) as running:
        yield running


def _first_call(surface: str, person: Person) -> tuple[str, dict[str, Any], int]:
    """Give the path of a call, such as begins a sign-in, with what is sent and the status of the answer."""
    no_token = {"data": {"logout_token": "none"}}
    calls: dict[str, tuple[str, dict[str, Any], int]] = {
        "toan": ("/api/iam/login", {"json": {"user": person.username, "password": person.password}}, 200),
        "pipeshub": ("/userAccount/initAuth", {"json": {"email": person.email}}, 200),
        "nap": ("/api/auth/login", {"json": {"email": person.email, "password": person.password}}, 200),
        "cyclos": ("/api/auth/session", {"headers": basic(person.username, person.password)}, 200),
        "kestra": ("/login", {"json": {"username": person.username, "password": person.password}}, 200),
        "backchannel_logout": ("/backchannel-logout", no_token, 400),
    }
    return calls[surface]


@pytest.mark.parametrize("surface", _PREFIXES)
def test_a_surface_is_below_its_prefix_and_nowhere_else(
    served: ServedGateway, make_person: PersonMaker, surface: str
) -> None:
    path, sent, status = _first_call(surface, make_person())
    with served.client() as client:
        answers = [client.post(f"{prefix}{path}", **sent) for prefix in ("", _PREFIXES[surface], "/elsewhere")]
    assert [each.status_code for each in answers] == [404, status, 404], answers[1].text


@pytest.mark.parametrize("surface", _PREFIXES)
def test_its_document_names_the_prefix(served: ServedGateway, surface: str) -> None:
    document = httpx.get(f"{served.management_url}/openapi/{surface}.json", timeout=30).json()
    assert document["paths"]
    assert [path for path in document["paths"] if not path.startswith(f"{_PREFIXES[surface]}/")] == []
