"""What an operator has set about the network holds for the gateway as a whole (security S15, S30, S38, R9)."""

import select
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import Mailbox, Stack
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.mailbox import text_of
from tests.servers.patience import PATIENT, named
from tests.servers.people import PersonMaker

_STRICT = "max-age=31536000; includeSubDomains"
_LOGIN, _FORGOT, _BACK_CHANNEL = "/api/iam/login", "/userAccount/password/forgot", "/backchannel-logout"
_PLACES = (_LOGIN, _FORGOT, _BACK_CHANNEL, "/nowhere")
_SLOW = 1.0
_DEFAULT = 10.0
# By how much two clocks may differ on the same span.
_TICK = 0.05
_FORGED = {
    "forwarded host": {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
    "forwarded": {"Forwarded": "host=evil.example;proto=http"},
    "original host": {
        "X-Original-Host": "evil.example",
        "X-Host": "evil.example",
        "X-Forwarded-Server": "evil.example",
    },
    "rewritten": {
        "X-Original-URL": "http://evil.example/",
        "X-Rewrite-URL": "//evil.example/",
        "Origin": "http://evil.example",
    },
}


@pytest.fixture(scope="module")
def variables(gateway_variables: Mapping[str, str], stack: Stack) -> dict[str, str]:
    """Settings of a gateway that sends mails."""
    mailing = {name: value for name, value in stack.gateway.items() if name.startswith("GATEWAY_MAIL__")}
    front_end = {"GATEWAY_LINKS__FRONTEND_URL": "https://front-end.example"}
    limits = {"GATEWAY_LIMITS__MAILS_PER_ADDRESS": "1000", "GATEWAY_SERVER__BODY_TIMEOUT": str(_SLOW)}
    return {**gateway_variables, **named(PATIENT), **mailing, **front_end, **limits}


@pytest.fixture(scope="module")
def published(variables: Mapping[str, str]) -> Iterator[ServedGateway]:
    """A gateway that callers know as `id.example`, by https."""
    names = {"GATEWAY_SERVER__PUBLIC_URL": "https://id.example", "GATEWAY_SERVER__ALLOWED_HOSTS": "further.example"}
    with served_gateway({**variables, **names}) as served:
        yield served


@pytest.fixture(scope="module")
def unpublished(variables: Mapping[str, str]) -> Iterator[ServedGateway]:
    """A gateway on loopback."""
    with served_gateway(variables) as served:
        yield served


def _posted(served: ServedGateway, path: str, host: str, **body: str) -> httpx.Response:
    with served.client() as client:
        return client.post(path, json=body, headers={"Host": host})


@pytest.mark.parametrize("host", ["id.example", "ID.example:8443", "further.example", "127.0.0.1"])
@pytest.mark.parametrize("path", [_LOGIN, _FORGOT])
def test_its_own_names_are_answered(published: ServedGateway, path: str, host: str) -> None:
    # An empty body is judged after the host.
    assert _posted(published, path, host).status_code in (400, 422)
    assert "host" not in _posted(published, path, host).text.lower()


@pytest.mark.parametrize("host", ["evil.example", "id.example.evil.example", "localhost", "id.example@evil.example"])
@pytest.mark.parametrize(
    ("path", "told"),
    [
        (_LOGIN, {"detail": "Invalid host"}),
        (_FORGOT, {"message": "Invalid host"}),
        (_BACK_CHANNEL, {}),
        ("/nowhere", {"detail": "Invalid host"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_any_other_name_is_refused_in_the_words_of_its_surface(
    published: ServedGateway, path: str, told: Mapping[str, str], host: str
) -> None:
    answer = _posted(published, path, host)
    assert answer.status_code == 400
    assert told.items() <= answer.json().items()
    assert "evil" not in answer.text


@pytest.mark.parametrize("headers", _FORGED.values(), ids=_FORGED)
def test_links_in_mails_lead_where_is_set_whatever_a_request_says(
    published: ServedGateway, make_person: PersonMaker, mailbox: Mailbox, headers: Mapping[str, str]
) -> None:
    person = make_person()
    with published.client() as client:
        answer = client.post(_FORGOT, json={"email": person.email}, headers={"Host": "id.example", **headers})
    assert answer.status_code == 200
    text = text_of(mailbox.wait_for(person.email, 20))
    assert "https://front-end.example/reset-password#token=" in text
    assert "evil" not in text


@pytest.mark.parametrize("path", [*_PLACES, "/healthz", "/readyz"])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_every_answer_tells_browsers_to_stay_with_https(published: ServedGateway, path: str, method: str) -> None:
    with published.client() as client:
        answer = client.request(method, path, headers={"Host": "id.example"})
    assert answer.headers.get_list("strict-transport-security") == [_STRICT]


@pytest.mark.parametrize("path", [*_PLACES, "/healthz"])
def test_no_answer_does_so_where_there_is_no_https(unpublished: ServedGateway, path: str) -> None:
    with unpublished.client() as client:
        assert "strict-transport-security" not in client.post(path).headers


def _dawdled(served: ServedGateway, sent: str) -> tuple[bytes, float]:
    """Send what is no whole request; return what comes of it, and after how long."""
    address = urlsplit(served.url)
    with closing(socket.create_connection((address.hostname, address.port), timeout=15)) as connection:
        began = time.monotonic()
        connection.sendall(sent.encode())
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer, time.monotonic() - began


@pytest.mark.parametrize(
    ("path", "told"),
    [
        (_LOGIN, b'{"detail":"Request body too slow"}'),
        (_FORGOT, b'"code":"REQUEST_TIMEOUT"'),
        (_BACK_CHANNEL, b'"The body came too slowly"'),
    ],
)
def test_body_that_does_not_come_is_waited_for_as_long_as_is_set(
    unpublished: ServedGateway, path: str, told: bytes
) -> None:
    kind = "application/x-www-form-urlencoded" if path == _BACK_CHANNEL else "application/json"
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n\r\n"
    answer, seconds = _dawdled(unpublished, f"{head}{{")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert told in answer
    assert _SLOW - _TICK <= seconds < _DEFAULT


def test_head_that_does_not_come_is_waited_for_as_long(unpublished: ServedGateway) -> None:
    answer, seconds = _dawdled(unpublished, f"POST {_LOGIN} HTTP/1.1\r\nHost: 127.0.0.1\r\n")
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert _SLOW - _TICK <= seconds < _DEFAULT


def test_sixty_dawdlers_hold_up_nobody_else(variables: Mapping[str, str]) -> None:
    with served_gateway({**variables, "GATEWAY_SERVER__BODY_TIMEOUT": "60"}) as served:
        _require_answer_beside_dawdlers(served)


def _require_answer_beside_dawdlers(served: ServedGateway) -> None:
    address = urlsplit(served.url)
    head = (
        f"POST {_LOGIN} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"
    )
    dawdlers = [socket.create_connection((address.hostname, address.port), timeout=15) for _ in range(60)]
    try:
        for each in dawdlers:
            each.sendall(head.encode())
        with served.client() as client:
            assert client.get("/healthz").status_code == 200
        assert select.select(dawdlers, [], [], 0)[0] == [], "nobody dawdles any more"
    finally:
        for each in dawdlers:
            each.close()
