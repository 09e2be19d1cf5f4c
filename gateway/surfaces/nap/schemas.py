"""The wire shapes that requests to the NAP auth platform take (contract section 2)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from gateway.domain.accounts import MAX_NAME, NewPerson, normalise_address
from gateway.domain.mail_addresses import MAX_ADDRESS
from gateway.web.camel_case import CamelBody
from gateway.web.inputs import TextModel, WireModel
from gateway.web.refusals import InvalidRequest, Problem

SESSION_HEADER = "X-NAP-Session-Token"
REFRESH_HEADER = "X-NAP-Refresh-Token"


def _address(text: str) -> str:
    """Take an address in the one spelling that everything else uses."""
    address = normalise_address(text)
    if address is None:
        raise ValueError(f"must be one e-mail address of at most {MAX_ADDRESS} characters")
    return address


def _name(text: str) -> str:
    """Take a name that is one: Keycloak would take a blank one, and then sign nobody in who has it."""
    if not text.strip():
        raise ValueError("must not be blank")
    return text


Address = Annotated[str, AfterValidator(_address)]
Name = Annotated[str, AfterValidator(_name), Field(min_length=1, max_length=MAX_NAME)]


class HandlersUserLoginData(CamelBody):
    """Body of the login."""

    email: Address
    password: str = Field(min_length=1)
    flow_return_to: str | None = Field(None, max_length=2048, description="told again by the flow, unjudged")


class HandlersUserSignupData(CamelBody):
    """Body of the sign-up."""

    email: Address
    password: str = Field(min_length=8, max_length=32)
    confirm_password: str = Field(description="the same again")
    first_name: Name
    last_name: Name
    invite_token: str | None = Field(None, max_length=1024, description="of an invitation; a blank one is none")

    @field_validator("confirm_password")
    @classmethod
    def _same(cls, text: str, info: ValidationInfo) -> str:
        if text != info.data.get("password", text):
            raise ValueError("must be the same as password")
        return text

    @property
    def person(self) -> NewPerson:
        """Who asks for an account."""
        return NewPerson(self.email, self.first_name, self.last_name, self.password)

    @property
    def invitation(self) -> str | None:
        """The invitation, if there is one."""
        return (self.invite_token or "").strip() or None


class HandlersSendVerificationEmailData(WireModel):
    """Body of the ask for a verification mail."""

    email: Address


class HandlersVerifyEmailTokenData(WireModel):
    """Body of the verification."""

    token: str = Field(min_length=1, max_length=1024, description="of the link in the mail")


class FlowPath(TextModel):
    """Which flow."""

    flow_id: str = Field(alias="flowId", description="from the answer of the login")


class FlowAnswer(CamelBody):
    """Body of a flow's completion: what the flow waits for."""

    org_id: str | None = Field(None, max_length=255, description="id or slug of one of the organizations on offer")
    code: str | None = Field(None, max_length=64, description="one-time code of the person's generator")


class LogoutHeaders(TextModel):
    """What the session to be ended is known by; the first one that counts."""

    session_token: str = Field("", alias=SESSION_HEADER)
    refresh_token: str = Field("", alias=REFRESH_HEADER)


class RefreshHeaders(TextModel):
    """The refresh token."""

    refresh_token: str = Field(alias=REFRESH_HEADER)


def missing(*headers: str) -> InvalidRequest:
    """Make the refusal of a request that lacks headers."""
    return InvalidRequest(tuple(Problem(("header", header), "missing", "Field required") for header in headers))


def wrapped(token: str) -> str:
    """Put a token into base64url without padding, as all tokens travel here (contract section 2)."""
    return urlsafe_b64encode(token.encode()).rstrip(b"=").decode()


def unwrapped(text: str) -> str:
    """Take a token out of it again; empty, which no token is, for what is wrapped in no way or in another one."""
    try:
        token = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4)).decode("ascii")
    except ValueError:
        return ""
    return token if wrapped(token) == text else ""
