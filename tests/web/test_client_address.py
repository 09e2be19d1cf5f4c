"""By which address a request is counted (security S10)."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from gateway.web.client_address import ClientAddress, ClientAddresses
from tests.web.serving import served

TRUSTING = ClientAddresses([ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")])
PROXY = "10.0.0.1"
IPV4_OUTSIDE = st.ip_addresses(v=4).filter(lambda address: address not in ipaddress.ip_network("10.0.0.0/8"))
ENTRIES = st.one_of(
    st.ip_addresses().map(str), st.text(st.characters(codec="latin-1", exclude_characters=","), max_size=40)
)


def _forwarded(*values: str) -> Headers:
    return Headers(raw=[(b"x-forwarded-for", value.encode("latin-1")) for value in values])


def _network_of(address: str) -> str:
    """Say it the slow way: an IPv4 address itself, an IPv6 address's /64."""
    parsed = ipaddress.ip_address(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network(f"{parsed}/64", strict=False).network_address)
    return address


@given(peer=st.ip_addresses(), said=st.lists(ENTRIES, max_size=5))
def test_without_trusted_proxies_only_the_peer_counts(peer: ipaddress.IPv4Address, said: list[str]) -> None:
    assert ClientAddresses([]).of(str(peer), _forwarded(*said)).counted == _network_of(str(peer))


@given(peer=IPV4_OUTSIDE, said=st.lists(ENTRIES, max_size=5))
def test_a_peer_that_is_no_proxy_is_not_believed(peer: ipaddress.IPv4Address, said: list[str]) -> None:
    assert TRUSTING.of(str(peer), _forwarded(*said)).counted == str(peer)


@given(client=IPV4_OUTSIDE, invented=st.lists(ENTRIES, max_size=5), hops=st.lists(st.just("10.1.2.3"), max_size=3))
def test_what_a_client_invents_stands_left_of_its_address(
    client: ipaddress.IPv4Address, invented: list[str], hops: list[str]
) -> None:
    assert TRUSTING.of(PROXY, _forwarded(", ".join([*invented, str(client), *hops]))).counted == str(client)
    assert TRUSTING.of(PROXY, _forwarded(*invented, str(client), *hops)).counted == str(client)


@given(said=st.text(st.characters(codec="latin-1"), max_size=80))
def test_whatever_is_said_the_answer_is_an_address(said: str) -> None:
    counted = TRUSTING.of(PROXY, _forwarded(said)).counted
    assert _network_of(counted) == counted


@given(network=st.ip_addresses(v=6), low=st.integers(0, (1 << 64) - 1))
def test_all_addresses_of_a_64_count_as_one(network: ipaddress.IPv6Address, low: int) -> None:
    high = int(network) >> 64 << 64
    one, other = ipaddress.IPv6Address(high), ipaddress.IPv6Address(high | low)
    if not other.ipv4_mapped:
        assert (
            ClientAddresses([]).of(str(one), Headers()).counted == ClientAddresses([]).of(str(other), Headers()).counted
        )


@given(address=st.ip_addresses(v=4))
def test_an_ipv4_address_inside_ipv6_is_that_ipv4_address(address: ipaddress.IPv4Address) -> None:
    assert ClientAddresses([]).of(f"::ffff:{address}", Headers()).counted == str(address)


def test_neighbouring_64s_count_apart() -> None:
    addresses = ClientAddresses([])
    assert addresses.of("2001:db8:0:1::1", Headers()).counted != addresses.of("2001:db8:0:2::1", Headers()).counted


@pytest.mark.parametrize(
    "said",
    [
        *("", "unknown", "_hidden", "client.example", "192.0.2.1:8080", "[2001:db8::1]", "192.0.2.1;", "for=192.0.2.1"),
        *("192.0.2.1,", "192.0.2.1, ,", "192.0.2.1, x", "192.0.2.256", "192.0.2.01", "0x7f000001", "3221225985"),
    ],
)
def test_a_last_entry_that_is_no_address_makes_the_proxy_the_client(said: str) -> None:
    assert TRUSTING.of(PROXY, _forwarded(said)).counted == PROXY


@pytest.mark.parametrize("name", ["forwarded", "x-real-ip", "x-client-ip", "true-client-ip", "cf-connecting-ip"])
def test_other_headers_say_nothing(name: str) -> None:
    assert TRUSTING.of(PROXY, Headers({name: "192.0.2.1"})).counted == PROXY


def test_when_all_entries_are_proxies_the_peer_counts() -> None:
    assert TRUSTING.of(PROXY, _forwarded("10.9.9.9, 10.8.8.8")).counted == PROXY


def test_a_proxy_is_known_by_its_mapped_address_too() -> None:
    assert TRUSTING.of("::ffff:10.0.0.1", _forwarded("192.0.2.1")).counted == "192.0.2.1"


def test_an_ipv6_proxy_tells_its_clients_64() -> None:
    assert TRUSTING.of("fd00::1", _forwarded("2001:db8::5:6:7:8")).counted == "2001:db8::"


@pytest.mark.parametrize(
    ("client", "exact"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::5:6:7:8", "2001:db8::5:6:7:8"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_the_exact_address_is_known_besides(client: str, exact: str) -> None:
    assert TRUSTING.of(PROXY, _forwarded(client)).exact == exact
    assert ClientAddresses([]).of(client, _forwarded("198.51.100.7")).exact == exact


@pytest.mark.parametrize("peer", ["", "testclient", "/run/socket"])
def test_a_peer_without_address_is_unknown(peer: str) -> None:
    assert TRUSTING.of(peer, _forwarded("192.0.2.1")) == ClientAddress("unknown", None)


def test_a_request_is_counted_by_its_peer_however_it_is_sent() -> None:
    with served() as running, running.client() as client:
        answer = client.post(
            "/parcels", json={"name": "vase", "grams": 1}, headers={"x-forwarded-for": "192.0.2.1", "x-real-ip": "::1"}
        )
    assert answer.json()["told"]["address"] == "127.0.0.1"


def test_a_request_through_a_trusted_proxy_is_counted_by_its_sender() -> None:
    with served(trusted_proxies=(ipaddress.ip_network("127.0.0.0/8"),)) as running, running.client() as client:
        answer = client.post(
            "/parcels", json={"name": "vase", "grams": 1}, headers={"x-forwarded-for": "6.6.6.6, 192.0.2.1"}
        )
    assert answer.json()["told"]["address"] == "192.0.2.1"
