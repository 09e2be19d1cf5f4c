"""Variables to start from, and what is said of them."""

import secrets
from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, settings

from gateway.settings import SettingsError, load

SECRETS = (
    "GATEWAY_KEYCLOAK__CLIENT_SECRET",
    "GATEWAY_KEYCLOAK__VERIFIED_CLIENT_SECRET",
    "GATEWAY_KEYCLOAK__CHECK_CLIENT_SECRET",
    "GATEWAY_KEYCLOAK__ADMIN_CLIENT_SECRET",
)

one_for_all_examples = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
"""As in every room, and what a fixture gives serves all examples."""


def complete(**further: str) -> dict[str, str]:
    """Return what must be set, with secrets of its own, and what is given besides without its prefix."""
    return {
        "GATEWAY_SECRET_KEYS": secrets.token_urlsafe(32),
        "GATEWAY_KEYCLOAK__URL": "https://keycloak.example",
        "GATEWAY_KEYCLOAK__REALM": "demo",
        "GATEWAY_REDIS__URL": "rediss://redis.example:6379/0",
        **{name: secrets.token_urlsafe(32) for name in SECRETS},
        **{f"GATEWAY_{name}": value for name, value in further.items()},
    }


def without_secrets(**further: str) -> dict[str, str]:
    """Return the same without the clients' secrets."""
    return {name: value for name, value in complete(**further).items() if name not in SECRETS}


def faults(variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is said of wrong variables."""
    with pytest.raises(SettingsError) as error:
        load(variables)
    return error.value.faults


def the_fault(variables: Mapping[str, str]) -> str:
    """Return the one thing that is said."""
    told = faults(variables)
    assert len(told) == 1, told
    return told[0]
