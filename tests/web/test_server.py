"""From a start that says what is wrong to a stop that loses no request (security R12)."""

import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress

import httpx
import pytest

from gateway.settings import ServerSettings
from gateway.web.server import Ports, PortTaken
from tests.servers.waiting import until
from tests.web.process import Process, process
from tests.web.raw_requests import CLOSE, HOST, JSON, get, length
from tests.web.serving import connect, send_what_is_taken, statuses, until_closed


@contextmanager
def _in_flight(server: Process, number: int) -> Iterator[list[Future[httpx.Response]]]:
    """Begin requests that take some seconds; go on when all have arrived."""
    with ThreadPoolExecutor(number) as pool, ExitStack() as stack:
        clients = [stack.enter_context(server.client()) for _ in range(number)]
        for client in clients:
            client.get("/healthz")
        futures = [pool.submit(client.post, "/parcels/late") for client in clients]
        _wait_for_in_flight(server, number)
        yield futures


def _wait_for_in_flight(server: Process, number: int) -> None:
    with server.management() as client:
        until(lambda: f"gateway_requests_in_flight {number}.0\n" in client.get("/metrics").text)


def _wait_for_closed_port(server: Process) -> None:
    deadline = time.monotonic() + 20
    with suppress(ConnectionRefusedError):
        while time.monotonic() < deadline:
            connect(server.port).close()
            time.sleep(0.05)
        pytest.fail("connections are still taken")


def test_only_the_port_that_callers_reach_by_https_tells_them_to_stay_with_it() -> None:
    told = []
    with process(public_url="HTTPS://gateway.example") as running:
        for port in (running.port, running.management_port):
            with closing(connect(port)) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
                told.append(b"strict-transport-security" in until_closed(connection))
    assert told == [True, False]


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_requests_in_flight_are_all_answered_after_a_signal(signal_: signal.Signals) -> None:
    with process(shutdown_delay=0) as running, _in_flight(running, 20) as futures:
        began = time.monotonic()
        assert running.stop(signal_) == 0
        assert time.monotonic() - began < 15
        assert [future.result().status_code for future in futures] == [200] * 20
        assert [event["event"] for event in running.events("stopped")] == ["stopped"]


def test_after_a_signal_readiness_is_refused_and_work_still_done() -> None:
    with process(shutdown_delay=8) as running, running.client() as client, running.management() as management:
        assert client.get("/readyz").json() == {"status": "ready"}
        running.popen.send_signal(signal.SIGTERM)
        running.wait_for("draining")
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()) == (503, {"status": "draining"})
        assert management.get("/readyz").status_code == 503
        answer = client.get("/parcels/7")
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
        assert client.get("/healthz").status_code == 200
        assert running.stop() == 0


def test_the_management_port_answers_until_the_last_request_is_done() -> None:
    with process(shutdown_delay=0) as running, _in_flight(running, 1) as futures:
        running.popen.send_signal(signal.SIGTERM)
        running.wait_for("draining")
        _wait_for_closed_port(running)
        with running.management() as management:
            assert management.get("/readyz").json()["status"] == "draining"
        assert not futures[0].done()
        assert futures[0].result().status_code == 200


def test_idle_connections_do_not_hold_up_the_end() -> None:
    with process(shutdown_delay=0, drain_timeout=20) as running, ExitStack() as stack:
        for number in range(30):
            connection = stack.enter_context(closing(connect(running.port)))
            connection.sendall(get(HOST) if number % 2 else b"")
        time.sleep(0.2)
        began = time.monotonic()
        assert running.stop() == 0
        assert time.monotonic() - began < 10


def test_stalled_requests_hold_up_the_end_no_longer_than_the_drain() -> None:
    with process(shutdown_delay=0, drain_timeout=1) as running, ExitStack() as stack:
        for _ in range(5):
            connection = stack.enter_context(closing(connect(running.port)))
            connection.sendall(b"POST /parcels HTTP/1.1\r\n" + HOST + JSON + length(100) + b"\r\n{")
        stack.enter_context(closing(connect(running.port))).sendall(get(HOST)[:-2])
        time.sleep(0.2)
        began = time.monotonic()
        assert running.stop() == 0
        assert time.monotonic() - began < 8


def test_a_body_that_is_still_coming_is_taken_while_draining() -> None:
    body = b'{"name": "vase", "grams": 1}'
    with process(shutdown_delay=0) as running, closing(connect(running.port)) as connection:
        connection.sendall(b"POST /parcels HTTP/1.1\r\n" + HOST + JSON + length(len(body)) + b"\r\n")
        _wait_for_in_flight(running, 1)
        running.popen.send_signal(signal.SIGTERM)
        running.wait_for("draining")
        time.sleep(0.2)
        send_what_is_taken(connection, body)
        assert until_closed(connection).startswith(b"HTTP/1.1 200 ")


def test_an_idle_connection_is_closed_after_the_time_that_is_set() -> None:
    with (
        process(shutdown_delay=0, keep_alive=1, body_timeout=60) as running,
        closing(connect(running.port)) as connection,
    ):
        connection.sendall(get(HOST))
        assert statuses(until_closed(connection)) == [200]


def test_an_idle_connection_is_used_again_within_the_time_that_is_set() -> None:
    with process(shutdown_delay=0, keep_alive=60) as running, closing(connect(running.port)) as connection:
        connection.sendall(get(HOST))
        time.sleep(6)  # longer than uvicorn's own time
        connection.sendall(get(HOST, CLOSE))
        assert statuses(until_closed(connection)) == [200, 200]


def test_a_second_signal_changes_nothing() -> None:
    with process(shutdown_delay=0) as running, _in_flight(running, 3) as futures:
        running.popen.send_signal(signal.SIGTERM)
        running.wait_for("draining")
        running.popen.send_signal(signal.SIGTERM)
        assert [future.result().status_code for future in futures] == [200] * 3
        assert running.stop() == 0


def test_both_ports_are_told_in_the_log() -> None:
    with process(shutdown_delay=0) as running, running.client() as client:
        (event,) = running.events("serving")
        assert event["public"] == ["127.0.0.1", running.port]
        assert event["management"] == ["127.0.0.1", running.management_port]
        assert client.get("/metrics").status_code == 404
        assert "server" not in client.get("/parcels/7").headers


@pytest.mark.parametrize(
    ("taken", "setting"),
    [("port", "GATEWAY_SERVER__PORT"), ("management_port", "GATEWAY_SERVER__MANAGEMENT_PORT")],
)
def test_a_port_that_is_taken_is_named_with_its_setting(taken: str, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        number = other.getsockname()[1]
        settings = ServerSettings.model_validate({"port": 0, "management_port": 0, taken: number})
        with (
            pytest.raises(PortTaken, match=rf"^cannot listen on 127\.0\.0\.1:{number} \(.*\); set {setting} "),
            Ports.bound(settings),
        ):
            pytest.fail("it was bound")


def test_a_host_that_is_not_ours_cannot_be_listened_on() -> None:
    settings = ServerSettings(host="192.0.2.1", port=0, management_port=0)
    with pytest.raises(PortTaken, match=r"192\.0\.2\.1"), Ports.bound(settings):
        pytest.fail("it was bound")


def test_a_port_is_free_again_after_the_end() -> None:
    settings = ServerSettings(port=0, management_port=0)
    with Ports.bound(settings) as ports:
        number = ports.public.getsockname()[1]
    with Ports.bound(settings.model_copy(update={"port": number})) as ports:
        assert ports.public.getsockname()[1] == number
