"""Organizations as Keycloak has them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Organization:
    """A Keycloak Organization.

    Attributes:
        id: Keycloak's id (UUID).
        alias: the short name people and headers use.
    """

    id: str
    alias: str

    def is_called(self, name: str) -> bool:
        """Say whether `name` is this organization's alias or id."""
        return name in (self.alias, self.id)
