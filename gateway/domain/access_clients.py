"""Programs that act for a person for long, without the password (cyclos contract section 9)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class AccessClient:
    """One of them.

    Attributes:
        id: of Keycloak's offline session, in which all that it may do ends.
        name: as the operator has called it.
        account_id: Keycloak user id of the person.
    """

    id: str
    name: str
    account_id: str


@dataclass(frozen=True, slots=True)
class ActivatedClient:
    """One that can act from now on.

    Attributes:
        token: what it acts by; nobody keeps it.
    """

    client: AccessClient
    token: str = field(repr=False)
