import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.web.parcels import GOOD_TOKEN, SEEN
from tests.web.serving import Served, served

BEARER = {"authorization": f"Bearer {GOOD_TOKEN}"}


@pytest.fixture(scope="module")
def impatient() -> Iterator[Served]:
    """A server whose operations have half a second."""
    with served(deadline=0.5) as running:
        yield running


def test_the_bearer_is_judged_before_the_parameters(client: httpx.Client) -> None:
    answer = client.put("/parcels/7/address", content=b"{", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.json()) == (401, {"no": "who are you"})


def test_parameters_are_judged_once_the_bearer_is_good(client: httpx.Client) -> None:
    SEEN.clear()
    answer = client.put("/parcels/7/address", content=b"{", headers={**BEARER, "content-type": "application/json"})
    assert answer.status_code == 422
    assert not SEEN


def test_the_size_is_judged_before_the_bearer(client: httpx.Client) -> None:
    answer = client.put("/parcels/7/address", content=b" " * 70_000, headers={"content-type": "application/json"})
    assert answer.status_code == 413


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_path_and_method_are_judged_before_the_size(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/parcels/7/address", content=b" " * 70_000)
    assert answer.status_code == 405


def test_the_host_is_judged_before_the_path(client: httpx.Client) -> None:
    assert client.get("/parcels/no/such", headers={"host": "evil.example"}).status_code == 400


@pytest.mark.parametrize(
    "offered",
    [
        f"bearer {GOOD_TOKEN}",
        f"BEARER {GOOD_TOKEN}",
        f"Bearer  {GOOD_TOKEN}",
    ],
)
def test_the_scheme_of_a_bearer_has_any_case(client: httpx.Client, offered: str) -> None:
    answer = client.put(
        "/parcels/7/address", json={"street": "x"}, headers={"authorization": offered, "x-depot": "north"}
    )
    assert answer.json()["told"]["by"] == "ann-id"


@pytest.mark.parametrize(
    "offered",
    [
        "",
        "Bearer",
        GOOD_TOKEN,
        f"Bearer{GOOD_TOKEN}",
        f"Basic {GOOD_TOKEN}",
        f"Bearer {GOOD_TOKEN}x",
        f"Bearer {GOOD_TOKEN}, Bearer {GOOD_TOKEN}",
        f"Bearer Bearer {GOOD_TOKEN}",
    ],
)
def test_anything_but_the_good_bearer_is_refused(client: httpx.Client, offered: str) -> None:
    answer = client.put(
        "/parcels/7/address", json={"street": "x"}, headers={"authorization": offered, "x-depot": "north"}
    )
    assert answer.status_code == 401


def test_two_authorization_headers_are_none(client: httpx.Client) -> None:
    headers = [("authorization", BEARER["authorization"])] * 2
    assert client.put("/parcels/7/address", json={"street": "x"}, headers=headers).status_code == 401


def test_an_operation_without_bearer_does_not_look_at_one(client: httpx.Client) -> None:
    headers = {"authorization": "Bearer rubbish"}
    assert client.post("/parcels", json={"name": "vase", "grams": 1}, headers=headers).status_code == 200


def test_a_reply_brings_its_status_and_headers(client: httpx.Client) -> None:
    answer = client.post("/parcels/label", data={"text": "x"})
    assert (answer.status_code, answer.headers["x-printer"]) == (201, "third")
    assert answer.headers["content-type"] == "application/json"


def test_a_reason_is_said_with_its_facts(client: httpx.Client) -> None:
    answer = client.post("/parcels/refuse")
    assert (answer.status_code, answer.json(), answer.headers["retry-after"]) == (429, {"no": "too often"}, "7")


def test_the_unexpected_is_said_in_the_words_of_the_surface(client: httpx.Client) -> None:
    answer = client.post("/parcels/break")
    assert (answer.status_code, answer.json()) == (500, {"no": "broken"})


def test_an_operation_over_its_deadline_is_unavailable(impatient: Served) -> None:
    began = time.monotonic()
    with impatient.client() as client:
        answer = client.post("/parcels/wait")
    assert (answer.status_code, answer.json()) == (503, {"no": "not now"})
    assert time.monotonic() - began < 20


def test_sixty_operations_over_their_deadline_are_all_answered(impatient: Served) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(20) as pool, impatient.client() as client:
        statuses = list(pool.map(lambda _: client.post("/parcels/wait").status_code, range(60)))
    assert statuses == [503] * 60
    assert time.monotonic() - began < 20


def test_the_time_of_a_body_is_not_taken_from_the_deadline(impatient: Served) -> None:
    body = b'{"name": "vase", "grams": 1}'
    head = b"POST /parcels HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\n"
    answer = impatient.say(head + b"Content-Length: %d\r\n\r\n" % len(body), body, pause=0.8)
    assert answer.startswith(b"HTTP/1.1 200 ")
