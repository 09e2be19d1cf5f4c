"""What is refused on a connection that has been given something to answer before (security S36)."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.web.parcels import SEEN
from tests.web.raw_requests import BODY, CHUNKED, HOST, JSON, REFUSED, get, length, post
from tests.web.serving import Served, served, until_closed

_SLOW = post(length(0), target=b"/parcels/soon")


@pytest.fixture(scope="module")
def hurried() -> Iterator[Served]:
    """A server that waits a quarter of a second for a head, which is less than its slow answers take."""
    with served(head_time=0.25) as running:
        yield running


def _statuses(answers: bytes) -> list[int]:
    return [int(each[:3]) for each in answers.split(b"HTTP/1.1 ")[1:]]


@pytest.mark.parametrize(
    "faulty",
    [
        "no Host",
        "an unknown method",
        "a target without a slash",
        "a chunk size that is none",
        "both framings",
        "another protocol with a body",
        "URL of 9,000 bytes",
        "101 headers",
    ],
)
def test_a_refusal_comes_after_the_answers_to_what_came_before(parcels: Served, faulty: str) -> None:
    status, refused = REFUSED[faulty]
    answers = parcels.say(_SLOW + get(HOST) + refused)
    assert _statuses(answers) == [200, 200, status]
    assert b'{"told":{"id":"7"' in answers


def test_a_head_that_is_too_slow_is_told_after_the_answer_to_what_came_before(hurried: Served) -> None:
    assert _statuses(hurried.say(_SLOW, get(HOST)[:20], pause=0.1)) == [200, 408]


def test_nothing_is_read_after_what_is_refused(parcels: Served) -> None:
    SEEN.clear()
    follows = b"POST /parcels HTTP/1.1\r\n" + HOST + JSON + length(len(BODY)) + b"\r\n" + BODY
    answers = parcels.say(_SLOW, REFUSED["an unknown method"][1] + follows, follows, pause=0.1)
    assert _statuses(answers) == [200, 400]
    assert not SEEN


def test_what_was_answered_before_its_end_is_not_answered_again(parcels: Served) -> None:
    with closing(parcels.connect()) as connection:
        connection.sendall(b"POST /nowhere HTTP/1.1\r\n" + HOST + CHUNKED + b"\r\n")
        answers = connection.recv(65536)
        connection.sendall(b"zz\r\n")
        assert _statuses(answers + until_closed(connection)) == [404]
