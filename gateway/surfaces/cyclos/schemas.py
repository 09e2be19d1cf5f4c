"""The wire shapes that requests of the Cyclos AuthApi take (contract sections 1, 3 and 5)."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_core import PydanticCustomError

from gateway.surfaces.cyclos.fields import Selection, UnreadableFieldsError
from gateway.web.inputs import SENT, TextModel

COOKIE = "Session-Token"
UNCONVERTIBLE = "data_conversion"
"""Kind of a problem with what should have been a number or a boolean."""

_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_INTEGER = re.compile(r"(-?)0*([0-9]+)", re.ASCII)
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


Fields = Annotated[list[str], AfterValidator(_readable)]
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


class CredentialCookies(TextModel):
    """The half of a token that browsers keep."""

    session_tokens: list[str] = Field([], alias=COOKIE, description="second half of the token of a session")
