"""The wire shapes of ToanFndtn IAM (contract section 2)."""

from typing import Annotated

from pydantic import BaseModel, Field, field_validator

from gateway.domain.accounts import MAX_NAME
from gateway.domain.tokens import MAX_TOKEN, Tokens
from gateway.identity.new_passwords import MAX_NEW_PASSWORD
from gateway.identity.password_proofs import MAX_PASSWORD_BYTES
from gateway.web.inputs import TextModel, WireModel

Organization = Annotated[str, Field(max_length=255)]

# The rest is told in the document only. The contract wants other answers than 422 for what is longer (sections 3 and
# 4): a name that nobody has, a token that is not good. Whoever judges it gives them.
Name = Annotated[str, Field(json_schema_extra={"maxLength": MAX_NAME})]
Token = Annotated[str, Field(json_schema_extra={"maxLength": MAX_TOKEN})]
Password = Annotated[
    str, Field(json_schema_extra={"maxLength": MAX_PASSWORD_BYTES}, description=f"{MAX_PASSWORD_BYTES} bytes at most")
]
PasswordToSet = Annotated[str, Field(json_schema_extra={"maxLength": MAX_NEW_PASSWORD})]
AccountId = Annotated[str, Field(json_schema_extra={"maxLength": 36})]


class UserCredentials(WireModel):
    """Body of *login*."""

    user: Name
    password: Password
    remember_me: bool | None = Field(default=False, description="null is false")


class RefreshToken(WireModel):
    """Body of *refresh* and *logout*."""

    refresh_token: Token


class PasswordChange(WireModel):
    """Body of *change*."""

    current_password: Password
    new_password: PasswordToSet


class NewPassword(WireModel):
    """Body of *admin*."""

    new_password: PasswordToSet


class ResetQuery(TextModel):
    """Query of *reset*."""

    username: Name = Field(min_length=1)

    @field_validator("username", mode="before")
    @classmethod
    def _trimmed(cls, value: str) -> str:
        return value.strip()


class OrganizationHeaders(TextModel):
    """The organization a call is made in, by alias or id."""

    x_org: Organization = Field(alias="x-org", min_length=1)
    x_org_override: Organization | None = Field(None, alias="x-org-override")


class TargetUser(TextModel):
    """Whose password *admin* sets."""

    user_id: AccountId


class TokenOpenID(BaseModel):
    """Answer of *login* and *refresh*; no member may be missing or null."""

    access_token: str
    refresh_token: str
    expires_in: int = Field(description="seconds")
    refresh_expires_in: int = Field(description="seconds; 0 means no fixed expiry")
    scope: str
    token_type: str
    session_state: str

    @classmethod
    def of(cls, tokens: Tokens) -> "TokenOpenID":
        """Write Keycloak's tokens in the document's words."""
        return cls(
            access_token=tokens.access_token,
            refresh_token=tokens.refresh_token,
            expires_in=tokens.expires_in,
            refresh_expires_in=tokens.refresh_expires_in,
            scope=tokens.scope,
            token_type=tokens.token_type,
            session_state=tokens.session_id,
        )


class BackendIamSchemaOK(BaseModel):
    """The empty object: done."""


class ErrorDetail(BaseModel):
    """Every refusal but 422."""

    detail: str


class ValidationProblem(BaseModel):
    """One thing wrong with a request; what was sent is never repeated."""

    loc: list[str | int]
    msg: str
    type: str


class HTTPValidationError(BaseModel):
    """The 422."""

    detail: list[ValidationProblem]
