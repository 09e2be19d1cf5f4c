"""The wire shapes of OpenID Connect Back-Channel Logout 1.0, sections 2.5 and 2.8."""

from pydantic import BaseModel, Field

from gateway.domain.tokens import MAX_TOKEN
from gateway.web.inputs import TextModel


class LogoutForm(TextModel):
    """What Keycloak posts."""

    logout_token: str = Field(max_length=MAX_TOKEN)


class Acknowledged(BaseModel):
    """The empty object: the session counts as ended."""


class LogoutError(BaseModel):
    """Why the token was not accepted."""

    error: str
    error_description: str
