"""What is counted, and what never becomes a label."""

import asyncio
import time
from contextlib import closing

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.web.metrics import Metrics
from tests.servers.waiting import until
from tests.web.process import process
from tests.web.serving import Served, served

GOOD = {"name": "vase", "grams": 1}


def _requests(server: Served, operation: str, status: int, surface: str = "parcels") -> float | None:
    labels = {"surface": surface, "operation": operation, "status": str(status)}
    return server.metrics.registry.get_sample_value("gateway_request_seconds_count", labels)


def test_requests_are_counted_by_surface_operation_and_status() -> None:
    with served() as running, running.client() as client:
        for _ in range(3):
            client.post("/parcels", json=GOOD)
        client.post("/parcels", json={})
        client.post("/parcels/break")
        client.get("/healthz")
        assert _requests(running, "send", 200) == 3
        assert _requests(running, "send", 422) == 1
        assert _requests(running, "break", 500) == 1
        assert _requests(running, "none", 200, "none") == 1


def test_what_a_stranger_sends_makes_no_new_label() -> None:
    with served() as running, running.client() as client:
        for number in range(50):
            client.get(f"/parcels/{number}", headers={"x-forwarded-for": f"192.0.2.{number}"})
            client.get(f"/parcels/no/where/{number}")
            client.get(f"/{number}")
            client.request(("PATCH", "DELETE", "PROPFIND")[number % 3], "/parcels")
        (family,) = (each for each in running.metrics.registry.collect() if each.name == "gateway_request_seconds")
        labels = {tuple(sorted((sample.labels | {"le": ""}).items())) for sample in family.samples}
    assert len(labels) == 4


def _wait_for_in_flight(server: Served, expected: float) -> None:
    until(lambda: server.metrics.registry.get_sample_value("gateway_requests_in_flight") == expected)


def test_requests_in_flight_go_up_and_down() -> None:
    with served(deadline=60) as running, closing(running.connect()) as waiting, running.client() as client:
        waiting.sendall(b"POST /parcels/late HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        _wait_for_in_flight(running, 1)
        client.post("/parcels/break")
        _wait_for_in_flight(running, 0)


async def test_a_blocked_loop_shows_as_lag() -> None:
    metrics = Metrics()
    watching = asyncio.create_task(metrics.watch_loop())
    await asyncio.sleep(0.1)
    time.sleep(0.8)  # noqa: ASYNC251 - blocking the loop is what is measured
    await asyncio.sleep(0.1)
    watching.cancel()
    await asyncio.wait([watching])
    lag = metrics.registry.get_sample_value("gateway_loop_lag_seconds_sum")
    assert lag is not None
    assert lag > 0.2


def test_the_management_port_shows_metrics_documents_and_states() -> None:
    with process(shutdown_delay=0) as running, running.client() as caller, running.management() as client:
        caller.post("/parcels/refuse")
        exposition = client.get("/metrics")
        samples = {sample.name for each in text_string_to_metric_families(exposition.text) for sample in each.samples}
        assert exposition.headers["content-type"].startswith("text/plain; version=")
        assert {
            "gateway_request_seconds_count",
            "gateway_loop_lag_seconds_count",
            "process_cpu_seconds_total",
        } <= samples
        assert client.get("/openapi/parcels.json").json()["info"]["title"] == "Parcels"
        assert client.get("/openapi/other.json").status_code == 404
        assert client.get("/metrics/").status_code == 404
        assert client.get("/readyz").json() == {"status": "ready", "dependencies": {}}
        assert [client.get(path).status_code for path in client.get("/").json()["paths"]] == [200] * 4


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_every_answer_of_the_management_port_carries_the_headers_for_safety(method: str) -> None:
    with process(shutdown_delay=0) as running, running.management() as client:
        places = [*client.get("/").json()["paths"], "/", "/openapi/other.json", "/nowhere"]
        for answer in (client.request(method, path) for path in places):
            told = [(name.lower(), value) for name, value in answer.headers.multi_items()]
            assert told.count(("cache-control", "no-store")) == 1
            assert told.count(("x-content-type-options", "nosniff")) == 1
