"""The published client, called as a program would call it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clients.installation import Conversation, installed

_DRIVER = Path(__file__).with_name("driver.py")
_KINDS = {
    401: "CyclosAuthenticationError",
    403: "CyclosAuthorizationError",
    404: "CyclosNotFoundError",
    422: "CyclosValidationError",
    503: "CyclosServerError",
}
"""Status → what the client raises."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a client of its own, which remembers its tokens.

    Attributes:
        client: the process in which it is.
        server: the address it is configured with.
        name: tells it from others.
    """

    client: Conversation
    server: str
    name: str

    def login(self, username: str, password: str) -> Any:  # noqa: ANN401 - whatever the operation returns
        """Begin a session, in which all further calls are made."""
        return self.done("auth", "login", username=username, password=password)

    def current_user(self) -> Any:  # noqa: ANN401 - the same
        """Ask who is asking."""
        return self.done("auth", "current_user")

    def done(self, part: str, operation: str, **arguments: str) -> Any:  # noqa: ANN401 - the same
        """Call an operation by the client's own names; return what the client returned."""
        told = self._told(part, operation, arguments)
        assert "answer" in told, told
        return told["answer"]

    def refused(self, status: int, part: str, operation: str, **arguments: str) -> dict[str, Any]:
        """Demand a refusal in the client's own class for its status."""
        error: dict[str, Any] = self._told(part, operation, arguments)["error"]
        assert (error["kind"], error["status"]) == (_KINDS[status], status), error
        return error

    def _told(self, part: str, operation: str, arguments: Mapping[str, str]) -> dict[str, Any]:
        asked = {"program": self.name, "server": self.server, "part": part, "operation": operation}
        told: dict[str, Any] = self.client.ask({**asked, "arguments": arguments})
        return told


@dataclass(frozen=True, slots=True)
class Sdk:
    """The client, in a process of its own.

    Attributes:
        client: the process.
        server: base address of the gateway.
    """

    client: Conversation
    server: str

    def program(self, name: str, network: str = "") -> Program:
        """Return a program of that name, which is configured with the address of a network or of none."""
        return Program(self.client, f"{self.server}{network and f'/{network}'}/api", name)


@contextmanager
def running_sdk(server: str) -> Iterator[Sdk]:
    """Run the client until the block ends, installing it first if need be."""
    with installed("cyclos-sdk-py-0.2").speaking(_DRIVER) as client:
        yield Sdk(client, server)
