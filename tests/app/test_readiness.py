"""What the assembled gateway says of itself while something that it needs is away (security R13)."""

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.outages import Wired, wired_gateway
from tests.surfaces.toan.client import Toan
from tests.surfaces.wire import Wire


def _wire(wired: Wired[Toan], dependency: str) -> Wire:
    return {"keycloak": wired.keycloak, "redis": wired.redis}[dependency]


def _ready(wired: Wired[Toan]) -> httpx.Response:
    return wired.client.http.get("/readyz")


def _is_up(wired: Wired[Toan], dependency: str) -> bool:
    detail = httpx.get(f"{wired.served.management_url}/readyz", timeout=30).json()
    return bool(detail["dependencies"][dependency] == "up")


@pytest.mark.parametrize("dependency", ["keycloak", "redis"])
def test_a_frozen_dependency_is_told_to_operators_and_leaves_the_process_ready(
    apart: Apart, stack: Stack, dependency: str
) -> None:
    with wired_gateway(apart, stack, Toan) as wired:
        with _wire(wired, dependency).frozen():
            until(lambda: not _is_up(wired, dependency))
            assert wired.client.http.get("/healthz").json() == {"status": "ok"}
            assert (_ready(wired).status_code, _ready(wired).json()) == (200, {"status": "ready"})
        until(lambda: _is_up(wired, dependency))


@pytest.mark.parametrize("dependency", ["keycloak", "redis"])
def test_readiness_follows_a_frozen_dependency_where_that_is_asked_for(
    apart: Apart, stack: Stack, dependency: str
) -> None:
    with wired_gateway(apart, stack, Toan, SERVER__READINESS_FOLLOWS_OUTAGES="true") as wired:
        with _wire(wired, dependency).frozen():
            until(lambda: _ready(wired).status_code == 503)
            assert _ready(wired).json() == {"status": "outage"}
            assert wired.client.http.get("/healthz").status_code == 200
        until(lambda: _ready(wired).status_code == 200)


@pytest.mark.parametrize(("setting", "status"), [("true", 200), ("false", 404)])
def test_the_documents_are_public_only_where_that_is_asked_for(
    apart: Apart, stack: Stack, setting: str, status: int
) -> None:
    with wired_gateway(apart, stack, Toan, SERVER__PUBLIC_DOCUMENTS=setting) as wired:
        assert wired.client.http.get("/openapi/toan.json").status_code == status
        assert httpx.get(f"{wired.served.management_url}/openapi/toan.json", timeout=30).status_code == 200
