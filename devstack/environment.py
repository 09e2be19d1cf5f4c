"""The stack's only reader of the environment."""

import os
import ssl
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
REALM_FILE = PROJECT / "realm-config" / "demo-realm.json"
_AUTHORITIES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
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


def trust_as_the_system_does() -> None:
    """Let `requests` believe the machine's certificate authorities; its own ones know no company's proxy."""
    known = (ssl.get_default_verify_paths().cafile, *_AUTHORITIES)
    bundle = next((file for file in known if file and Path(file).is_file()), None)
    if bundle:
        os.environ.setdefault("REQUESTS_CA_BUNDLE", bundle)  # noqa: TID251 - where requests looks


def wants_docker() -> bool:
    """Tell whether `STACK=docker` asks for containers."""
    return variables().get("STACK", "") == "docker"
