"""A gateway that asks for a sent code beside the password."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from tests.servers.gateway import ServedGateway
from tests.servers.people import Person
from tests.servers.sms_provider import SmsProvider
from tests.surfaces.cyclos.client import (
    Cyclos,
    token_of,
    told,
)


@dataclass(frozen=True, slots=True)
class Asking:
    """A gateway that asks for a sent code beside the password.

    Attributes:
        provider: who delivers its text messages.
        variables: its settings.
    """

    served: ServedGateway
    cyclos: Cyclos
    provider: SmsProvider
    variables: Mapping[str, str]

    def pending(self, person: Person) -> Cyclos:
        """Log in; the session awaits a code."""
        answer = self.cyclos.login(person.username, person.password)
        assert told(answer)["pendingSecondaryPassword"] is True
        return self.cyclos.by_session(token_of(answer))


def told_list(answer: httpx.Response) -> object:
    """Read an answer that is a list."""
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json"), answer.text
    return answer.json()
