from datetime import timedelta
from ipaddress import ip_network

import pytest

from gateway.settings import load
from tests.settings.environments import complete, the_fault


def test_a_request_is_bounded_in_size_and_time_by_default() -> None:
    server = load(complete()).server
    assert server.max_body == 65536
    assert server.body_timeout == timedelta(seconds=10)
    assert server.keep_alive == timedelta(seconds=75)
    assert server.deadline < timedelta(seconds=5)


def test_lists_of_hosts_and_proxies_are_read() -> None:
    server = load(complete(SERVER__ALLOWED_HOSTS="a.example,[::1]", SERVER__TRUSTED_PROXIES="10.0.0.0/8, ::1")).server
    assert server.allowed_hosts == ["a.example", "::1"]
    assert server.trusted_proxies == [ip_network("10.0.0.0/8"), ip_network("::1")]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVER__HOST", "every where"),
        ("SERVER__PORT", "65536"),
        ("SERVER__PORT", "-1"),
        ("SERVER__PORT", "http"),
        ("SERVER__PUBLIC_URL", "http://api.example"),
        ("SERVER__PUBLIC_URL", "https://api.example/iam"),
        ("SERVER__PUBLIC_URL", "api.example"),
        ("SERVER__ALLOWED_HOSTS", "a.example,*"),
        ("SERVER__TRUSTED_PROXIES", "10.0.0.0/8,everybody"),
        ("SERVER__MAX_BODY", "0"),
        ("SERVER__BODY_TIMEOUT", "0"),
        ("SERVER__KEEP_ALIVE", "0.5"),
        ("SERVER__DEADLINE", "PT5.1S"),
        ("SERVER__DEADLINE", "0"),
        ("SERVER__DRAIN_TIMEOUT", "-1"),
        ("SERVER__PUBLIC_DOCUMENTS", "perhaps"),
        ("REDIS__URL", "redis://redis.example"),
        ("REDIS__PREFIX", "{tag}"),
        ("REDIS__TIMEOUT", "PT6S"),
        ("REDIS__MAX_CONNECTIONS", "1"),
        ("LOCKOUT__MAX_FAILURES", "101"),
        ("LOCKOUT__MAX_DURATION", "PT14M"),
        ("LIMITS__REFUSAL_FLOOR", "1.1"),
        ("LIMITS__FAILURE_WINDOW", "0.5"),
        ("LIMITS__MAILS_PER_MAILBOX", "9" * 30),
        ("LOG__FORMAT", "xml"),
        ("LOG__LEVEL", "INFO"),
    ],
)
def test_what_is_out_of_bounds_is_a_fault(name: str, value: str) -> None:
    assert the_fault(complete(**{name: value})).startswith(f"GATEWAY_{name}: ")


@pytest.mark.parametrize(
    "name", ["SERVER__SHUTDOWN_DELAY", "LIMITS__REFUSAL_FLOOR", "LIMITS__REFUSAL_JITTER", "KEYCLOAK__LEEWAY"]
)
def test_waits_that_may_be_left_out_may_be_nothing(name: str) -> None:
    section, field = name.lower().split("__")
    assert getattr(getattr(load(complete(**{name: "0"})), section), field) == timedelta(0)


def test_redis_without_tls_is_allowed_by_name_only() -> None:
    assert load(complete(REDIS__URL="redis://redis.example", REDIS__INSECURE_PLAINTEXT="true")).redis.insecure_plaintext


@pytest.mark.parametrize(
    ("address", "is_https"), [("https://a.example", True), ("HTTPS://a.example", True), ("http://127.0.0.1:80", False)]
)
def test_callers_come_by_https_when_the_public_address_says_so(address: str, *, is_https: bool) -> None:
    assert load(complete(SERVER__PUBLIC_URL=address)).server.is_https is is_https


@pytest.mark.parametrize(
    ("public", "management"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("10.0.0.1", "0.0.0.0"), ("::", "::1")],  # noqa: S104 - only compared
)
def test_one_port_cannot_be_both(public: str, management: str) -> None:
    hosts = {"SERVER__HOST": public, "SERVER__MANAGEMENT_HOST": management}
    fault = the_fault(complete(SERVER__PORT="8000", SERVER__MANAGEMENT_PORT="8000", **hosts))
    assert fault == "GATEWAY_SERVER__MANAGEMENT_PORT: the same as GATEWAY_SERVER__PORT on the same address"


def test_one_number_serves_two_addresses_and_zero_any() -> None:
    assert load(complete(SERVER__MANAGEMENT_PORT="8000", SERVER__MANAGEMENT_HOST="127.0.0.2")).server.port == 8000
    assert load(complete(SERVER__PORT="0", SERVER__MANAGEMENT_PORT="0")).server.management_port == 0
