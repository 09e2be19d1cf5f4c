"""Every path of Keycloak that the gateway uses is spelled here, and nothing unchecked gets into one (security S28)."""

import re
from urllib.parse import quote

_PROTOCOL = "/protocol/openid-connect"
AUTHORIZATION = f"{_PROTOCOL}/auth"
"""Where browsers go, below the realm's issuer: they may not reach Keycloak by the address that the gateway uses."""

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# Dots alone would be resolved away in a path.
_ALIAS = re.compile(r"(?!\.+$)[\w.~-]{1,255}")
_SESSION_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Endpoints:
    """The realm's addresses below Keycloak's base address."""

    def __init__(self, realm: str) -> None:
        self.name = realm
        name = quote(realm, safe="")
        self.realm = f"/realms/{name}"
        self.admin = f"/admin/realms/{name}"
        protocol = f"{self.realm}{_PROTOCOL}"
        self.token = f"{protocol}/token"
        self.introspection = f"{protocol}/token/introspect"
        self.logout = f"{protocol}/logout"
        self.keys = f"{protocol}/certs"
        self.discovery = f"{self.realm}/.well-known/openid-configuration"


def joined(parts: tuple[str, ...]) -> str:
    """Join path parts, each percent-encoded so that none can leave its place.

    Raises:
        ValueError: a part is nothing or dots, which no encoding keeps from being resolved; whoever let it through
            has forgotten to check it.
    """
    if not all(part.strip(".") for part in parts):
        raise ValueError("not a path part")
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def is_id(text: str) -> bool:
    """Say whether a text can be an id of Keycloak's: a UUID in lower case."""
    return _ID.fullmatch(text) is not None


def is_alias(text: str) -> bool:
    """Say whether a text can be an alias: Keycloak refuses blanks and URL punctuation in it."""
    return _ALIAS.fullmatch(text) is not None


def is_session_id(text: str) -> bool:
    """Say whether a text can be a session id: 24 characters on Keycloak 26.7, a UUID before."""
    return _SESSION_ID.fullmatch(text) is not None
