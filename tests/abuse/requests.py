"""A request as it is written to a socket, and the dice that decide what is wrong with it."""

import json
from dataclasses import dataclass, field
from random import Random as Dice  # noqa: TID251 - seeded, so that a run can be repeated
from typing import Any
from urllib.parse import urlencode

FORM = "application/x-www-form-urlencoded"
REQUEST_ID = b"x-request-id"

HOST = "iam.example.test"
"""Where the abused gateway says it is."""
ANYBODY = "anybody"
"""The surface of a path that may belong to whichever."""

Header = tuple[bytes, bytes]

__all__ = ["ANYBODY", "FORM", "HOST", "REQUEST_ID", "Dice", "Header", "Request", "dice"]


def dice(seed: str, number: int) -> Dice:
    """Give one request dice of its own, so that it is the same whatever comes before it."""
    return Dice(f"{seed}:{number}")  # noqa: S311 - nothing is kept secret by it


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent.

    Attributes:
        surface: whose words a refusal must have.
        members: of the body, written as `media_type` says; None for no body.
        raw_body: sent instead, as it is.
        chunked: the body comes in chunks.
    """

    surface: str
    method: bytes
    target: bytes
    headers: tuple[Header, ...]
    media_type: str = ""
    members: dict[str, Any] | None = field(default=None)
    raw_body: bytes | None = None
    chunked: bool = False

    @property
    def body(self) -> bytes:
        """The body's bytes."""
        if self.raw_body is not None or self.members is None:
            return self.raw_body or b""
        written = urlencode(self.members, errors="replace") if self.media_type == FORM else json.dumps(self.members)
        return written.encode()

    @property
    def written(self) -> bytes:
        """All of it."""
        lines = [b"%s %s HTTP/1.1" % (self.method, self.target), *(b"%s: %s" % each for each in self._all_headers)]
        return b"\r\n".join([*lines, b"", self._framed])

    @property
    def _all_headers(self) -> tuple[Header, ...]:
        if self.chunked:
            return (*self.headers, (b"transfer-encoding", b"chunked"))
        return (*self.headers, (b"content-length", b"%d" % len(self.body))) if self.body else self.headers

    @property
    def _framed(self) -> bytes:
        body = self.body
        if not self.chunked:
            return body
        middle = len(body) // 2
        parts = (part for part in (body[:middle], body[middle:]) if part)
        return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
