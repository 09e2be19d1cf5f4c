"""How long gateways wait for Keycloak and Redis: a machine that stands still for a moment is no outage."""

from collections.abc import Mapping

from pydantic import BaseModel

from gateway.settings import KeycloakSettings, RedisSettings

_TIMES: Mapping[str, tuple[type[BaseModel], tuple[str, ...]]] = {
    "KEYCLOAK": (KeycloakSettings, ("connect_timeout", "timeout", "queue_timeout")),
    "REDIS": (RedisSettings, ("connect_timeout", "timeout")),
}

BY_DEFAULT: Mapping[str, str] = {
    f"{section}__{name.upper()}": str(settings.model_fields[name].default.total_seconds())
    for section, (settings, names) in _TIMES.items()
    for name in names
}
"""As long as an operator's gateways do: for tests of outages."""

PATIENT: Mapping[str, str] = dict.fromkeys(BY_DEFAULT, "5")
"""As long as they may: for tests of anything else."""


def named(settings: Mapping[str, str]) -> dict[str, str]:
    """Return the `GATEWAY_` variables of such settings."""
    return {f"GATEWAY_{name}": value for name, value in settings.items()}
