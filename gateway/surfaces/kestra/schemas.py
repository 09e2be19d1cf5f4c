"""The wire shapes that requests of the Kestra AuthApi take (contract section 1)."""

from typing import Annotated

from pydantic import Field

from gateway.domain.accounts import MAX_NAME
from gateway.identity.new_passwords import MAX_NEW_PASSWORD
from gateway.identity.sign_in import MAX_PASSWORD_BYTES
from gateway.web.inputs import TextModel, WireModel

# Told in the document only: a longer name is one that nobody has, and a longer password is judged after the token.
Name = Annotated[str, Field(json_schema_extra={"maxLength": MAX_NAME})]
Secret = Annotated[
    str, Field(json_schema_extra={"maxLength": MAX_PASSWORD_BYTES}, description=f"{MAX_PASSWORD_BYTES} bytes at most")
]


class ForgottenPasswordQuery(TextModel):
    """Query of *forgotten_password*; given twice it is none."""

    usernames: list[Name] = Field(alias="username", min_length=1, max_length=1)

    @property
    def username(self) -> str:
        """The one value."""
        return self.usernames[0]


class ForgottenPasswordRequest(WireModel):
    """Body of the same as a POST, as newer clients have it."""

    username: Name | None = None


class ResetPasswordRequest(WireModel):
    """Body of *reset_password*."""

    token: str = Field(min_length=1)
    password: str = Field(min_length=1, json_schema_extra={"maxLength": MAX_NEW_PASSWORD})


class RequestCodePath(TextModel):
    """Whom a code is for."""

    email: Name


class LoginRequest(WireModel):
    """Body of *login*; `identity` and `secret`, which Kestra's own login has besides, are not looked at."""

    username: Name
    password: Secret = Field(description="the password, or a mailed code")
