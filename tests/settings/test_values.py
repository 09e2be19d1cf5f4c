from contextlib import suppress
from datetime import timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.settings.values import (
    LONGEST,
    Host,
    Network,
    Seconds,
    SecondsOrNone,
    is_loopback,
    listed,
    split_address,
    web_address,
)
from tests.settings.environments import one_for_all_examples

_SECONDS: TypeAdapter[timedelta] = TypeAdapter(Seconds)
_SECONDS_OR_NONE: TypeAdapter[timedelta] = TypeAdapter(SecondsOrNone)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("120", 120),
        ("0.75", 0.75),
        ("PT15M", 900),
        ("PT1H30M", 5400),
        ("P1D", 86400),
        ("PT0.25S", 0.25),
        (900, 900),
        (0.5, 0.5),
    ],
)
def test_durations_are_seconds_or_iso_8601(written: object, seconds: float) -> None:
    assert _SECONDS.validate_python(written) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "written",
    [
        "nan",
        "inf",
        "-inf",
        "-1",
        "-PT1S",
        "0",
        "PT0S",
        "0.0000001",
        "1e3",
        "1_0",
        "٣",
        "",
        "15m",
        "00:15",
        "1 day",
        "P",
    ],
)
def test_what_is_no_positive_duration_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        _SECONDS.validate_python(written)


@pytest.mark.parametrize("written", [float("nan"), float("inf"), -1, 1e300, 10**400, True, None, [1]])
def test_numbers_of_the_toml_file_are_held_to_the_same(written: object) -> None:
    with pytest.raises(ValidationError):
        _SECONDS.validate_python(written)


def test_no_duration_is_longer_than_the_longest() -> None:
    with pytest.raises(ValidationError):
        _SECONDS.validate_python(LONGEST + timedelta(seconds=1))


def test_nothing_is_a_duration_only_where_it_makes_sense() -> None:
    assert _SECONDS_OR_NONE.validate_python("0") == timedelta(0)
    with pytest.raises(ValidationError):
        _SECONDS_OR_NONE.validate_python("-1")


@one_for_all_examples
@given(st.text())
def test_no_text_makes_reading_a_duration_fail_otherwise_than_with_a_fault(text: str) -> None:
    with suppress(ValidationError):
        assert timedelta(0) < _SECONDS.validate_python(text) <= LONGEST


@pytest.mark.parametrize("written", ["a,b", "a, b", " a ,\nb,, ", "a\nb\n"])
def test_lists_are_separated_by_commas_or_lines(written: str) -> None:
    assert listed(written) == ["a", "b"]


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "api.example", "gateway_1"])
def test_names_and_addresses_are_hosts(host: str) -> None:
    assert TypeAdapter(Host).validate_python(host) == host


def test_brackets_of_an_ipv6_host_are_taken_off() -> None:
    assert TypeAdapter(Host).validate_python("[fd00::1]") == "fd00::1"


@pytest.mark.parametrize(
    "host", ["", "*", "*.example", "https://api.example", "api.example:443", "a b", "-a", "[a]", "a/b"]
)
def test_what_could_never_match_a_host_is_refused(host: str) -> None:
    with pytest.raises(ValidationError, match="must be a host name or an IP address"):
        TypeAdapter(Host).validate_python(host)


@pytest.mark.parametrize("network", ["10.0.0.0/8", "10.1.2.3", "fd00::/8"])
def test_networks_are_read_with_and_without_a_prefix(network: str) -> None:
    assert TypeAdapter(Network).validate_python(network) == ip_network(network)


def test_bits_after_the_prefix_are_refused_with_the_network_that_was_meant() -> None:
    with pytest.raises(ValidationError, match=r"did you mean 10\.0\.0\.0/8\?"):
        TypeAdapter(Network).validate_python("10.0.0.1/8")


@pytest.mark.parametrize("network", ["", "10.0.0.0/33", "10.0.0", "proxy.example", 7, None])
def test_what_is_no_network_is_refused_with_an_example(network: object) -> None:
    with pytest.raises(ValidationError, match="must be a network such as"):
        TypeAdapter(Network).validate_python(network)


@pytest.mark.parametrize("address", ["https://a.example", "http://127.0.0.1:8080/auth", "https://[fd00::1]:8443"])
def test_web_addresses_name_a_host(address: str) -> None:
    assert web_address(address).hostname


@pytest.mark.parametrize(
    "address",
    [
        "",
        "a.example",
        "ftp://a.example",
        "https://",
        "https://:443",
        "https://u:p@a.example",
        "https://a.example?x",
        "https://a.example#x",
        "https://a.example:x",
        "https://a.example:99999",
        "https://[::1",
        "https://a.exa\nmple",
        "https://a example",
    ],
)
def test_what_is_no_plain_web_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"must|not an address"):
        web_address(address)


def test_a_broken_address_is_not_quoted() -> None:
    with pytest.raises(ValueError, match="cannot be read") as error:
        split_address("redis://user:hunter2")
    assert "hunter2" not in str(error.value)
    assert error.value.__cause__ is None


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, *, local: bool) -> None:
    assert is_loopback(host) is local
