import pytest
from pydantic import SecretStr

from gateway.settings import load
from tests.settings.environments import SECRETS, complete, faults, the_fault, without_secrets
from tests.settings.keys import ec_key, pem

_KEY = pem(ec_key())


def test_every_client_needs_its_secret_but_the_one_nobody_asks_yet() -> None:
    said = faults(without_secrets())
    assert [fault.partition(":")[0] for fault in said] == list(SECRETS)
    assert all("required but not set (unless GATEWAY_KEYCLOAK__PRIVATE_KEY is)" in fault for fault in said)


def test_a_private_key_stands_for_all_secrets() -> None:
    keycloak = load(without_secrets(KEYCLOAK__PRIVATE_KEY=_KEY, KEYCLOAK__PRIVATE_KEY_ID="2026")).keycloak
    assert keycloak.private_key == SecretStr(_KEY)
    assert keycloak.private_key_id == "2026"
    assert keycloak.client_secret is None


@pytest.mark.parametrize("name", [*SECRETS, "GATEWAY_KEYCLOAK__CHECK_OTP_CLIENT_SECRET"])
def test_a_secret_beside_the_private_key_is_a_fault(name: str) -> None:
    secret = complete()[SECRETS[0]]
    fault = the_fault(without_secrets(KEYCLOAK__PRIVATE_KEY=_KEY) | {name: secret})
    assert fault == f"{name}: must not be set beside GATEWAY_KEYCLOAK__PRIVATE_KEY, which stands for all secrets"


def test_a_wrong_private_key_is_the_only_fault_it_causes() -> None:
    fault = the_fault(without_secrets(KEYCLOAK__PRIVATE_KEY="-----BEGIN", KEYCLOAK__PRIVATE_KEY_ID="2026"))
    assert fault.startswith("GATEWAY_KEYCLOAK__PRIVATE_KEY: must be an unencrypted private key")


def test_an_id_without_its_key_is_a_fault() -> None:
    fault = the_fault(complete(KEYCLOAK__PRIVATE_KEY_ID="2026"))
    assert fault == "GATEWAY_KEYCLOAK__PRIVATE_KEY_ID: names a key, but GATEWAY_KEYCLOAK__PRIVATE_KEY is not set"


def test_two_clients_have_two_ids() -> None:
    fault = the_fault(complete(KEYCLOAK__VERIFIED_CLIENT_ID="gateway"))
    assert fault.startswith("GATEWAY_KEYCLOAK__VERIFIED_CLIENT_ID: the same as GATEWAY_KEYCLOAK__CLIENT_ID")


def test_a_client_must_not_take_the_default_id_of_another() -> None:
    fault = the_fault(complete(KEYCLOAK__CLIENT_ID="gateway-verified"))
    assert fault.startswith("GATEWAY_KEYCLOAK__VERIFIED_CLIENT_ID: the same as GATEWAY_KEYCLOAK__CLIENT_ID")


@pytest.mark.parametrize("issuer", ["https://id.example/realms/demo", "http://localhost:8080/realms/demo"])
def test_browsers_are_sent_to_https_or_to_this_machine(issuer: str) -> None:
    assert load(complete(KEYCLOAK__ISSUER=issuer)).keycloak.issuer == issuer


@pytest.mark.parametrize("url", ["https://keycloak.example/auth", "http://127.0.0.1:8080", "http://[::1]:8080/"])
def test_keycloak_is_reached_by_https_or_on_this_machine(url: str) -> None:
    assert load(complete(KEYCLOAK__URL=url)).keycloak.url == url


@pytest.mark.parametrize(
    ("name", "address"), [("URL", "http://keycloak.example"), ("ISSUER", "http://keycloak.example/realms/demo")]
)
def test_plain_http_to_another_machine_is_allowed_by_name_only(name: str, address: str) -> None:
    variable = {f"KEYCLOAK__{name}": address}
    fault = the_fault(complete(**variable))
    assert fault.startswith(f"GATEWAY_KEYCLOAK__{name}: ")
    assert "set GATEWAY_KEYCLOAK__INSECURE_HTTP=true" in fault
    assert load(complete(**variable, KEYCLOAK__INSECURE_HTTP="true")).keycloak.insecure_http


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL", "keycloak.example"),
        ("URL", "https://admin:admin@keycloak.example"),
        ("URL", "https://keycloak.example/realms/demo"),
        ("ISSUER", "keycloak.example/realms/demo"),
        ("REALM", ".."),
        ("REALM", "demo/../master"),
        ("CLIENT_ID", "with blank"),
        ("CLIENT_ID", "a" * 256),
        ("ALGORITHMS", "HS256"),
        ("ALGORITHMS", "RS256,none"),
        ("ALGORITHMS", " , "),
        ("TIMEOUT", "PT6S"),
        ("LEEWAY", "PT2M"),
        ("MAX_IN_FLIGHT", "0"),
        ("ACCESS_TOKEN_LIFETIME", "0"),
    ],
)
def test_what_keycloak_or_its_tokens_cannot_be_is_a_fault(name: str, value: str) -> None:
    assert the_fault(complete(**{f"KEYCLOAK__{name}": value})).startswith(f"GATEWAY_KEYCLOAK__{name}: ")


def test_ended_sessions_are_remembered_for_an_hour_unless_said_otherwise() -> None:
    assert load(complete()).keycloak.access_token_lifetime.total_seconds() == 3600
    assert load(complete(KEYCLOAK__ACCESS_TOKEN_LIFETIME="PT5M")).keycloak.access_token_lifetime.total_seconds() == 300
