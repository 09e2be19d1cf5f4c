from collections.abc import Iterator

import httpx
import pytest

from tests.web.parcels import SEEN
from tests.web.serving import Served, served


@pytest.fixture(scope="module")
def prefixed() -> Iterator[Served]:
    """The same surfaces below `/v2`."""
    with served(prefix="/v2") as running:
        yield running


def _asked(server: Served, target: str, method: str = "GET") -> tuple[int, bytes]:
    """Ask with exactly this request target, which a client library would normalise."""
    answer = server.say(f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
    return int(answer.split(b" ", 2)[1]), answer.partition(b"\r\n\r\n")[2]


def test_an_exact_path_comes_before_one_with_a_parameter(client: httpx.Client) -> None:
    assert client.post("/parcels/label", data={"text": "x"}).status_code == 201
    assert client.get("/parcels/labels").json() == {"told": {"id": "labels"}}


def test_a_path_of_another_surface_comes_before_one_with_a_parameter(client: httpx.Client) -> None:
    assert client.get("/parcels/depot/open").json() == {"told": {"open": True}}


def test_an_unknown_path_belongs_to_the_longest_base_path(client: httpx.Client) -> None:
    assert client.get("/parcels/depot/nowhere").json() == {"no": "no such path in the depot"}
    assert client.get("/parcels/nowhere/else").json() == {"no": "no such path"}


def test_a_base_path_ends_at_a_slash(client: httpx.Client) -> None:
    assert client.get("/parcels/depots/nowhere").json() == {"no": "no such path"}
    assert client.get("/parcelsmore").json() == {"detail": "Not Found"}


@pytest.mark.parametrize("path", ["/", "/nowhere", "/parcel", "/api", "/Parcels", "/PARCELS"])
def test_a_path_of_no_surface_is_not_found(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


@pytest.mark.parametrize(
    "path",
    [
        *("/docs", "/redoc", "/openapi.json", "/openapi/parcels.json", "/metrics", "/debug", "/debug/pprof", "/admin"),
        *("/console", "/actuator", "/actuator/health", "/health", "/status", "/server-status", "/.env", "/.git/config"),
        *("/robots.txt", "/favicon.ico", "/healthz/", "/readyz/"),
    ],
)
def test_nothing_of_the_inside_is_on_the_public_port(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.json()) == (404, {"detail": "Not Found"})


def test_a_wrong_method_is_told_all_right_ones(client: httpx.Client) -> None:
    answer = client.delete("/parcels")
    assert (answer.status_code, answer.json()) == (405, {"no": "no such method"})
    assert answer.headers["allow"] == "GET, POST"


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_any_other_method_of_a_path_is_refused(client: httpx.Client, method: str) -> None:
    answer = client.request(method, "/parcels/7/address")
    assert (answer.status_code, answer.headers["allow"]) == (405, "PUT")


def test_head_never_runs_what_get_runs(client: httpx.Client) -> None:
    SEEN.clear()
    answer = client.head("/parcels")
    assert (answer.status_code, answer.content) == (405, b"")
    assert not SEEN


@pytest.mark.parametrize(
    "target",
    [
        *("/parcels/", "/parcels//", "//parcels", "/parcels//label", "/parcels/label/", "/parcels/7/"),
        *("/parcels/7/address/", "//evil.example", "//evil.example/parcels", "/%5Cevil.example", "/\\evil.example"),
        *("/parcels/../parcels", "/parcels/%2e%2e/parcels", "/parcels/depot/%2e%2e/open", "/./parcels", "/%2e/parcels"),
        *("/parcels%2F7", "/parcels%2f7", "/parcels/%2F", "/parcels/7%2Faddress", "/parcels/depot%2Fopen"),
        *("/parcels;x=1", "/parcels%00", "/parcels%20", "/parcels%0a"),
    ],
)
def test_no_spelling_of_a_path_is_mended_or_redirected(parcels: Served, target: str) -> None:
    SEEN.clear()
    assert _asked(parcels, target)[0] == 404
    assert not SEEN


def test_a_dot_segment_is_a_value_like_any_other(parcels: Served) -> None:
    assert _asked(parcels, "/parcels/%2e%2e") == (200, b'{"told":{"id":".."}}')


def test_a_parameter_is_one_segment_and_never_empty(parcels: Served) -> None:
    assert _asked(parcels, "/parcels//address", "PUT")[0] == 404
    assert _asked(parcels, "/parcels/a/b/address", "PUT")[0] == 404
    assert _asked(parcels, "/parcels/a%2Fb/address", "PUT")[0] == 404


def test_an_encoded_slash_is_part_of_a_parameter_that_may_hold_one(parcels: Served) -> None:
    for target in ("/parcels/depot/shelves/a%2Fb%40c", "/parcels/depot/shelves/a%2fb@c"):
        assert _asked(parcels, target) == (200, b'{"told":{"place":"a/b@c"}}')
    assert _asked(parcels, "/parcels/depot/shelves/..%2f..%2fopen") == (200, b'{"told":{"place":"../../open"}}')


@pytest.mark.parametrize(
    "target",
    [
        "/parcels/depot/shelves/a/b",
        "/parcels/depot/shelves%2Fa",
        "/parcels/depot%2Fshelves/a",
        "/parcels/depot/shelves/a%2Fb/",
        "/parcels/depot/shelves/",
        "/parcels/depot/%73helves/a%2Fb",
    ],
)
def test_a_slash_that_separates_is_no_part_of_a_parameter(parcels: Served, target: str) -> None:
    assert _asked(parcels, target) == (404, b'{"no":"no such path in the depot"}')


def test_a_parameter_may_hold_anything_but_a_slash(parcels: Served) -> None:
    assert _asked(parcels, "/parcels/a%0Ab%3Fc")[1] == b'{"told":{"id":"a\\nb?c"}}'


@pytest.mark.parametrize("target", ["/parcels/7", "/%70arcels/7", "/parcels/%37"])
def test_percent_encoding_does_not_change_which_path_is_meant(parcels: Served, target: str) -> None:
    assert _asked(parcels, target) == (200, b'{"told":{"id":"7"}}')


def test_a_prefix_moves_the_whole_surface(prefixed: Served) -> None:
    assert _asked(prefixed, "/v2/parcels/7")[0] == 200
    assert _asked(prefixed, "/v2/parcels/no/where") == (404, b'{"no":"no such path"}')
    assert _asked(prefixed, "/parcels/7") == (404, b'{"detail":"Not Found"}')


def test_a_surface_may_be_reached_by_further_prefixes_which_name_something(parcels: Served) -> None:
    assert _asked(parcels, "/north/parcels/depot/open") == (200, b'{"told":{"open":true,"yard":"north"}}')
    assert _asked(parcels, "/no%20rth/parcels/depot/open") == (200, b'{"told":{"open":true,"yard":"no rth"}}')
    assert _asked(parcels, "/parcels/depot/open") == (200, b'{"told":{"open":true}}')
    assert _asked(parcels, "/north/parcels/depot/nowhere") == (404, b'{"no":"no such path in the depot"}')
    assert _asked(parcels, "/north/parcels/depot", "PUT") == (404, b'{"no":"no such path in the depot"}')


@pytest.mark.parametrize(
    "target",
    [
        "//parcels/depot/open",
        "/a/b/parcels/depot/open",
        "/a%2Fb/parcels/depot/open",
        "/north/parcels/7",
        "/north/parcels/depots",
    ],
)
def test_what_is_named_is_one_segment_and_the_rest_is_as_ever(parcels: Served, target: str) -> None:
    assert _asked(parcels, target) == (404, b'{"detail":"Not Found"}')


def test_a_prefix_stands_in_front_of_further_ones(prefixed: Served) -> None:
    assert _asked(prefixed, "/v2/north/parcels/depot/open") == (200, b'{"told":{"open":true,"yard":"north"}}')
    assert _asked(prefixed, "/north/parcels/depot/open")[0] == 404


def test_a_surface_may_answer_head_where_there_is_a_get(client: httpx.Client) -> None:
    answer = client.head("/parcels/depot/open")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "22")
    assert client.put("/parcels/depot/open").headers["allow"] == "GET, HEAD"
    answer = client.head("/parcels/depot/note")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
