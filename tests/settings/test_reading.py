import os
import secrets

import pytest

from gateway.settings import load
from tests.settings.conftest import Write
from tests.settings.environments import SECRETS, complete, faults, the_fault, without_secrets

_SECRET_NAME = SECRETS[0]


def test_the_process_own_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", complete(SERVER__PORT="1234"))
    assert load().server.port == 1234


def test_other_variables_are_nobody_s_business() -> None:
    variables = complete()
    others = {"PATH": "/bin", "gateway_server__port": "x", "MY_GATEWAY_SERVER__PORT": "x"}
    assert load({**variables, **others}) == load(variables)


def test_an_empty_variable_is_not_set() -> None:
    settings = load(complete(SERVER__PORT="", KEYCLOAK__ISSUER="", CONFIG=""))
    assert (settings.server.port, settings.keycloak.issuer) == (8000, None)


def test_a_secret_comes_from_a_file(file: Write) -> None:
    secret = secrets.token_urlsafe(32)
    variables = {**complete(), f"{_SECRET_NAME}_FILE": file(f"{secret}\n")}
    del variables[_SECRET_NAME]
    settings = load(variables)
    assert settings.keycloak.client_secret is not None
    assert settings.keycloak.client_secret.get_secret_value() == secret


def test_several_keys_come_from_one_file_one_a_line(file: Write) -> None:
    keys = [secrets.token_urlsafe(32) for _ in range(2)]
    variables = {**complete(), "GATEWAY_SECRET_KEYS_FILE": file("\r\n".join(keys))}
    del variables["GATEWAY_SECRET_KEYS"]
    assert [key.get_secret_value() for key in load(variables).secret_keys] == keys


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file it names is empty"),
        (b" \n\t\n", "the file it names is empty"),
        (b"\xff\xfe" * 40, "the file it names is not UTF-8 text"),
        (b"x" * ((1 << 20) + 1), "the file it names is larger than 1 MiB"),
    ],
)
def test_a_file_that_holds_no_secret_is_a_fault(file: Write, content: bytes, said: str) -> None:
    variables = {**complete(), f"{_SECRET_NAME}_FILE": file(content)}
    del variables[_SECRET_NAME]
    assert the_fault(variables) == f"{_SECRET_NAME}_FILE: {said}"


@pytest.mark.parametrize("path", ["/nowhere/at/all", "/", "relative", "\0", "/dev/zero"])
def test_a_file_that_cannot_be_read_is_a_fault(path: str) -> None:
    variables = {**complete(), f"{_SECRET_NAME}_FILE": path}
    del variables[_SECRET_NAME]
    assert the_fault(variables).startswith(f"{_SECRET_NAME}_FILE: ")


def test_a_secret_put_where_its_path_belongs_is_not_told() -> None:
    secret = secrets.token_urlsafe(32)
    assert secret not in "".join(faults({**without_secrets(), f"{_SECRET_NAME}_FILE": secret}))


def test_a_secret_is_given_once(file: Write) -> None:
    variables = {**complete(), f"{_SECRET_NAME}_FILE": file(secrets.token_urlsafe(32))}
    assert the_fault(variables) == f"{_SECRET_NAME}_FILE: set beside {_SECRET_NAME}; keep one of them"


def test_an_unreadable_private_key_is_not_followed_by_faults_of_what_it_replaces() -> None:
    fault = the_fault({**without_secrets(), "GATEWAY_KEYCLOAK__PRIVATE_KEY_FILE": "/nowhere"})
    assert fault.startswith("GATEWAY_KEYCLOAK__PRIVATE_KEY_FILE: ")


def test_everything_can_come_from_the_toml_file(file: Write) -> None:
    secret = dict.fromkeys(range(5))
    keys = [secrets.token_urlsafe(32) for _ in secret]
    document = f"""
        secret_keys = ["{keys[0]}"]
        [keycloak]
        url = "https://keycloak.example"
        realm = "demo"
        client_secret = "{keys[1]}"
        verified_client_secret = "{keys[2]}"
        check_client_secret = "{keys[3]}"
        admin_client_secret = "{keys[4]}"
        algorithms = ["ES256"]
        [redis]
        url = "unix:///run/redis.sock"
        [server]
        port = 1
        deadline = 2.5
        trusted_proxies = ["10.0.0.0/8"]
        [toan]
        enabled = false
    """
    settings = load({"GATEWAY_CONFIG": file(document)})
    assert settings.server.port == 1
    assert settings.server.deadline.total_seconds() == 2.5
    assert settings.keycloak.algorithms == ["ES256"]
    assert not settings.toan.enabled


def test_a_variable_goes_before_the_toml_file(file: Write) -> None:
    config = file("[server]\nport = 1\nmanagement_port = 2\n")
    settings = load(complete(CONFIG=config, SERVER__PORT="3"))
    assert (settings.server.port, settings.server.management_port) == (3, 2)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ("[server", "the file it names is not TOML: "),
        ("a = 1\na = 2", "the file it names is not TOML: "),
        (b"\xff", "the file it names is not UTF-8 text"),
        ("a = " + "[" * 100_000, "the file it names is nested too deeply"),
        ("[server]\nprot = 1", "server.prot: no such setting; did you mean server.port?"),
        ("server.port.number = 1", ""),
        ("[Server]\nport = 1", "Server: no such setting; did you mean server"),
        ("server = 3", "server must be a table"),
        ("keycloak = []", "keycloak must be a table"),
        ('"a\\nb" = 1', "'a\\nb': no such setting"),
    ],
)
def test_a_wrong_toml_file_is_told_by_dotted_names(file: Write, document: bytes | str, said: str) -> None:
    variables = {} if "keycloak" in str(document) else complete()
    told = faults({**variables, "GATEWAY_CONFIG": file(document)})
    assert any(fault.startswith(f"GATEWAY_CONFIG: {said}") or not said for fault in told)
    assert all(len(fault.splitlines()) == 1 for fault in told)


def test_a_missing_toml_file_is_the_only_fault_when_it_may_hold_the_rest() -> None:
    assert the_fault({"GATEWAY_CONFIG": "/nowhere"}) == (
        "GATEWAY_CONFIG: the file it names cannot be read: No such file or directory"
    )


def test_wrong_values_of_the_toml_file_are_told_by_their_variable(file: Write) -> None:
    fault = the_fault(complete(CONFIG=file("[server]\nport = 'x'")))
    assert fault.startswith("GATEWAY_SERVER__PORT: must be a valid integer")


@pytest.mark.parametrize("other", [*SECRETS[1:], "GATEWAY_SECRET_KEYS", "GATEWAY_KEYCLOAK__CHECK_OTP_CLIENT_SECRET"])
def test_a_secret_that_occurs_twice_is_a_fault(other: str) -> None:
    variables = complete()
    variables[other] = variables[_SECRET_NAME]
    assert "the same secret as in" in the_fault(variables)


@pytest.mark.parametrize(
    "address", ["rediss://u:{}@a.example", "rediss+sentinel://a.example/primary?sentinel_password={}"]
)
@pytest.mark.parametrize("other", [_SECRET_NAME, "GATEWAY_SECRET_KEYS"])
def test_a_password_of_redis_that_is_another_secret_too_is_a_fault(address: str, other: str) -> None:
    variables = complete()
    variables["GATEWAY_REDIS__URL"] = address.format(variables[other])
    fault = the_fault(variables)
    assert "GATEWAY_REDIS__URL" in fault
    assert "the same secret as in" in fault
    assert variables[other] not in fault


def test_a_short_password_of_redis_is_a_fault() -> None:
    fault = the_fault(complete(REDIS__URL="rediss://:hunter2@a.example"))
    assert fault.startswith("GATEWAY_REDIS__URL: its password is shorter than 32 bytes")


def test_a_key_that_occurs_twice_is_a_fault_however_it_is_padded() -> None:
    key = secrets.token_urlsafe(32)
    assert the_fault(complete(SECRET_KEYS=f"{key},{key}=")).startswith("GATEWAY_SECRET_KEYS: the same secret")


def test_what_kubernetes_adds_for_a_service_of_our_name_is_passed_over() -> None:
    added = {
        "GATEWAY_SERVICE_HOST": "10.96.0.7",
        "GATEWAY_SERVICE_PORT": "80",
        "GATEWAY_SERVICE_PORT_HTTP_PUBLIC": "80",
        "GATEWAY_PORT": "tcp://10.96.0.7:80",
        "GATEWAY_PORT_80_TCP": "tcp://10.96.0.7:80",
        "GATEWAY_PORT_80_TCP_PROTO": "tcp",
        "GATEWAY_PORT_80_TCP_PORT": "80",
        "GATEWAY_PORT_80_TCP_ADDR": "10.96.0.7",
        "GATEWAY_PORT_53_UDP_ADDR": "10.96.0.7",
    }
    variables = complete()
    assert load({**variables, **added}) == load(variables)


@pytest.mark.parametrize(
    "name", ["PORT", "PORT_80", "PORT_80_TCP_HOST", "SERVICE", "SERVICE_HOSTS", "REDIS_SERVICE_HOST"]
)
def test_nothing_else_is_passed_over(name: str) -> None:
    assert the_fault(complete(**{name: "8000"})).startswith(f"GATEWAY_{name}: no such setting")
