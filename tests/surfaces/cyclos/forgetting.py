"""A gateway that mails keys to who has forgotten the password."""

from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from tests.servers.gateway import ServedGateway
from tests.servers.people import Person
from tests.surfaces.cyclos.client import Cyclos, require_empty
from tests.surfaces.cyclos.further import (
    CHANGE,
    DATA_FOR_CHANGE,
    REQUEST,
    CyclosLetters,
    sent,
)
from tests.surfaces.post import Post

NEW = "N3w!password"


@dataclass(frozen=True, slots=True)
class Forgetting:
    """A gateway that mails keys.

    Attributes:
        post: what it has mailed.
    """

    served: ServedGateway
    cyclos: Cyclos
    letters: CyclosLetters
    variables: Mapping[str, str]
    post: Post

    def ask(self, user: object, **headers: str) -> httpx.Response:
        """Ask for a key."""
        return sent(self.cyclos.by(**headers), "POST", REQUEST, {"user": user})

    def key(self, person: Person, count: int = 1) -> str:
        """Ask for a key, and read it."""
        require_empty(self.ask(person.username), 204)
        return self.letters.key(person, count)

    def data(self, key: str) -> httpx.Response:
        """Look at a key."""
        return self.cyclos.call("GET", DATA_FOR_CHANGE, query={"key": key})

    def change(self, key: str, new: object = NEW, **further: object) -> httpx.Response:
        """Use a key."""
        return sent(self.cyclos, "POST", CHANGE, {"key": key, "newPassword": new, **further})
