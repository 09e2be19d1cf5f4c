"""The stack's only reader of the environment."""

import os
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
REALM_FILE = PROJECT / "realm-config" / "demo-realm.json"
STACK_FOLDER = PROJECT / ".stack"


def variables() -> Mapping[str, str]:
    """Return the process's own variables."""
    return os.environ  # noqa: TID251 - the stack's one reader; the ban guards the gateway's settings


def without_gateway() -> dict[str, str]:
    """Return the process's variables less the `GATEWAY_` ones, so that a child sees only what it is given."""
    return {name: value for name, value in variables().items() if not name.startswith("GATEWAY_")}


def cache_directory() -> Path:
    """Return where downloads and built servers are kept for this user.

    `STACK_CACHE` names it; otherwise the XDG cache directory holds it.
    """
    named = variables().get("STACK_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    base = variables().get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "keycloak-identity-gateway"


def wants_docker() -> bool:
    """Tell whether `STACK=docker` asks for containers."""
    return variables().get("STACK", "") == "docker"
