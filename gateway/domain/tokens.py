"""Tokens as Keycloak grants them, and what can be read from them."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Tokens:
    """One answer of Keycloak's token endpoint (RFC 6749 section 5.1).

    Attributes:
        expires_in: seconds the access token lives.
        refresh_expires_in: seconds the refresh token lives; 0 means no fixed expiry (offline tokens).
        scope: granted scopes, space separated; may be empty.
        session_id: Keycloak's session id (`session_state`, or `sid` of the access token).
        account_id: the person's Keycloak user id (`sub` of the access token).
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_in: int
    refresh_expires_in: int
    scope: str
    token_type: str
    session_id: str
    account_id: str


@dataclass(frozen=True, slots=True)
class TokenHints:
    """What a token says of itself, unverified: good for choosing a client, never for trust."""

    client_id: str
    kind: str
    session_id: str
    account_id: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person whose access token was verified.

    Attributes:
        account_id: Keycloak user id.
        username: the name as Keycloak has it, never as a request spelled it.
        session_id: the Keycloak session the token belongs to.
        client_id: the client the token was issued to (`azp`).
        realm_management_roles: roles of Keycloak's `realm-management` client in this token.
    """

    account_id: str
    username: str
    session_id: str
    client_id: str
    realm_management_roles: frozenset[str]
