"""Who comes by an opaque session, a program that acts for a person, or a password: what is offered and what it means.

Keycloak's tokens stay here: whoever signs in this way gets a token of ours that stands for the session.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from gateway.domain.access_clients import AccessClient


class NameKind(StrEnum):
    """What a person may be called by to sign in."""

    USERNAME = "username"
    EMAIL = "email"
    PHONE = "mobilePhone"


@dataclass(frozen=True, slots=True)
class Principal:
    """The name that somebody has signed in by.

    Attributes:
        kind: what it is to the account.
        name: as typed.
    """

    kind: NameKind
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OfferedPassword:
    """A name and a password.

    Attributes:
        name: as typed.
        password: the same.
        kind: what the caller says the name is: a word for one kind, `*` for any, or empty for not said.
    """

    name: str = field(repr=False)
    password: str = field(repr=False)
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Offered:
    """What a request brings to show who is asking; the first that is there decides.

    Attributes:
        session: token of a session; empty when its halves do not make one, None when there is none.
        access_client: token of a program, or None.
        password: name and password, or None.
        organization: alias of the organization whose address was called, or None.
    """

    session: str | None = field(default=None, repr=False)
    access_client: str | None = field(default=None, repr=False)
    password: OfferedPassword | None = None
    organization: str | None = None


@dataclass(frozen=True, slots=True)
class OpaqueSession:
    """A session that a token of ours stands for.

    Attributes:
        account_id: Keycloak user id.
        principal: the name it began with; None when a program began it.
        access_client: that program, or None.
        organization_id: of the organization it belongs to, or None.
        session_id: Keycloak session id; empty while a second proof is awaited, since Keycloak has no session before.
        refresh_token: of that session; empty as long.
        issued_at: when it began, seconds since the epoch by the clock of whoever began it.
    """

    account_id: str
    principal: Principal | None
    access_client: AccessClient | None
    organization_id: str | None
    session_id: str = ""
    refresh_token: str = field(default="", repr=False)
    issued_at: int = 0

    @property
    def is_pending(self) -> bool:
        """Whether a second proof is awaited."""
        return not self.session_id

    @property
    def has_no_own_end(self) -> bool:
        """Whether it has to end here: Keycloak has no session of it, or a program's, which goes on."""
        return self.is_pending or self.access_client is not None


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who has shown who he is.

    Attributes:
        account_id: Keycloak user id.
        principal: the name that was given; None for a program.
        access_client: the program that acts for the person, or None.
        session: the session it was shown by, or that has begun; None for a single request.
        token: what stands for that session; empty without one.
    """

    account_id: str
    principal: Principal | None
    access_client: AccessClient | None = None
    session: OpaqueSession | None = None
    token: str = field(default="", repr=False)

    @property
    def is_pending(self) -> bool:
        """Whether a second proof is awaited."""
        return self.session is not None and self.session.is_pending
