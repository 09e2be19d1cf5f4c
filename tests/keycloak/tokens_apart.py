"""Tokens taken apart and put together again, as a forger does."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any


def encoded(value: dict[str, Any] | bytes) -> str:
    """Write a token's part."""
    raw = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def part_of(token: str, index: int) -> dict[str, Any]:
    """Read a token's header (0) or claims (1)."""
    text = token.split(".")[index]
    value: dict[str, Any] = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return value


def claims_of(token: str) -> dict[str, Any]:
    """Read a token's claims."""
    return part_of(token, 1)


def with_claims(token: str, **changes: object) -> str:
    """Change claims and keep the signature, which fits no more."""
    header, _, signature = token.split(".")
    return ".".join((header, encoded({**claims_of(token), **changes}), signature))


def with_header(token: str, **changes: object) -> str:
    """Change the header and keep the rest."""
    _, claims, signature = token.split(".")
    return ".".join((encoded({**part_of(token, 0), **changes}), claims, signature))


def respelled(token: str) -> str:
    """Write the signature's last character another way: its low bits carry nothing."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    return token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]
