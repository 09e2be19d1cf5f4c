"""The wire shapes that requests of the Cyclos AuthApi take (contract sections 1, 3 and 5)."""

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, RootModel
from pydantic_core import PydanticCustomError, from_json

from gateway.domain.proofs import Medium
from gateway.identity.access_client_tokens import is_prefix
from gateway.surfaces.cyclos.fields import Selection, UnreadableFieldsError
from gateway.web.inputs import SENT, TextModel, WireModel

COOKIE = "Session-Token"
UNCONVERTIBLE = "data_conversion"
"""Kind of a problem with what should have been a number or a boolean."""

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_INTEGER = re.compile(r"(-?)0*([0-9]+)", re.ASCII)
_NO_PREFIX = "Input should be at most 255 printable ASCII characters, none of them ~, and the first no blank"
_LONGEST = 9
"""Digits that are looked at: a number with more of them is more than any time that a session may last."""


class NetworkPath(TextModel):
    """Which network the address that was called is of; none where it is no network's."""

    network: str | None = None


def _readable(values: list[str]) -> list[str]:
    try:
        Selection.parse(values)
    except UnreadableFieldsError as error:
        raise PydanticCustomError("fields", str(error)) from None
    return values


def _boolean(text: str) -> bool:
    if text.lower() not in _BOOLEANS:
        raise _unconvertible(text, "true or false")
    return _BOOLEANS[text.lower()]


def _seconds(text: str) -> int:
    match = _INTEGER.fullmatch(text)
    if match is None:
        raise _unconvertible(text, "a whole number")
    sign, digits = match.groups()
    return int(sign + (digits if len(digits) <= _LONGEST else "9" * _LONGEST))


def _unconvertible(text: str, wanted: str) -> PydanticCustomError:
    return PydanticCustomError(UNCONVERTIBLE, "Input should be {wanted}", {"wanted": wanted, SENT: text})


def _medium(text: str) -> str:
    if text not in list(Medium):
        raise _unconvertible(text, "email or sms")
    return text


def _as_sent(text: str) -> str:
    """Read a header as UTF-8, which HTTP libraries take for Latin-1; as Latin-1 where it is no UTF-8."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text


def _prefix(text: str) -> str:
    if not is_prefix(text):
        raise PydanticCustomError("prefix", _NO_PREFIX)
    return text


Fields = Annotated[list[str], AfterValidator(_readable)]
Latin1OrUtf8 = Annotated[str, AfterValidator(_as_sent)]
Boolean = Annotated[bool, BeforeValidator(_boolean)]
Seconds = Annotated[int, BeforeValidator(_seconds), Field(ge=1)]


class FieldsQuery(TextModel):
    """What is wanted of the answer."""

    fields: Fields = Field([], description="names, repeated or joined by commas; all of it when none is named")

    @property
    def selection(self) -> Selection:
        """It, read."""
        return Selection.parse(self.fields)


class CookieQuery(TextModel):
    """Whether half of the session's token is in a cookie."""

    cookie: Boolean = Field(default=False, description="whether half of the token is in a cookie")


class LoginQuery(FieldsQuery, CookieQuery):
    """Query of *login*."""

    timeout_in_seconds: Seconds | None = Field(
        None, alias="timeoutInSeconds", description="how long the session lasts without being used, if less than usual"
    )

    @property
    def lasting(self) -> timedelta | None:
        """How long the session lasts without being used; None for as long as usual."""
        return None if self.timeout_in_seconds is None else timedelta(seconds=self.timeout_in_seconds)


class CredentialHeaders(TextModel):
    """What may show who is asking; each operation takes some of it."""

    authorization: str = Field("", description="`Basic`; an empty name with an empty password is none")
    principal_type: str = Field("", alias="Principal-Type", description="what that name is; `*` for anything")
    session_token: str = Field("", alias="Session-Token", description="token of a session, or its first half")
    session_prefix: str = Field("", alias="Session-Prefix", description="first half of the token of a session")
    access_client_token: str = Field("", alias="Access-Client-Token", description="token of a program")


class ConfirmedHeaders(CredentialHeaders):
    """The same, with what confirms that it is meant."""

    confirmation_password: Latin1OrUtf8 = Field("", alias="confirmationPassword", description="if one is asked for")


class CredentialCookies(TextModel):
    """The half of a token that browsers keep."""

    session_tokens: list[str] = Field([], alias=COOKIE, description="second half of the token of a session")


class SendQuery(TextModel):
    """Query of *newOtp*."""

    medium: Annotated[Literal["email", "sms"], BeforeValidator(_medium)] = Field(description="how the code is sent")

    @property
    def wanted(self) -> Medium:
        """It, read."""
        return Medium(self.medium)


class ActivationQuery(TextModel):
    """Query of *activateClient*."""

    code: str = Field(description="as an operator has handed it over")
    prefix: Annotated[str, AfterValidator(_prefix)] = Field(
        "", description="what the client will send before its token, which is worthless without it"
    )


class KeyQuery(FieldsQuery):
    """Query of *getDataForChangeForgottenPassword*."""

    key: str = Field(description="as it was mailed")


class TypedPassword(RootModel[str]):
    """A password, alone in a body."""

    @property
    def text(self) -> str:
        """What was typed: of a JSON string its value, of anything else all of it."""
        text = self.root.strip()
        try:
            value = from_json(text)
        except ValueError:
            return text
        return value.strip() if isinstance(value, str) else text


class ForgottenPasswordRequest(WireModel):
    """Whose password was forgotten."""

    user: str | None = Field(None, description="any name that one logs in by, or the e-mail")


class ChangeForgottenPassword(WireModel):
    """A key, and the password that it is used for."""

    key: str | None = Field(None, description="as it was mailed")
    new_password: str | None = Field(None, alias="newPassword")
    check_confirmation: bool | None = Field(None, alias="checkConfirmation", description="whether the next counts")
    new_password_confirmation: str | None = Field(None, alias="newPasswordConfirmation")
