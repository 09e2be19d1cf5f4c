"""The wire shapes that answers of the NAP auth platform take (contract section 2).

Its client is strict: what is not there is left out, never null, and nothing is of another type than it is told.
"""

from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel

from gateway.domain.organizations import Organization
from gateway.domain.paused_sign_ins import PausedSignIn
from gateway.domain.tokens import DatedTokens
from gateway.surfaces.nap.schemas import wrapped
from gateway.web.camel_case import CamelAnswer
from gateway.web.outputs import Omittable


class TokensTokens(BaseModel):
    """The tokens of a session; both are wrapped in base64url once more, as the document has them."""

    session_id: str
    session_token: str
    session_token_expiry: str
    refresh_token: str
    refresh_token_expiry: Omittable[str] = None

    @classmethod
    def of(cls, tokens: DatedTokens) -> "TokensTokens":
        """Write tokens in the document's words."""
        expiry = tokens.refresh_expires_at
        return cls(
            session_id=tokens.session_id,
            session_token=wrapped(tokens.access_token),
            session_token_expiry=moment(tokens.expires_at),
            refresh_token=wrapped(tokens.refresh_token),
            refresh_token_expiry=None if expiry is None else moment(expiry),
        )


class HandlersUserLoginResult(CamelAnswer):
    """Answer of the login and of a flow's completion: the tokens, or the flow that leads to them."""

    message: str
    require_email_verification: bool
    tokens: Omittable[TokensTokens] = None
    flow_id: Omittable[str] = None

    @classmethod
    def signed_in(cls, tokens: DatedTokens) -> "HandlersUserLoginResult":
        """Say that the person is signed in."""
        return cls(message="Signed in", require_email_verification=False, tokens=TokensTokens.of(tokens))

    @classmethod
    def of(cls, outcome: DatedTokens | PausedSignIn) -> "HandlersUserLoginResult":
        """Write what a right password has led to in the document's words."""
        if isinstance(outcome, DatedTokens):
            return cls.signed_in(outcome)
        return cls(message="The flow waits for an answer", require_email_verification=False, flow_id=outcome.token)


class HandlersRefreshTokenResult(BaseModel):
    """Answer of the refresh."""

    tokens: TokensTokens

    @classmethod
    def of(cls, tokens: DatedTokens) -> "HandlersRefreshTokenResult":
        """Write new tokens in the document's words."""
        return cls(tokens=TokensTokens.of(tokens))


class ModelsOrgCompat(BaseModel):
    """An organization; Keycloak keeps no dates of it, so none are told."""

    id: str
    name: str
    slug: str
    description: Omittable[str] = None

    @classmethod
    def of(cls, organization: Organization) -> "ModelsOrgCompat":
        """Write an organization in the document's words."""
        return cls(
            id=organization.id,
            name=organization.name,
            slug=organization.alias,
            description=organization.description or None,
        )


class HandlersUserFlowData(CamelAnswer):
    """Answer of the flow: what it waits for."""

    id: str
    type: Literal["login"]
    user_id: str
    email: str
    mfa_required: bool
    mfa_verified: bool
    orgs: Omittable[list[ModelsOrgCompat]] = None
    return_to: Omittable[str] = None
    created_at: str
    expires_at: str

    @classmethod
    def of(cls, paused: PausedSignIn) -> "HandlersUserFlowData":
        """Write a sign-in that pauses in the document's words."""
        return cls(
            id=paused.token,
            type="login",
            user_id=paused.account_id,
            email=paused.name,
            mfa_required=paused.needs_code,
            mfa_verified=False,
            orgs=[ModelsOrgCompat.of(each) for each in paused.offered] or None,
            return_to=paused.return_to,
            created_at=moment(paused.begun_at // 1000),
            expires_at=moment(paused.ends_at // 1000),
        )


class HandlersUserSignupResult(CamelAnswer):
    """Answer of the sign-up."""

    user_id: str
    message: str

    @classmethod
    def of(cls, account_id: str) -> "HandlersUserSignupResult":
        """Say whose account there is now."""
        return cls(user_id=account_id, message="Signed up: the address has to be verified next")


class HandlersSendVerificationEmailResult(BaseModel):
    """Answer of the ask for a verification mail."""

    success: bool
    message: str

    @classmethod
    def sent(cls) -> "HandlersSendVerificationEmailResult":
        """Say that there will be mail."""
        return cls(success=True, message="The mail is on its way")


class HandlersVerifyEmailTokenResult(BaseModel):
    """Answer of the verification."""

    success: bool
    message: str

    @classmethod
    def verified(cls) -> "HandlersVerifyEmailTokenResult":
        """Say that nothing is left to be proven."""
        return cls(success=True, message="The address is verified")


class HandlersLogoutResult(BaseModel):
    """Answer of the logout."""

    success: bool
    message: str

    @classmethod
    def signed_out(cls) -> "HandlersLogoutResult":
        """Say that the session has ended."""
        return cls(success=True, message="Signed out")


def moment(seconds: int) -> str:
    """Write a time, seconds since the epoch (RFC 3339)."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
