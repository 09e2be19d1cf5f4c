"""Tokens as Keycloak grants them, and what can be read from them."""

from dataclasses import dataclass, field

_ADMINISTERING = frozenset({"manage-users", "realm-admin"})

MAX_TOKEN = 8192
"""Longest token that is looked at, characters (security S25, S32)."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """One answer of Keycloak's token endpoint (RFC 6749 section 5.1).

    Attributes:
        expires_in: seconds the access token lives.
        refresh_expires_in: seconds the refresh token lives; 0 means no fixed expiry (offline tokens).
        scope: granted scopes, space separated; may be empty.
        session_id: Keycloak's session id (`session_state`, or `sid` of the access token).
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    refresh_expires_in: int
    scope: str
    token_type: str
    session_id: str


@dataclass(frozen=True, slots=True)
class DatedTokens:
    """The tokens of a session with the moments at which they expire, for documents that tell these.

    Attributes:
        session_id: Keycloak session id.
        expires_at: of the access token, seconds since the epoch (`exp`).
        refresh_expires_at: of the refresh token; None for one without a fixed expiry (offline tokens).
    """

    session_id: str
    access_token: str = field(repr=False)
    expires_at: int
    refresh_token: str = field(repr=False)
    refresh_expires_at: int | None


@dataclass(frozen=True, slots=True)
class TokenHolder:
    """Whom tokens are for, as they tell it themselves.

    Attributes:
        username: the name as Keycloak has it; empty where the realm's tokens do not tell it.
        roles: of the realm, in order.
    """

    username: str
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person whose access token was verified.

    Attributes:
        account_id: Keycloak user id.
        session_id: the Keycloak session the token belongs to.
        client_id: the client the token was issued to (`azp`).
        issued_at: seconds since the epoch (`iat`).
        expires_at: seconds since the epoch (`exp`).
        realm_management_roles: roles of Keycloak's `realm-management` client in this token.
    """

    account_id: str
    session_id: str
    client_id: str
    issued_at: int
    expires_at: int
    realm_management_roles: frozenset[str]

    @property
    def administers_realm(self) -> bool:
        """Say whether the person is a platform administrator (toan contract section 3.5)."""
        return not self.realm_management_roles.isdisjoint(_ADMINISTERING)


@dataclass(frozen=True, slots=True)
class PresentedToken:
    """What a refresh token says of itself; Keycloak has not confirmed it.

    Attributes:
        session_id: Keycloak session id.
        account_id: Keycloak user id.
        issued_at: seconds since the epoch (`iat`).
        expires_at: seconds since the epoch (`exp`); None for one without a fixed expiry (offline tokens).
    """

    session_id: str
    account_id: str
    issued_at: int
    expires_at: int | None = None


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A session that Keycloak has ended.

    Attributes:
        session_id: Keycloak session id; empty when all sessions of the account ended.
        account_id: Keycloak user id.
    """

    session_id: str
    account_id: str
