"""The published client, called as a program would call it."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.clients.installation import Conversation, installed
from tests.clients.pipeshub.versions import Version

_DRIVER = Path(__file__).with_name("driver.py")
_NEVER = 600_000
"""Milliseconds: a client that waits so long has not been told a time."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call.

    Attributes:
        version: of the client.
        operation: the client's own name of it.
        told: answer or error, as the driver wrote it.
    """

    version: Version
    operation: str
    told: dict[str, dict[str, Any]]

    @property
    def answer(self) -> dict[str, Any]:
        """What the client returned."""
        assert "answer" in self.told, self.told
        return self.told["answer"]

    @property
    def error(self) -> dict[str, Any]:
        """What the client raised."""
        assert "error" in self.told, self.told
        return self.told["error"]


@dataclass(frozen=True, slots=True)
class Sdk:
    """A version of the client, in a process of its own.

    Attributes:
        version: which one.
        client: the process.
        server: base address of the gateway.
        bearer: the access token that the client was made with, if any.
        backoff: milliseconds between two tries where the gateway names no time; None for one try.
    """

    version: Version
    client: Conversation
    server: str
    bearer: str | None = None
    backoff: int | None = None

    def at(self, server: str) -> "Sdk":
        """Call another gateway from now on."""
        return replace(self, server=server)

    def bearing(self, access_token: str) -> "Sdk":
        """Call as somebody who is signed in from now on."""
        return replace(self, bearer=access_token)

    def retrying(self) -> "Sdk":
        """Try again from now on, as soon as the gateway says and not before."""
        return replace(self, backoff=_NEVER)

    def init_auth(self, email: str) -> Outcome:
        """Begin a sign-in."""
        if self.version.is_new:
            return self.call("init_auth", request={"email": email})
        return self.call("init_auth", email=email)

    def begun(self, email: str) -> str:
        """Begin a sign-in with success; return its token, from where the client keeps it."""
        return str(self.init_auth(email).answer["headers"]["x-session-token"][0])

    def by_password(self, token: str, password: str) -> Outcome:
        """Prove a step by a password."""
        credentials = {"password": password}
        return self.call("authenticate", x_session_token=token, method="password", credentials=credentials)

    def by_code(self, token: str, code: str) -> Outcome:
        """Prove a step by a mailed code."""
        return self.call("authenticate", x_session_token=token, method="otp", credentials={"otp": code})

    def sign_in(self, email: str, password: str) -> dict[str, Any]:
        """Sign in with success where a password is all it takes; return the tokens."""
        return self.by_password(self.begun(email), password).answer

    def refresh(self, refresh_token: str) -> Outcome:
        """Exchange a refresh token."""
        return self.call("refresh_token", security={"scoped_token": refresh_token})

    def change(self, current: str, new: str) -> Outcome:
        """Change one's own password."""
        return self.call("reset_password", current_password=current, new_password=new)

    def reset(self, token: str, password: str) -> Outcome:
        """Set a password by the token of a mailed link."""
        return self.call("reset_password_with_token", security={"scoped_token": token}, password=password)

    def call(self, operation: str, **arguments: object) -> Outcome:
        """Call an operation by the client's own names."""
        call = {"server": self.server, "bearer": self.bearer, "backoff": self.backoff}
        return Outcome(
            self.version, operation, self.client.ask({**call, "operation": operation, "arguments": arguments})
        )


@contextmanager
def running_sdk(version: Version, server: str) -> Iterator[Sdk]:
    """Run a version of the client until the block ends, installing it first if need be."""
    with installed(version.requirements).speaking(_DRIVER) as client:
        yield Sdk(version, client, server)


def refusal(outcome: Outcome, status: int, identifier: str) -> str:
    """Demand a refusal in the class that the client's own document promises; return the gateway's message."""
    error = outcome.error
    assert (error["kind"], error["status"]) == (outcome.version.kind(outcome.operation, status), status), error
    body = json.loads(error["body"])
    if outcome.version.is_new:
        message, told = body["error"]["message"], body["error"]["metadata"]["code"]
    else:
        message, told = body["message"], body["code"]
    assert told == identifier
    assert message in error["message"]
    return str(message)
