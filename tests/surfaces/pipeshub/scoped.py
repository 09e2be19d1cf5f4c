"""Scoped tokens of every sort, good and bad."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

SHARED_SECRET = "x7Kq2mV9tR4wZ8bN1cY6fH3jL5pD0sGa"
"""What the gateways of these tests share with the services that write tokens of their own."""


def minted(
    scope: str, user: str | None, *, key: str = SHARED_SECRET, algorithm: str = "HS256", **claims: object
) -> str:
    """Write a token; a claim of None is left out."""
    now = int(time.time())  # noqa: TID251 - a token of a stranger
    content: dict[str, Any] = {"scopes": [scope], "userId": user, "iat": now, "exp": now + 600, "jti": "some", **claims}
    kept = {name: value for name, value in content.items() if value is not None}
    signed = f"{_part({'alg': algorithm, 'typ': 'JWT'})}.{_part(kept)}"
    digest = hmac.digest(
        key.encode(), signed.encode(), getattr(hashlib, "sha256" if algorithm != "HS512" else "sha512")
    )
    return f"{signed}.{'' if algorithm == 'none' else _encoded(digest)}"


def _part(content: object) -> str:
    return _encoded(json.dumps(content).encode())


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
