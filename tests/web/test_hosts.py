"""Which hosts are answered (security S15)."""

from collections.abc import Iterator
from typing import Any

import pytest

from gateway.web.hosts import AllowedHosts
from gateway.web.refusals import HostNotAllowed
from tests.web.serving import Served, served

HOSTS = AllowedHosts("https://Id.example:8443", ["further.example", "[2001:db8::1]"])


@pytest.fixture(scope="module")
def published() -> Iterator[Served]:
    """A server whose callers know it as `id.example`."""
    with served(public_url="https://id.example", allowed_hosts=("further.example",)) as running:
        yield running


def _scope(*hosts: bytes, server: str = "10.0.0.7") -> dict[str, Any]:
    return {"headers": [(b"host", host) for host in hosts], "server": (server, 8000)}


def _asked(server: Served, host: str, path: str) -> bytes:
    return server.say(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())


@pytest.mark.parametrize(
    "host",
    [
        *(b"id.example", b"id.example:8443", b"id.example:1", b"ID.EXAMPLE", b"further.example", b"[2001:db8::1]:443"),
        *(b"10.0.0.7", b"10.0.0.7:8000"),
    ],
)
def test_the_names_of_the_gateway_are_answered(host: bytes) -> None:
    HOSTS.check(_scope(host))


@pytest.mark.parametrize(
    "host",
    [
        *(b"", b"evil.example", b"id.example.evil.example", b"evil.id.example", b"id.example@evil.example", b":8443"),
        *(b"evil@id.example", b"id.example,evil.example", b"id.example evil.example", b"id.example.", b"id.example/x"),
        *(b"[id.example]x", b"[id.example]", b"id.example:x", b"id.example:@evil.example", b"id.example:80:80"),
        *(b"127.0.0.1", b"localhost", b"10.0.0.8", b"\xe9.example", b"https://id.example"),
    ],
)
def test_any_other_name_is_refused(host: bytes) -> None:
    with pytest.raises(HostNotAllowed):
        HOSTS.check(_scope(host))


@pytest.mark.parametrize("hosts", [(), (b"id.example", b"id.example"), (b"id.example", b"evil.example")])
def test_no_host_and_two_hosts_are_refused(hosts: tuple[bytes, ...]) -> None:
    with pytest.raises(HostNotAllowed):
        HOSTS.check(_scope(*hosts))


def test_an_ipv6_address_listened_on_is_answered() -> None:
    HOSTS.check(_scope(b"[::1]:8000", server="::1"))


@pytest.mark.parametrize("host", ["id.example", "further.example:8000", "127.0.0.1"])
def test_a_request_to_one_of_our_names_is_answered(published: Served, host: str) -> None:
    assert _asked(published, host, "/parcels/7").startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/parcels/7", b'{"no":"wrong host"}'),
        ("/parcels/no/where", b'{"no":"wrong host"}'),
        ("/nowhere", b'{"detail":"Invalid host"}'),
    ],
)
def test_a_request_to_another_name_is_refused_in_the_words_of_its_surface(
    published: Served, path: str, body: bytes
) -> None:
    answer = _asked(published, "evil.example", path)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.endswith(body)


@pytest.mark.parametrize("name", ["X-Forwarded-Host", "X-Host", "Forwarded", "X-Original-Host", "X-Forwarded-Server"])
def test_headers_that_speak_of_another_host_change_nothing(published: Served, name: str) -> None:
    asked = f"GET /parcels/7 HTTP/1.1\r\nHost: id.example\r\n{name}: evil.example\r\nConnection: close\r\n\r\n"
    answer = published.say(asked.encode())
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"evil" not in answer


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_probes_are_answered_whatever_name_they_use(published: Served, path: str) -> None:
    assert _asked(published, "10.1.2.3:8000", path).startswith(b"HTTP/1.1 200 ")
