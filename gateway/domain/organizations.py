"""Organizations as Keycloak has them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Organization:
    """A Keycloak Organization.

    Attributes:
        id: Keycloak's id (UUID).
        alias: the short name people and headers use.
        name: what people call it.
        description: what it says of itself; may be empty.
        domains: of its members' e-mail addresses, in lower case.
        sign_in_steps: what its attribute for them holds, as written; empty when it has none.
        is_on: whether Keycloak has it switched on.
    """

    id: str
    alias: str
    name: str = field(default="", compare=False)
    description: str = field(default="", compare=False)
    domains: frozenset[str] = field(default=frozenset(), compare=False)
    sign_in_steps: tuple[str, ...] = field(default=(), compare=False)
    is_on: bool = field(default=True, compare=False)

    def is_called(self, name: str) -> bool:
        """Say whether `name` is this organization's alias or id."""
        return name in (self.alias, self.id)
