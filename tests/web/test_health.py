"""Who is told what about the process (security R13)."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from gateway.web import health
from gateway.web.lifecycle import Lifecycle
from tests.web.serving import Served


@pytest.fixture
def lifecycle() -> Lifecycle:
    """A process that depends on two others and has reached neither."""
    return Lifecycle(("keycloak", "redis"))


def _asked(lifecycle: Lifecycle, path: str, *, detailed: bool = False) -> tuple[int, object]:
    with TestClient(Starlette(routes=health.routes(lifecycle, detailed=detailed))) as client:
        answer = client.get(path)
    return answer.status_code, answer.json()


def test_a_process_is_healthy_before_it_is_ready(lifecycle: Lifecycle) -> None:
    assert _asked(lifecycle, "/healthz") == (200, {"status": "ok"})
    assert _asked(lifecycle, "/readyz") == (503, {"status": "starting"})


def test_one_dependency_reached_is_not_enough(lifecycle: Lifecycle) -> None:
    lifecycle.note("redis", up=True)
    assert _asked(lifecycle, "/readyz") == (503, {"status": "starting"})


def test_a_check_that_fails_reaches_nothing(lifecycle: Lifecycle) -> None:
    lifecycle.note("redis", up=False)
    lifecycle.note("keycloak", up=False)
    assert _asked(lifecycle, "/readyz") == (503, {"status": "starting"})


def test_a_process_is_ready_once_every_dependency_was_reached(lifecycle: Lifecycle) -> None:
    lifecycle.note("redis", up=True)
    lifecycle.note("keycloak", up=True)
    assert _asked(lifecycle, "/readyz") == (200, {"status": "ready"})


def test_a_later_outage_leaves_the_process_ready(lifecycle: Lifecycle) -> None:
    for up in (True, False):
        lifecycle.note("redis", up=up)
        lifecycle.note("keycloak", up=up)
    assert _asked(lifecycle, "/readyz") == (200, {"status": "ready"})


def test_a_later_outage_takes_readiness_away_where_that_is_asked_for() -> None:
    lifecycle = Lifecycle(("redis",), follows_outages=True)
    told = []
    for up in (False, True, False, True):
        lifecycle.note("redis", up=up)
        told.append(_asked(lifecycle, "/readyz"))
    starting, ready, outage = (503, {"status": "starting"}), (200, {"status": "ready"}), (503, {"status": "outage"})
    assert told == [starting, ready, outage, ready]


def test_dependencies_may_be_reached_one_after_the_other(lifecycle: Lifecycle) -> None:
    lifecycle.note("redis", up=True)
    lifecycle.note("redis", up=False)
    lifecycle.note("keycloak", up=True)
    assert lifecycle.ready


def test_a_draining_process_is_healthy_but_not_ready(lifecycle: Lifecycle) -> None:
    lifecycle.reached = {"keycloak", "redis"}
    lifecycle.draining = True
    assert _asked(lifecycle, "/healthz") == (200, {"status": "ok"})
    assert _asked(lifecycle, "/readyz") == (503, {"status": "draining"})


def test_only_a_change_of_a_dependency_is_news(lifecycle: Lifecycle) -> None:
    ups = (True, True, False, False, True)
    assert [lifecycle.note("redis", up=up) for up in ups] == [True, False, True, False, True]


def test_a_dependency_that_is_down_from_the_start_is_news_once(lifecycle: Lifecycle) -> None:
    assert [lifecycle.note("redis", up=False) for _ in range(2)] == [True, False]


def test_the_states_of_the_dependencies_are_told_in_detail_only(lifecycle: Lifecycle) -> None:
    lifecycle.note("redis", up=True)
    assert _asked(lifecycle, "/readyz", detailed=True) == (
        503,
        {"status": "starting", "dependencies": {"keycloak": "unknown", "redis": "up"}},
    )
    lifecycle.note("redis", up=False)
    assert _asked(lifecycle, "/readyz", detailed=True)[1] == {
        "status": "starting",
        "dependencies": {"keycloak": "unknown", "redis": "down"},
    }


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_the_public_port_tells_one_word(parcels: Served, path: str) -> None:
    with parcels.client() as client:
        answer = client.get(path)
        assert client.head(path).status_code == 200
        assert client.post(path).status_code == 405
    assert answer.status_code == 200
    assert answer.json().keys() == {"status"}
