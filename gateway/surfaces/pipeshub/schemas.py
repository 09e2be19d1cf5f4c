"""The wire shapes that requests of PipesHub UserAccount take (contract sections 5 to 10)."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from gateway.domain.accounts import MAX_ADDRESS, normalise_address
from gateway.domain.password_rules import PasswordRule
from gateway.web.inputs import TextModel, WireModel
from gateway.web.refusals import InvalidRequest, Problem

PASSWORD_RULE = PasswordRule(
    at_least=8,
    kinds=(
        ("an upper-case letter", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        ("a lower-case letter", "abcdefghijklmnopqrstuvwxyz"),
        ("a digit", "0123456789"),
        ("one of #?!@$%^&*-", "#?!@$%^&*-"),
    ),
)
"""Contract section 10."""


def _address(text: str) -> str:
    """Take an address as section 5 wants it, in the one spelling that everything else uses."""
    address = normalise_address(text)
    if address is None:
        raise ValueError(f"must be one e-mail address of at most {MAX_ADDRESS} characters")
    return address


def _credentials(value: object, validate: ValidatorFunctionWrapHandler) -> object:
    """Tell one problem of one member; pydantic tells one of each type, and names it as Python does."""
    try:
        return validate(value)
    except ValidationError:
        raise PydanticCustomError("credentials_type", "Input should be an object or a string") from None


Address = Annotated[str, AfterValidator(_address)]
Credentials = Annotated[dict[str, Any] | str, WrapValidator(_credentials)]
_Solution = Annotated[str, Field(max_length=2048)]
"""Turnstile's own limit."""
Captcha = Annotated[
    _Solution | None,
    Field(alias="cf-turnstile-response", description="of a solved CAPTCHA; required while that is on, else ignored"),
]


class InitAuthRequest(WireModel):
    """Body of *initAuth*."""

    email: Address


class SessionHeaders(TextModel):
    """The sign-in under way."""

    x_session_token: str = Field("", alias="x-session-token", description="from the answer of `initAuth`")


class AuthenticateRequest(WireModel):
    """Body of *authenticate*."""

    method: Literal["samlSso", "otp", "password", "google", "microsoft", "azureAd", "oauth"]
    credentials: Credentials
    email: str | None = Field(None, description="must be the sign-in's, when given")
    captcha: Captcha = None


class PasswordCredentials(WireModel):
    """Credentials of the method `password`."""

    password: str = Field(min_length=1)


class CodeCredentials(WireModel):
    """Credentials of the method `otp`."""

    otp: str = Field(pattern=r"^[0-9]{6}$")


class AddressRequest(WireModel):
    """Body of *generateLoginOtp* and *forgotPassword*."""

    email: Address
    captcha: Captcha = None


class PasswordChange(WireModel):
    """Body of *resetPassword*."""

    current_password: str = Field(alias="currentPassword", min_length=1)
    new_password: str = Field(alias="newPassword", min_length=1)
    captcha: Captcha = None


class NewPassword(WireModel):
    """Body of *resetPasswordWithToken*."""

    password: str = Field(min_length=1)


class SamlQuery(TextModel):
    """Query of the SAML sign-in."""

    email: Address
    session_token: str = Field("", alias="sessionToken")


def password_of(credentials: object) -> str:
    """Read the credentials of the method `password`.

    Raises:
        InvalidRequest: they have another shape.
    """
    try:
        return PasswordCredentials.model_validate(credentials).password
    except ValidationError:
        raise invalid("credentials", "must be an object with a `password`") from None


def code_of(credentials: object) -> str:
    """Read the credentials of the method `otp`.

    Raises:
        InvalidRequest: they have another shape.
    """
    try:
        return CodeCredentials.model_validate(credentials).otp
    except ValidationError:
        raise invalid("credentials", "must be an object with an `otp` of six digits") from None


def invalid(member: str, message: str) -> InvalidRequest:
    """Make the refusal of one member of a body."""
    return InvalidRequest((Problem(("body", member), "value_error", message),))
