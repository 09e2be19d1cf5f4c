"""How large a body may be, and how long it may take."""

from collections.abc import Iterator

import pytest

from tests.web.parcels import SEEN
from tests.web.serving import Served, served

JSON = {"content-type": "application/json"}
GOOD = b'{"name": "vase", "grams": 1}'


@pytest.fixture(scope="module")
def hurried() -> Iterator[Served]:
    """A server that waits half a second for a body."""
    with served(body_time=0.5) as running:
        yield running


@pytest.fixture(scope="module")
def limited() -> Iterator[Served]:
    """A server that takes a body of up to 2,048 bytes, and waits for it as long as usual."""
    with served(max_body=2048) as running:
        yield running


def _padded(size: int) -> bytes:
    empty = len(GOOD) - len("vase")
    return GOOD.replace(b"vase", b"a" * 100) + b" " * (size - empty - 100)


def test_a_body_of_exactly_the_limit_is_taken(limited: Served) -> None:
    body = _padded(2048)
    assert len(body) == 2048
    with limited.client() as client:
        assert client.post("/parcels", content=body, headers=JSON).status_code == 200


def test_a_body_of_one_byte_more_is_too_large(limited: Served) -> None:
    SEEN.clear()
    with limited.client() as client:
        answer = client.post("/parcels", content=_padded(2049), headers=JSON)
    assert (answer.status_code, answer.json()) == (413, {"no": "too large"})
    assert answer.headers["connection"] == "close"
    assert not SEEN


def test_a_chunked_body_is_counted_while_it_comes(limited: Served) -> None:
    head = b"POST /parcels HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    chunk = b"400\r\n" + b" " * 1024 + b"\r\n"
    answer = limited.say(head + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 3)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_body_that_comes_in_time_in_pieces_is_taken(limited: Served) -> None:
    head = b"POST /parcels HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n"
    pieces = [GOOD[at : at + 7] for at in range(0, len(GOOD), 7)]
    answer = limited.say(head + b"Content-Length: %d\r\n\r\n" % len(GOOD), *pieces)
    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("sent", [b"", GOOD[:9]])
def test_a_body_that_does_not_come_is_too_slow(hurried: Served, sent: bytes) -> None:
    head = b"POST /parcels HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    answer = hurried.say(head + b"Content-Length: %d\r\n\r\n" % len(GOOD) + sent)
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert answer.endswith(b'{"no":"too slow"}')


def test_dripping_bytes_do_not_prolong_the_time_of_a_body(hurried: Served) -> None:
    head = b"POST /parcels HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    answer = hurried.say(head + b"Content-Length: 1000\r\n\r\n", *[b" "] * 15, pause=0.06)
    assert answer.startswith(b"HTTP/1.1 408 ")
