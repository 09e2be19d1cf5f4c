"""The answers by which Keycloak gives tokens (RFC 6749 section 5.1), read."""

from collections.abc import Mapping
from http import HTTPStatus

from pydantic import BaseModel, TypeAdapter

from gateway.domain.tokens import DatedTokens, Tokens
from gateway.jose.compact import looked_into, seconds_of, text_of
from gateway.keycloak.answers import Answer
from gateway.keycloak.errors import unexpected

ORGANIZATION = "organization"
"""Name of the scope and of the claim that tell organizations."""


class _TokenAnswer(BaseModel):
    access_token: str
    refresh_token: str
    expires_in: int
    refresh_expires_in: int
    token_type: str
    scope: str = ""
    session_state: str = ""


_TOKEN_ANSWER = TypeAdapter(_TokenAnswer)


def tokens_of(answer: Answer) -> Tokens:
    """Read a token answer.

    Raises:
        Unavailable: it is none.
    """
    told = answer.read("tokens", _TOKEN_ANSWER)
    return Tokens(
        access_token=told.access_token,
        refresh_token=told.refresh_token,
        expires_in=told.expires_in,
        refresh_expires_in=told.refresh_expires_in,
        scope=told.scope,
        token_type=told.token_type,
        session_id=told.session_state or _session_of(told.access_token),
    )


def dated(tokens: Tokens) -> DatedTokens:
    """Read from tokens that Keycloak has just granted when they expire.

    Raises:
        Unavailable: the access token does not say.
    """
    expires_at = expiry_of(looked_into(tokens.access_token).claims)
    if expires_at is None:
        raise unexpected("expiry of an access token", HTTPStatus.OK)
    return DatedTokens(
        session_id=tokens.session_id,
        access_token=tokens.access_token,
        expires_at=expires_at,
        refresh_token=tokens.refresh_token,
        refresh_expires_at=expiry_of(looked_into(tokens.refresh_token).claims),
    )


def organizations_in(tokens: Tokens) -> set[str]:
    """Read the aliases of the claim, which is a list, or an object when the mapper adds more to each."""
    claim = looked_into(tokens.access_token).claims.get(ORGANIZATION)
    return {each for each in claim if isinstance(each, str)} if isinstance(claim, list | dict) else set()


def expiry_of(claims: Mapping[str, object]) -> int | None:
    """Read when a token expires, seconds since the epoch; None for an offline token without a fixed expiry."""
    return seconds_of(claims, "exp") if "exp" in claims else None


def _session_of(access_token: str) -> str:
    """Read the session from the token; clients can be set up to leave `session_state` out of the answer."""
    return text_of(looked_into(access_token).claims, "sid")
