"""A gateway that asks Keycloak about access clients and sessions every time."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.servers.gateway import ServedGateway
from tests.servers.people import Person
from tests.surfaces.cyclos.client import Cyclos, told
from tests.surfaces.cyclos.further import (
    activated,
    activation_code,
)


@dataclass(frozen=True, slots=True)
class Clients:
    """A gateway that asks Keycloak about access clients and sessions every time.

    Attributes:
        variables: its settings.
    """

    served: ServedGateway
    cyclos: Cyclos
    variables: Mapping[str, str]

    def made(self, person: Person, **query: str) -> str:
        """Make a client; return its token."""
        answer = activated(self.cyclos, person, activation_code(self.variables, person), **query)
        return str(told(answer)["token"])
