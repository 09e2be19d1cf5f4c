"""How the NAP auth platform says no: one body for everything, save the login's own (contract section 2)."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, Field
from starlette.requests import Request

from gateway.domain import errors as reasons
from gateway.web import refusals
from gateway.web.surface import WireError, WireErrors


class HandlersErrorResponse(BaseModel):
    """Every refusal; `debug` is empty unless the operator wants it filled."""

    message: str
    debug: str
    code: int


class HandlersUserLoginRefusal(BaseModel):
    """The 403 of the login, to be read as its result or as an error."""

    message: str
    require_email_verification: bool = Field(alias="requireEmailVerification")
    code: int
    debug: str


def undebugged(_: Request, body: Mapping[str, Any]) -> object:
    """Tell callers no more than they need."""
    return {**body, "debug": ""}


def _says(status: int, message: str, *, tells_when: bool = False) -> WireError:
    def body(reason: Exception) -> object:
        return {"message": message, "debug": _debug(reason), "code": status}

    return WireError(status, message, body, HandlersErrorResponse, tells_when=tells_when)


def _invalid(description: str, message: Callable[[Any], str]) -> WireError:
    def body(reason: Exception) -> object:
        return {"message": message(reason), "debug": _debug(reason), "code": 400}

    return WireError(400, description, body, HandlersErrorResponse)


def _forbids_login(message: str, *, verification: bool) -> WireError:
    def body(reason: Exception) -> object:
        return {
            "message": message,
            "requireEmailVerification": verification,
            "code": 403,
            "debug": _debug(reason),
        }

    return WireError(403, message, body, HandlersUserLoginRefusal)


def _debug(reason: Exception) -> str:
    """Name the reason, and what is wrong with which member; what was sent is never repeated."""
    named = type(reason).__name__
    if not isinstance(reason, refusals.InvalidRequest):
        return named
    return f"{named}: " + "; ".join(f"{'.'.join(map(str, each.place))}: {each.message}" for each in reason.problems)


def _problems(reason: refusals.InvalidRequest) -> str:
    return "; ".join(f"{each.place[-1]}: {each.message}" for each in reason.problems)


def _rule(reason: reasons.PasswordRefused) -> str:
    return reason.rule


def _waits_for(reason: reasons.ChoiceRefused) -> str:
    if reason.waits_for == "code":
        return "The flow waits for a one-time code"
    return "The flow waits for one of the organizations on offer"


_NOT_VALID = "The token is not valid any more: sign in"

FLOW_REFUSED: WireErrors = {
    reasons.AccountNotReady: _says(401, "The account has changed meanwhile: sign in again"),
    reasons.AccountNotFound: _says(401, "The account has changed meanwhile: sign in again"),
    reasons.TokenRefused: _says(401, "The account has changed meanwhile: sign in again"),
    reasons.CredentialsRefused: _says(401, "The code is not correct, or the account may not sign in now"),
}
"""The completion of a flow says these in its own way (contract section 4.3)."""

WIRE_ERRORS: WireErrors = {
    reasons.CredentialsRefused: _says(401, "The address or the password is not correct"),
    reasons.CurrentPasswordRefused: _says(401, "The current password is not correct"),
    reasons.AccountNotReady: _forbids_login("The account needs an action first", verification=False),
    reasons.AddressNotVerified: _forbids_login("The address has to be verified first", verification=True),
    reasons.NoOrganization: _forbids_login("The account belongs to no organization", verification=False),
    reasons.CaptchaRefused: _says(401, "The CAPTCHA was not solved"),
    reasons.NotSignedIn: _says(401, _NOT_VALID),
    reasons.ApiKeyRefused: _says(401, "A valid API key is needed"),
    reasons.TokenRefused: _says(401, _NOT_VALID),
    reasons.SignInNotFound: _says(400, "The flow is unknown, completed or expired"),
    reasons.LinkRefused: _says(400, "The link is unknown, used or expired"),
    reasons.InvitationRefused: _says(401, "A valid invitation for this address is needed"),
    reasons.RightsRefused: _says(403, "Not allowed"),
    reasons.ChoiceRefused: _invalid("The flow waits for something else", _waits_for),
    reasons.AccountNotFound: _says(400, "There is no such user"),
    reasons.AddressVerified: _says(400, "The address is verified already"),
    reasons.AccountRefused: _says(400, "An account with such names or such an address cannot be made"),
    reasons.AddressTaken: _says(400, "There is an account with this address already"),
    reasons.PasswordRefused: _invalid("The password breaks a rule", _rule),
    reasons.TooManyAttempts: _says(429, "Too many requests", tells_when=True),
    # The only 5xx the document has, so the only one its client can read; and without `Retry-After`, for which that
    # client would sleep in the middle of a call.
    reasons.Unavailable: _says(500, "The service is not available right now"),
    refusals.HostNotAllowed: _says(400, "Invalid host"),
    refusals.UnknownPath: _says(404, "There is nothing here"),
    refusals.MethodNotAllowed: _says(405, "The method is not allowed here"),
    refusals.BodyTooSlow: _says(408, "The request body came too slowly"),
    refusals.BodyTooLarge: _says(413, "The request body is too large"),
    refusals.InvalidRequest: _invalid("The request is not valid", _problems),
    Exception: _says(500, "Something went wrong"),
}
