"""What a head may look like, said byte by byte (security S30, S36, R9)."""

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.web.parcels import SEEN
from tests.web.raw_requests import (
    BODY,
    CHUNKED,
    CHUNKS,
    CLOSE,
    ENDLESS,
    HOST,
    JSON,
    REFUSED,
    TAKEN,
    get,
    length,
    post,
)
from tests.web.serving import Served, send_what_is_taken, served, statuses, until_closed


@pytest.fixture(scope="module")
def hurried() -> Iterator[Served]:
    """A server that waits half a second for a head, and for a body."""
    with served(head_time=0.5, body_time=0.5) as running:
        yield running


@pytest.fixture(scope="module")
def secured() -> Iterator[Served]:
    """A server whose callers come by https, through a proxy."""
    with served(public_url="https://gateway.example") as running:
        yield running


def _status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


@pytest.mark.parametrize("request_", TAKEN.values(), ids=TAKEN.keys())
def test_a_correct_request_is_answered(parcels: Served, request_: bytes) -> None:
    answer = parcels.say(request_).removeprefix(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert _status(answer) == 200


@pytest.mark.parametrize(("status", "request_"), REFUSED.values(), ids=REFUSED.keys())
def test_a_faulty_request_is_refused_and_its_connection_closed(parcels: Served, status: int, request_: bytes) -> None:
    SEEN.clear()
    follows = b"POST /parcels HTTP/1.1\r\n" + HOST + JSON + length(len(BODY)) + b"\r\n" + BODY
    answer = parcels.say(request_, follows)
    assert _status(answer) == status
    assert answer.count(b"HTTP/1.1 ") == 1
    assert not SEEN


@pytest.mark.parametrize("status", [400, 414, 431, 501])
def test_a_refused_head_is_answered_with_the_safety_headers(parcels: Served, status: int) -> None:
    request = next(each for expected, each in REFUSED.values() if expected == status)
    head = parcels.say(request).partition(b"\r\n\r\n")[0].lower()
    assert b"\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\nconnection: close\r\n" in head
    assert b"\r\nserver:" not in head


@pytest.mark.parametrize("status", [400, 414, 431, 501])
def test_a_refused_head_tells_browsers_to_stay_with_https_where_callers_come_by_it(
    parcels: Served, secured: Served, status: int
) -> None:
    request = next(each for expected, each in REFUSED.values() if expected == status)
    told = b"\r\nstrict-transport-security: max-age=31536000; includesubdomains\r\n"
    assert told in secured.say(request).partition(b"\r\n\r\n")[0].lower() + b"\r\n"
    assert b"strict-transport-security" not in parcels.say(request).lower()


@pytest.mark.parametrize(("status", "beginning"), ENDLESS.values(), ids=ENDLESS.keys())
def test_what_never_ends_is_refused_early(parcels: Served, status: int, beginning: bytes) -> None:
    with closing(parcels.connect()) as connection:
        connection.sendall(beginning)
        for _ in range(100):
            time.sleep(0.005)
            try:
                connection.sendall(b"a" * 10_000)
            except OSError:
                break
        else:
            pytest.fail("a megabyte was taken")
        assert _status(until_closed(connection) or b"HTTP/1.1 %d" % status) == status


def test_a_declared_gigabyte_is_refused_before_it_comes(parcels: Served) -> None:
    began = time.monotonic()
    answer = parcels.say(post(length(1 << 30)))
    assert _status(answer) == 413
    assert time.monotonic() - began < 9


def test_a_declared_gigabyte_is_not_asked_for(parcels: Served) -> None:
    answer = parcels.say(post(b"Expect: 100-continue\r\n", length(1 << 30)))
    assert _status(answer) == 413


def test_chunks_over_the_limit_are_refused(parcels: Served) -> None:
    chunk = b"2000\r\n" + b" " * 0x2000 + b"\r\n"
    answer = parcels.say(post(CHUNKED), *[chunk] * 12, pause=0.01)
    assert _status(answer) == 413


def test_trailers_do_not_become_headers(parcels: Served) -> None:
    trailers = b"Host: evil.example\r\nContent-Encoding: gzip\r\nX-Forwarded-For: 192.0.2.1\r\n"
    answer = parcels.say(post(CLOSE, CHUNKED, body=CHUNKS[:-2] + trailers + b"\r\n"))
    assert _status(answer) == 200
    assert b'"address":"127.0.0.1"' in answer


def test_a_body_after_upgrade_is_not_the_next_request(parcels: Served) -> None:
    hidden = get(HOST, target=b"/parcels/hidden")
    head = post(b"Connection: Upgrade\r\nUpgrade: h2c\r\n", length(len(hidden)))
    assert b"hidden" not in parcels.say(head, hidden, pause=0.1)


def test_a_connection_is_used_again(parcels: Served) -> None:
    requests = [get(HOST, target=b"/parcels/%d" % number) for number in range(5)]
    answer = parcels.say(*requests, get(HOST, CLOSE))
    assert answer.count(b"HTTP/1.1 200 ") == 6


def test_a_connection_on_which_nothing_comes_is_closed(hurried: Served) -> None:
    began = time.monotonic()
    assert hurried.say(b"") == b""
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("sent", [b"G", b"GET /parcels/7 HTTP/1.1\r\n", get(HOST)[:-2], b"\r\n"])
def test_a_head_that_does_not_end_is_too_slow(hurried: Served, sent: bytes) -> None:
    assert _status(hurried.say(sent)) == 408


def test_dripping_bytes_do_not_prolong_the_time_of_a_head(hurried: Served) -> None:
    began = time.monotonic()
    answer = hurried.say(*[bytes([byte]) for byte in get(HOST)[:20]], pause=0.05)
    assert _status(answer) == 408
    assert time.monotonic() - began < 15


def test_the_next_head_of_a_connection_has_its_own_time(hurried: Served) -> None:
    answer = hurried.say(get(HOST), get(HOST)[:30], pause=0.3)
    assert answer.count(b"HTTP/1.1 200 ") == 1
    assert answer.count(b"HTTP/1.1 408 ") == 1


def test_an_idle_connection_outlives_the_time_of_a_head(hurried: Served) -> None:
    with closing(hurried.connect()) as connection:
        connection.sendall(get(HOST))
        time.sleep(1)
        connection.sendall(get(HOST, CLOSE))
        assert until_closed(connection).count(b"HTTP/1.1 200 ") == 2


def test_a_body_answered_before_its_end_does_not_hold_the_connection(hurried: Served) -> None:
    head = b"POST /nowhere HTTP/1.1\r\n" + HOST + length(1 << 30) + b"\r\n"
    began = time.monotonic()
    answer = hurried.say(head, *[b"a" * 100] * 40, pause=0.05)
    assert _status(answer) == 404
    assert time.monotonic() - began < 15


def test_a_connection_goes_on_after_a_body_answered_before_its_end(parcels: Served) -> None:
    head = b"POST /nowhere HTTP/1.1\r\n" + HOST + length(200) + b"\r\n"
    answer = parcels.say(head, b"a" * 100, b"a" * 100, get(HOST, CLOSE))
    assert statuses(answer) == [404, 200]


def test_stalled_connections_leave_others_alone(parcels: Served) -> None:
    stalling = (get(HOST)[:-2], post(length(100), body=b"{"), post(CHUNKED, body=b"5\r\n{"))
    with ExitStack() as stack:
        stalled: list[socket.socket] = []
        for number in range(150):
            stalled.append(stack.enter_context(closing(parcels.connect())))
            stalled[-1].sendall(stalling[number % 3])
        began = time.monotonic()
        with parcels.client() as client:
            answers = [client.get("/parcels/7").status_code for _ in range(50)]
        assert answers == [200] * 50
        assert time.monotonic() - began < 9


@settings(max_examples=200)
@given(
    request_=st.sampled_from([*TAKEN.values(), *(each for _, each in REFUSED.values())]),
    at=st.integers(0, 400),
    length_=st.integers(0, 8),
    instead=st.binary(max_size=8),
)
def test_no_bytes_break_the_server(parcels: Served, request_: bytes, at: int, length_: int, instead: bytes) -> None:
    place = at % len(request_)
    with closing(parcels.connect()) as connection:
        connection.settimeout(0.2)
        send_what_is_taken(connection, request_[:place] + instead + request_[place + length_ :])
        try:
            answer = connection.recv(65536)
        except (TimeoutError, ConnectionResetError):
            answer = b""
    assert not answer or _status(answer) < 500 or _status(answer) == 501


def test_a_client_that_leaves_in_mid_request_breaks_nothing(parcels: Served) -> None:
    for beginning in (get(HOST)[:20], post(length(100), body=b"{"), post(CHUNKED, body=b"5\r\n{")):
        with closing(parcels.connect()) as connection:
            send_what_is_taken(connection, beginning)
    with parcels.client() as client:
        assert client.get("/parcels/7").status_code == 200
        assert client.get("/healthz").status_code == 200
