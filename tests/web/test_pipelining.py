"""Requests that are sent before those before them are answered (RFC 9112 section 9.3.2)."""

from contextlib import closing

import pytest

from tests.web.raw_requests import CHUNKED, CLOSE, HOST, REFUSED, get, length, post
from tests.web.serving import Served, served, statuses, until_closed


def _parcels_told(answers: bytes) -> list[bytes]:
    return [part.partition(b'"}}')[0] for part in answers.split(b'{"told":{"id":"')[1:]]


def test_requests_are_answered_in_their_order(parcels: Served) -> None:
    requests = [get(HOST, target=b"/parcels/%d" % number) for number in range(20)]
    slow_first = post(length(0), target=b"/parcels/soon")
    answers = parcels.say(slow_first + b"".join(requests) + get(HOST, CLOSE, target=b"/parcels/last"))
    assert _parcels_told(answers) == [b"%d" % number for number in range(20)] + [b"last"]


@pytest.mark.parametrize(("status", "request_"), REFUSED.values(), ids=REFUSED.keys())
def test_a_faulty_request_takes_no_answer_from_those_before_it(parcels: Served, status: int, request_: bytes) -> None:
    before = [get(HOST, target=b"/parcels/%d" % number) for number in range(3)]
    answers = parcels.say(b"".join(before) + request_ + get(HOST, target=b"/parcels/after"))
    assert statuses(answers) == [200, 200, 200, status]
    assert _parcels_told(answers) == [b"0", b"1", b"2"]


def test_a_head_that_does_not_end_takes_no_answer_from_the_request_before_it() -> None:
    with served(head_time=0.5) as running:
        answers = running.say(post(length(0), target=b"/parcels/soon"), b"GET /parcels/")
    assert statuses(answers) == [200, 408]


def test_what_follows_a_refusal_that_waits_is_not_read(parcels: Served) -> None:
    slow_first = post(length(0), target=b"/parcels/soon")
    assert statuses(parcels.say(slow_first + get(), *[get(HOST)] * 5)) == [200, 400]


def test_a_fault_in_a_body_that_was_answered_before_its_end_is_not_answered(parcels: Served) -> None:
    with closing(parcels.connect()) as connection:
        connection.sendall(b"POST /nowhere HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n")
        answer = connection.recv(65536)
        connection.sendall(b"zz\r\n")
        assert statuses(answer + until_closed(connection)) == [404]


def test_a_body_still_coming_when_its_turn_comes_has_the_time_of_bodies() -> None:
    with served(head_time=0.5) as running:
        answers = running.say(get(HOST) + post(CLOSE, length(2), target=b"/parcels/soon"), b"{}")
    assert statuses(answers) == [200, 200]
