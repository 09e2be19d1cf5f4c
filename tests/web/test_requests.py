"""What every request gets, whatever becomes of it."""

import ipaddress
import time
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest

from tests.web.process import Process, process
from tests.web.raw_requests import HOST, JSON, get, length
from tests.web.serving import Served, connect, served, until_closed

GOOD = {"name": "vase", "grams": 1}
ANSWERS = {
    200: httpx.Request("POST", "/parcels", json=GOOD),
    201: httpx.Request("POST", "/parcels/label", data={"text": "x"}),
    400: httpx.Request("GET", "/parcels/7", headers={"host": "evil.example"}),
    401: httpx.Request("PUT", "/parcels/7/address"),
    404: httpx.Request("GET", "/parcels/no/where"),
    405: httpx.Request("DELETE", "/parcels"),
    413: httpx.Request("POST", "/parcels", content=b" " * 70_000),
    415: httpx.Request("POST", "/parcels", data={"name": "vase"}),
    422: httpx.Request("POST", "/parcels", json={}),
    429: httpx.Request("POST", "/parcels/refuse"),
    500: httpx.Request("POST", "/parcels/break"),
}
OUTSIDE = {"nowhere": "/nowhere", "health": "/healthz", "readiness": "/readyz"}


@pytest.fixture(scope="module")
def logging() -> Iterator[Process]:
    """A process whose log can be read."""
    with process() as started:
        yield started


@pytest.fixture(scope="module")
def behind_proxy() -> Iterator[Served]:
    """A server that trusts us as its proxy."""
    with served(trusted_proxies=(ipaddress.ip_network("127.0.0.1/32"),)) as running:
        yield running


def _send(server: Served | Process, request: httpx.Request) -> httpx.Response:
    with server.client() as client:
        headers = {name: value for name, value in request.headers.items() if name != "host" or "evil" in value}
        return client.request(request.method, str(request.url), content=request.read(), headers=headers)


@pytest.mark.parametrize("status", ANSWERS)
def test_every_answer_carries_an_id_and_the_safety_headers(parcels: Served, status: int) -> None:
    answer = _send(parcels, ANSWERS[status])
    assert answer.status_code == status
    assert len(answer.headers["x-request-id"]) == 16
    assert answer.headers.get_list("cache-control") == ["no-store"]
    assert answer.headers.get_list("x-content-type-options") == ["nosniff"]
    assert answer.headers["content-type"] == "application/json"
    assert not {"server", "strict-transport-security", "access-control-allow-origin"} & answer.headers.keys()


@pytest.mark.parametrize("path", OUTSIDE.values(), ids=OUTSIDE.keys())
def test_answers_outside_the_surfaces_carry_them_too(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-request-id"]


@pytest.mark.parametrize("status", [200, 404, 500])
def test_browsers_are_told_to_stay_with_https_once_it_is_used(status: int) -> None:
    with served(public_url="https://id.example", allowed_hosts=("127.0.0.1",)) as running:
        answer = _send(running, ANSWERS[status])
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


def test_a_foreign_origin_is_not_let_in(client: httpx.Client) -> None:
    headers = {"origin": "https://evil.example", "access-control-request-method": "POST"}
    assert not [name for name in client.options("/parcels", headers=headers).headers if name.startswith("access-")]
    assert not [name for name in client.post("/parcels", headers=headers).headers if name.startswith("access-")]


def test_no_two_requests_have_the_same_id(client: httpx.Client) -> None:
    assert len({client.get("/parcels/7").headers["x-request-id"] for _ in range(50)}) == 50


def test_a_stranger_cannot_choose_an_id(client: httpx.Client) -> None:
    answer = client.get("/parcels/7", headers={"x-request-id": "chosen-by-stranger"})
    assert answer.headers["x-request-id"] != "chosen-by-stranger"


def test_the_id_of_a_trusted_proxy_is_kept(behind_proxy: Served) -> None:
    with behind_proxy.client() as client:
        answer = client.get("/parcels/7", headers={"x-request-id": "0af7651916cd43dd-8448.e_b"})
    assert answer.headers["x-request-id"] == "0af7651916cd43dd-8448.e_b"


@pytest.mark.parametrize(
    "offered", ["", "short", "a" * 65, "with space inside", 'quote"quote', "semi;colon", "a/b/c/d/e/f"]
)
def test_an_id_that_is_none_is_replaced_even_from_a_proxy(behind_proxy: Served, offered: str) -> None:
    with behind_proxy.client() as client:
        answer = client.get("/parcels/7", headers={"x-request-id": offered})
    assert answer.headers["x-request-id"] != offered


@pytest.mark.parametrize("status", [200, 422, 500])
def test_while_draining_every_answer_ends_its_connection(status: int) -> None:
    with served() as running, closing(running.connect()) as connection:
        connection.sendall(get(HOST))
        assert b"connection: close" not in connection.recv(65536)
        running.lifecycle.draining = True
        body = ANSWERS[status].read()
        target = ANSWERS[status].url.path.encode()
        connection.sendall(b"POST " + target + b" HTTP/1.1\r\n" + HOST + JSON + length(len(body)) + b"\r\n" + body)
        answer = until_closed(connection)
    assert answer.startswith(b"HTTP/1.1 %d " % status)
    assert answer.count(b"connection: close") == 1


def test_each_request_is_one_line_of_the_log(logging: Process) -> None:
    answer = _send(logging, ANSWERS[429])
    (line,) = logging.wait_for("request", request_id=answer.headers["x-request-id"])
    seconds = line.pop("milliseconds") / 1000
    assert 0 <= seconds < 6
    line.pop("timestamp")
    assert line == {
        "event": "request",
        "level": "info",
        "request_id": answer.headers["x-request-id"],
        "surface": "parcels",
        "operation": "refuse",
        "status": 429,
        "address": "127.0.0.1",
    }


def test_the_log_holds_neither_path_nor_query_nor_header_nor_body(logging: Process) -> None:
    with logging.client() as client:
        headers = {"authorization": "Bearer marked-bearer", "x-depot": "marked-header", "user-agent": "marked-agent"}
        client.put("/parcels/marked-path/address?tag=marked-query", json={"street": "marked-body"}, headers=headers)
        client.get("/parcels/marked/unknown/path")
        client.get("/marked-outside")
        answer = client.post("/parcels", json={"name": ["marked-body"]})
    logging.wait_for("request", request_id=answer.headers["x-request-id"])
    assert "marked" not in logging.log


def test_the_unexpected_is_logged_once_with_the_id_of_its_request(logging: Process) -> None:
    answer = _send(logging, ANSWERS[500])
    (line,) = logging.wait_for("unexpected_error", request_id=answer.headers["x-request-id"])
    assert line["level"] == "error"
    assert line["exception"][0]["exc_type"] == "RuntimeError"
    assert "kept-out-of-tracebacks" not in logging.log
    assert "kept-out-of-tracebacks" not in answer.text


def test_a_client_that_leaves_is_no_error(logging: Process) -> None:
    with closing(connect(logging.port)) as connection:
        connection.sendall(b"POST /parcels HTTP/1.1\r\n" + HOST + JSON + length(100) + b"\r\n{")
        time.sleep(0.1)
    logging.wait_for("request", operation="send", status=0)
    assert "ClientDisconnect" not in logging.log
