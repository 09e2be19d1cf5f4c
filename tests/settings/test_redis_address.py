import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.settings.redis_address import check_redis_address, check_redis_passwords, passwords_of
from tests.settings.environments import one_for_all_examples


@pytest.mark.parametrize(
    "address",
    [
        "redis://127.0.0.1:6379",
        "redis://localhost",
        "redis://[::1]:6379/1",
        "rediss://redis.example/0",
        "rediss://:secret@redis.example:6380/15",
        "rediss://user:p%40ss%2Fword@redis.example:6380?ssl_ca_certs=/etc/ca.pem",
        "unix:///run/redis.sock",
        "unix://user:password@/run/redis.sock?db=3",
        "redis+sentinel://127.0.0.1:26379,localhost:26380/primary/0",
        "rediss+sentinel://user:pw@a.example:26379,b.example/primary?sentinel_username=s&sentinel_password=t",
        "redis+cluster://127.0.0.1:7000,127.0.0.1:7001",
        "rediss+cluster://:pw@a.example:7000,[fd00::2]:7001/0",
    ],
)
def test_one_server_sentinels_and_clusters_are_taken(address: str) -> None:
    check_redis_address(address, plaintext=False)


@pytest.mark.parametrize(
    "address",
    [
        "redis://redis.example",
        "redis://10.0.0.1/0",
        "redis+cluster://127.0.0.1,b.example",
        "redis+sentinel://a:1,b:2/p",
    ],
)
def test_another_machine_needs_tls_unless_said_otherwise(address: str) -> None:
    with pytest.raises(ValueError, match="GATEWAY_REDIS__INSECURE_PLAINTEXT"):
        check_redis_address(address, plaintext=False)
    check_redis_address(address, plaintext=True)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("http://redis.example", "must begin with one of redis://"),
        ("redis.example:6379", "must begin with one of redis://"),
        ("redis+tls://redis.example", "must begin with one of redis://"),
        ("rediss://", "must name its hosts"),
        ("rediss://:6379", "must name its hosts"),
        ("rediss://a.example,b.example", "must name its hosts"),
        ("rediss+cluster://a.example,,b.example", "must name its hosts"),
        ("rediss://a.example/zero", "must look like"),
        ("rediss://a.example/0#x", "must look like"),
        ("rediss+sentinel://a.example:26379", "must look like"),
        ("rediss+sentinel://a.example/primary/x", "must look like"),
        ("rediss+cluster://a.example/1", "must look like"),
        ("unix://run/redis.sock", "must look like"),
        ("unix://", "must look like"),
        ("rediss://a.example:port", "cannot be read"),
        ("rediss://a.example:99999", "cannot be read"),
        ("rediss://[::1", "cannot be read"),
        ("rediss://a.ex\nample", "no blanks"),
        ("rediss://user name:x@a.example", "no blanks"),
    ],
)
def test_what_cannot_be_meant_is_told_with_what_is_allowed(address: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        check_redis_address(address, plaintext=True)


@pytest.mark.parametrize(
    "query",
    ["ssl_cert_reqs=none", "ssl_check_hostname=false", "socket_timeout=600", "max_connections=9", "decode_responses=1"],
)
def test_no_parameter_undoes_what_the_gateway_relies_on(query: str) -> None:
    with pytest.raises(ValueError, match="may have no parameters but db"):
        check_redis_address(f"rediss://a.example/0?{query}", plaintext=True)


@pytest.mark.parametrize(
    "address",
    [
        "rediss://:hunter2#x@a.example",
        "rediss://:hunter2/x@a.example",
        "rediss://:hunter2?x@a.example",
        "rediss://user:hunter2",
        "rediss://hunter2@a.example",
        "hunter2",
        "rediss://a.example/?hunter2",
    ],
)
def test_no_refusal_quotes_the_address(address: str) -> None:
    with pytest.raises(ValueError, match=r"must|may|has|is not") as error:
        check_redis_address(address, plaintext=True)
    assert "hunter2" not in str(error.value)
    assert error.value.__cause__ is None


@pytest.mark.parametrize(
    ("address", "passwords"),
    [
        ("redis://localhost", []),
        ("rediss://user@a.example", []),
        ("rediss://:@a.example", []),
        ("rediss://user:p%40ss%2Fword@a.example:6380/1", ["p@ss/word"]),
        ("rediss+cluster://:a:b@a.example:7000,b.example", ["a:b"]),
        ("unix://user:password@/run/redis.sock?db=3", ["password"]),
        ("rediss+sentinel://:one@a.example/primary/0?sentinel_username=s&sentinel_password=t%2Bwo", ["one", "t+wo"]),
        ("rediss+sentinel://:one@a.example/primary?sentinel_password=one", ["one"]),
        ("none", []),
    ],
)
def test_passwords_are_found_wherever_an_address_has_them(address: str, passwords: list[str]) -> None:
    assert passwords_of(address) == passwords


@pytest.mark.parametrize("address", ["rediss://:{}@a.example", "rediss+sentinel://a.example/p?sentinel_password={}"])
@pytest.mark.parametrize(
    ("password", "said"),
    [("foobared", "its password is shorter than 32 bytes; .*ACL GENPASS"), ("redis" * 8, "its password is not random")],
)
def test_a_password_that_is_guessed_is_refused_and_not_quoted(address: str, password: str, said: str) -> None:
    with pytest.raises(ValueError, match=said) as error:
        check_redis_passwords(address.format(password))
    assert password not in str(error.value)


def test_an_address_may_hold_random_passwords_or_none() -> None:
    check_redis_passwords(f"rediss://:{secrets.token_hex(32)}@a.example")
    check_redis_passwords("rediss://a.example")


@one_for_all_examples
@given(st.sampled_from(["redis", "rediss+cluster", "rediss+sentinel", "unix", ""]), st.text())
def test_no_text_makes_reading_an_address_fail_otherwise_than_with_a_refusal(scheme: str, text: str) -> None:
    refusal = None
    try:
        check_redis_address(f"{scheme}://{text}", plaintext=False)
    except ValueError as error:
        refusal = type(error)
    assert refusal in (None, ValueError)
