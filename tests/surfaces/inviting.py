"""The command by which operators invite."""

import json
import secrets
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.servers.commands import typed


@dataclass(frozen=True, slots=True)
class Inviting:
    """The command `gateway invite`.

    Attributes:
        variables: of the gateway that the invitations are for.
    """

    variables: Mapping[str, str]

    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Type it."""
        return typed(self.variables, "invite", *arguments)

    def told(self, *arguments: str) -> list[tuple[str, str]]:
        """Type it; return outcome and reason of each event that is told, which is told of nobody by name."""
        lines = self(*arguments).stderr.splitlines()
        events = [json.loads(each) for each in lines if each.startswith("{")]
        told = [each for each in events if each["event"] == "invitation"]
        assert all((each["surface"], each["address"], len(each["account"])) == ("none", None, 12) for each in told)
        return [(each["outcome"], each["reason"]) for each in told]

    def made(self, email: str, *options: str) -> dict[str, Any]:
        """Invite somebody with success; return what is printed."""
        done = self(email, *options)
        assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        return told

    def pending(self, organization: str) -> list[str]:
        """List whom an organization has invited who can still come."""
        listed = map(json.loads, self("--list", "--organization", organization).stdout.splitlines())
        return [each["email"] for each in listed if each["status"] == "PENDING"]

    def token(self, email: str, organization: str, *options: str) -> str:
        """Invite somebody with success, without a mail; return what he has to show."""
        return str(self.made(email, "--organization", organization, "--no-mail", *options)["id"])


def an_address() -> str:
    """Think up an address that nobody has."""
    return f"new-{secrets.token_hex(5)}@example.test"
