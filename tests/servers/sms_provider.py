"""Somebody who delivers text messages: a real HTTP server that takes them as the contract says."""

import json
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from tests.servers.listeners import Speaker, listening_as

_PATH = "/messages"
_LONG = 60.0


@dataclass
class SmsProvider:
    """The provider, and what it was given.

    Attributes:
        secret: what its customer proves himself by.
        url: where it takes messages.
        taken: every message that it took, in order: number and text.
        heard: the bodies of all that was asked of it.
    """

    secret: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    url: str = ""
    taken: list[tuple[str, str]] = field(default_factory=list)
    heard: list[bytes] = field(default_factory=list)
    _ways: dict[str, int] = field(default_factory=dict)

    def number(self, status: int = 201) -> str:
        """Return a number of nobody else's; a message to it is answered so, or never with 0."""
        number = f"+1555{secrets.randbelow(10**8):08}"
        self._ways[number] = status
        return number

    def texts_to(self, number: str) -> list[str]:
        """Return what a number was sent."""
        return [text for to, text in self.taken if to == number]

    def code_to(self, number: str) -> str:
        """Return the code of the latest message to a number."""
        (code,) = re.findall(r"\b[0-9]{6}\b", self.texts_to(number)[-1])
        return str(code)

    def answer(self, path: str, authorization: str | None, body: bytes) -> int:
        """Take a message, or not."""
        self.heard.append(body)
        if path != _PATH or authorization != f"Bearer {self.secret}":
            return 401
        message = json.loads(body)
        assert message.keys() == {"to", "text"}
        status = self._ways[message["to"]]
        if status // 100 == 2:
            self.taken.append((message["to"], message["text"]))
        return status


@contextmanager
def sms_provider() -> Iterator[SmsProvider]:
    """Run one."""
    provider = SmsProvider()

    class Handler(Speaker, BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = provider.answer(self.path, self.headers["Authorization"], body)
            if status == 0:
                time.sleep(_LONG)
                status = 200
            said = b"" if status == 204 else b'{"repeated": ' + body + b"}"
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

    with listening_as(Handler) as address:
        provider.url = f"{address}{_PATH}"
        yield provider
