"""The wire shapes that requests of PipesHub UserAccount take (contract sections 5 to 10)."""

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator
from pydantic_core import PydanticCustomError

from gateway.domain.accounts import normalise_name
from gateway.domain.identity_providers import ProviderTokens
from gateway.domain.mail_addresses import MAX_ADDRESS
from gateway.domain.password_rules import PasswordRule
from gateway.domain.sign_in_methods import SignInMethod
from gateway.surfaces.pipeshub.browsers import BROWSER_COOKIE
from gateway.web.camel_case import CamelBody
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

# Wider than what mail goes to: whatever Keycloak has taken for an address signs its owner in.
_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


def _address(text: str) -> str:
    """Take an address as section 5 wants it, in the one spelling that everything else uses."""
    address = normalise_name(text) if len(text) <= MAX_ADDRESS and _ADDRESS.fullmatch(text) else None
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
IdToken = Annotated[str, Field(min_length=1, max_length=8192)]
AccessToken = Annotated[str, Field(min_length=1, max_length=16384)]
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


class GoogleCredentials(WireModel):
    """Credentials of the method `google`, which may be the bare text as well."""

    credential: IdToken


class MicrosoftCredentials(CamelBody):
    """Credentials of the methods `microsoft` and `azureAd`; the access token is not looked at."""

    access_token: AccessToken
    id_token: IdToken


class OauthCredentials(CamelBody):
    """Credentials of the method `oauth`."""

    access_token: AccessToken
    id_token: IdToken | None = None


class AddressRequest(WireModel):
    """Body of *generateLoginOtp* and *forgotPassword*."""

    email: Address
    captcha: Captcha = None


class PasswordChange(CamelBody):
    """Body of *resetPassword*."""

    current_password: str = Field(min_length=1)
    new_password: str = Field(min_length=1)
    captcha: Captcha = None


class NewPassword(WireModel):
    """Body of *resetPasswordWithToken*."""

    password: str = Field(min_length=1)


class SamlQuery(TextModel):
    """Query of the SAML sign-in."""

    email: Address
    session_token: str = Field("", alias="sessionToken", description="from `initAuth`; one is begun without it")


class SamlCallbackQuery(TextModel):
    """Query of the way back, as Keycloak writes it (RFC 6749 section 4.1.2); without a code it is a refusal."""

    state: str = ""
    code: str = ""


class SamlCallbackCookies(TextModel):
    """What the browser has kept on its way."""

    browsers: list[str] = Field([], alias=BROWSER_COOKIE, description="from the answer of `samlSignIn`")

    @property
    def browser(self) -> str:
        """The one value; a second cookie of that name is somebody else's, and neither counts then."""
        return self.browsers[0] if len(self.browsers) == 1 else ""


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


def tokens_of(method: SignInMethod, credentials: object) -> ProviderTokens:
    """Read the credentials of a method of an identity provider.

    Raises:
        InvalidRequest: they have another shape.
    """
    try:
        return _tokens_of(method, credentials)
    except ValidationError:
        raise invalid("credentials", f"do not have the shape that `{method}` wants") from None


def _tokens_of(method: SignInMethod, credentials: object) -> ProviderTokens:
    if method is SignInMethod.GOOGLE:
        named = {"credential": credentials} if isinstance(credentials, str) else credentials
        return ProviderTokens(identity=GoogleCredentials.model_validate(named).credential)
    if method is SignInMethod.OAUTH:
        of_oauth = OauthCredentials.model_validate(credentials)
        return ProviderTokens(of_oauth.id_token or "", of_oauth.access_token)
    of_microsoft = MicrosoftCredentials.model_validate(credentials)
    return ProviderTokens(of_microsoft.id_token, of_microsoft.access_token)


def invalid(member: str, message: str, *, place: str = "body") -> InvalidRequest:
    """Make the refusal of one member of a body, or of another place."""
    return InvalidRequest((Problem((place, member), "value_error", message),))
