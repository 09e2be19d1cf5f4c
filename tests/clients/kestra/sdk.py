"""The published client, called as a program would call it."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.clients.installation import Conversation, installed

_DRIVER = Path(__file__).with_name("driver.py")
_FORM = "application/x-www-form-urlencoded"
_KINDS = {
    400: "BadRequestException",
    401: "UnauthorizedException",
    403: "ForbiddenException",
    404: "NotFoundException",
    409: "ConflictException",
    422: "UnprocessableEntityException",
    503: "ServiceException",
}
"""Status → what the client raises; anything else is its `ApiException`."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a call, as the driver wrote it."""

    told: dict[str, Any]

    @property
    def answer(self) -> Any:  # noqa: ANN401 - whatever the operation returns
        """What the client returned."""
        assert "answer" in self.told, self.told
        return self.told["answer"]

    @property
    def error(self) -> dict[str, Any]:
        """What the client raised."""
        assert "error" in self.told, self.told
        error: dict[str, Any] = self.told["error"]
        return error


@dataclass(frozen=True, slots=True)
class Sdk:
    """The client, in a process of its own.

    Attributes:
        client: the process.
        server: base address of the gateway.
    """

    client: Conversation
    server: str

    def at(self, server: str) -> "Sdk":
        """Call another gateway from now on."""
        return replace(self, server=server)

    def index(self) -> Outcome:
        """Ask for the ways to sign in."""
        return self.call("AuthsApi", "index")

    def forgot(self, username: str) -> Outcome:
        """Ask for a reset link."""
        return self.call("DefaultApi", "forgotten_password", username=username)

    def reset(self, token: str | None, password: str | None) -> Outcome:
        """Set a password by the token of a mailed link."""
        body = {"token": token, "password": password}
        return self.call("DefaultApi", "reset_password", auth_controller_reset_password_request=body)

    def request_code(self, email: str) -> Outcome:
        """Ask for a code."""
        return self.call("AuthenticationCodeApi", "request_code", email=email)

    def create(self, invitation: str, **user: str) -> Outcome:
        """Make an account by an invitation."""
        call = {"invitation_id": invitation, "auth_controller_invitation_user_request": user}
        return self.call("DefaultApi", "create_from_invitation", **call)

    def accept(self, invitation: str) -> Outcome:
        """Accept an invitation."""
        return self.call("DefaultApi", "accept_invitation", invitation_id=invitation)

    def invite(self, tenant: str, token: str, **wanted: object) -> Outcome:
        """Invite somebody, as a service with a token."""
        call = {"tenant": tenant, "iam_invitation_controller_api_invitation_create_request": wanted}
        headers = {"Authorization": f"Bearer {token}"}
        return self.call("InvitationsApi", "create_invitation", **call, _headers=headers)

    def login(self, username: str, password: str, **options: object) -> Outcome:
        """Sign in; only when it is told what to send does the client send anything."""
        return self.call("DefaultApi", "login", username=username, password=password, **options)

    def login_by_form(self, username: str, password: str) -> Outcome:
        """Sign in, and tell it."""
        return self.login(username, password, _content_type=_FORM)

    def call(self, api: str, operation: str, **arguments: object) -> Outcome:
        """Call an operation by the client's own names."""
        return self._told({"server": self.server, "api": api, "operation": operation, "arguments": arguments})

    def read(self, model: str, value: object) -> Any:  # noqa: ANN401 - as the model writes it
        """Have a value read as one of the client's models, and written again."""
        return self._told({"model": model, "value": value}).answer

    def _told(self, asked: Mapping[str, object]) -> Outcome:
        return Outcome(self.client.ask(asked))


@contextmanager
def running_sdk(server: str) -> Iterator[Sdk]:
    """Run the client until the block ends, installing it first if need be."""
    with installed("kestrapy-1.0").speaking(_DRIVER) as client:
        yield Sdk(client, server)


def refusal(outcome: Outcome, status: int) -> dict[str, Any]:
    """Demand a refusal in the client's own class for its status; return its body, handed over as text."""
    error = outcome.error
    assert (error["kind"], error["status"]) == (_KINDS.get(status, "ApiException"), status), error
    body: dict[str, Any] = json.loads(error["body"])
    assert body["message"]
    return body
