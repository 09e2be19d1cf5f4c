"""The wire shapes that answers of the Kestra AuthApi take: always an object (contract section 0)."""

from pydantic import BaseModel, Field

from gateway.identity.direct_sign_in import Welcome
from gateway.identity.ways_in import WaysIn


class Done(BaseModel):
    """The empty object: done, or on its way, or there was nobody to do it for."""


class AuthControllerAuth(BaseModel):
    """Answer of *index*."""

    login_password: bool = Field(serialization_alias="loginPassword")
    mails_enabled: bool = Field(serialization_alias="mailsEnabled")
    passwordless: bool
    oauths: list[str]

    @classmethod
    def of(cls, ways: WaysIn) -> "AuthControllerAuth":
        """Write the ways to sign in in the document's words."""
        return cls(
            login_password=ways.password,
            mails_enabled=ways.mails,
            passwordless=ways.mailed_code,
            oauths=list(ways.providers),
        )


class LoginAnswer(BaseModel):
    """Answer of *login*."""

    username: str
    access_token: str
    refresh_token: str
    token_type: str
    expires_in: int = Field(description="seconds")
    roles: list[str] = Field(description="of the realm")

    @classmethod
    def of(cls, welcome: Welcome) -> "LoginAnswer":
        """Write Keycloak's tokens in the document's words."""
        tokens, holder = welcome.tokens, welcome.holder
        return cls(
            username=holder.username,
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            token_type=tokens.token_type,
            expires_in=tokens.expires_in,
            roles=list(holder.roles),
        )
