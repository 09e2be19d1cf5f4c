"""Tokens in compact form, looked into but not believed (RFC 7515 section 3.1)."""

import binascii
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.domain.errors import TokenRefused
from gateway.domain.tokens import MAX_TOKEN
from gateway.jose.errors import malformed_as_refused

_MAX_HEADER = 1024
_PARTS = 3
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Compact:
    """A token's unverified header and claims."""

    header: dict[str, Any]
    claims: dict[str, Any]


def looked_into(token: str) -> Compact:
    """Take a token apart without believing it.

    Raises:
        TokenRefused: too long, not three parts of strict base64url, or header or claims are no JSON object.
    """
    if len(token) > MAX_TOKEN:
        raise TokenRefused
    parts = token.split(".")
    if len(parts) != _PARTS or not all(map(_BASE64URL.fullmatch, parts)):
        raise TokenRefused
    with malformed_as_refused():
        header, claims, _ = map(_decoded, parts)
        if len(header) > _MAX_HEADER:
            raise TokenRefused
        return Compact(_object(header), _object(claims))


def text_of(claims: Mapping[str, Any], name: str) -> str:
    """Return a claim that has to be a text, and not an empty one.

    Raises:
        TokenRefused: it is missing, or something else.
    """
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise TokenRefused
    return value


def seconds_of(claims: Mapping[str, Any], name: str) -> int:
    """Return a claim that has to be a time, seconds since the epoch.

    Raises:
        TokenRefused: it is missing, or something else.
    """
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TokenRefused
    return value


def _decoded(part: str) -> bytes:
    decoded = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    # One token has one spelling, else a spent one could come back in another: the low bits of the last character
    # carry nothing, and Keycloak does not look at them.
    if binascii.b2a_base64(decoded, newline=False).rstrip(b"=").translate(_URLSAFE) != part.encode():
        raise TokenRefused
    return decoded


_URLSAFE = bytes.maketrans(b"+/", b"-_")


def _object(text: bytes) -> dict[str, Any]:
    value = json.loads(text.decode(), parse_constant=_refuse)
    if not isinstance(value, dict):
        raise TokenRefused
    return value


def _refuse(_: str) -> None:
    raise TokenRefused
