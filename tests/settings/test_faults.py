import pytest

from gateway.settings import SettingsError
from tests.settings.environments import complete, faults, the_fault


def test_the_text_is_one_line_for_each_fault_and_none_twice() -> None:
    error = SettingsError(["a: wrong", "b: wrong", "a: wrong"])
    assert error.faults == ("a: wrong", "b: wrong")
    assert str(error) == "a: wrong\nb: wrong"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        (
            "SERVER__PORT",
            "many",
            "must be a valid integer, unable to parse string as an integer; allowed: integer from 0 to 65535",
        ),
        ("SERVER__PORT", "70000", "must be less than or equal to 65535"),
        (
            "SERVER__PUBLIC_DOCUMENTS",
            "perhaps",
            "must be a valid boolean, unable to interpret input; allowed: `true` or `false`",
        ),
        ("SERVER__DEADLINE", "soon", "must be seconds (`900`, `0.5`) or ISO 8601 (`PT15M`)"),
        ("SERVER__DEADLINE", "PT", "must be a valid duration, input is too short; allowed: duration to 5 s"),
        ("SERVER__DEADLINE", "9", "must be less than or equal to 5 seconds"),
        ("LOG__FORMAT", "xml", "must be 'json' or 'console'"),
        ("SERVER__TRUSTED_PROXIES", "::1,all", "entry 2 must be a network such as `10.0.0.0/8` or `fd00::/8`"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_allowed(name: str, value: str, said: str) -> None:
    assert the_fault(complete(**{name: value})) == f"GATEWAY_{name}: {said}"


def test_all_faults_are_told_at_once() -> None:
    variables = {
        **complete(SERVER__PORT="x", SERVER__DEADLINE="9", LOG__LEVEL="loud", REDIS__URL="redis://r.example"),
        "GATEWAY_KEYCLOAK__URL": "http://keycloak.example",
        "GATEWAY_KEYCLOAK__REALM": "",
        "GATEWAY_KEYCLOAK__CLIENT_SECRET": "short",
        "GATEWAY_KEYCLOAK__VERIFIED_CLIENT_SECRET": "",
        "GATEWAY_SECRET_KEYS": "weak",
        "GATEWAY_TOAN__ORG_CHEK": "off",
        "GATEWAY_REDIS__URL_FILE": "/nowhere",
    }
    assert {fault.partition(":")[0].removeprefix("GATEWAY_") for fault in faults(variables)} == {
        "SERVER__PORT",
        "SERVER__DEADLINE",
        "LOG__LEVEL",
        "REDIS__URL",
        "KEYCLOAK__URL",
        "KEYCLOAK__REALM",
        "KEYCLOAK__CLIENT_SECRET",
        "KEYCLOAK__VERIFIED_CLIENT_SECRET",
        "SECRET_KEYS",
        "TOAN__ORG_CHEK",
        "REDIS__URL_FILE",
    }


def test_an_empty_environment_is_told_everything_that_must_be_set() -> None:
    required = {name for name in complete() if name.startswith("GATEWAY_")}
    assert {fault.partition(":")[0] for fault in faults({})} == required


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("GATEWAY_SERVER_PORT", "GATEWAY_SERVER__PORT"),
        ("GATEWAY_KEYCLOAK__CLIENT_SECRETS", "GATEWAY_KEYCLOAK__CLIENT_SECRET"),
        ("GATEWAY_SECRET_KEY", "GATEWAY_SECRET_KEYS"),
        ("GATEWAY_SERVER__PORT_FILE", "GATEWAY_SERVER__PORT"),
        ("GATEWAY_CONFIG_FILE", "GATEWAY_CONFIG"),
    ],
)
def test_an_unknown_variable_is_told_with_the_one_that_was_meant(name: str, meant: str) -> None:
    assert the_fault({**complete(), name: "1"}) == f"{name}: no such setting; did you mean {meant}?"


def test_a_name_never_leaves_its_line() -> None:
    fault = the_fault({**complete(), "GATEWAY_\nGATEWAY_SERVER__PORT: fine\x1b[2J": "1"})
    assert len(fault.splitlines()) == 1
    assert fault.isprintable()
