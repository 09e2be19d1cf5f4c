"""How PipesHub UserAccount says no: flat, or nested for its newer clients (contract section 3)."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Literal

from pydantic import BaseModel, Field, RootModel
from starlette.datastructures import Headers

from gateway.domain import errors as reasons
from gateway.web import refusals
from gateway.web.surface import Envelope, WireError, WireErrors

_SPEAKEASY = re.compile(r"speakeasy-sdk/python (\d{1,4})\.(\d{1,4})\S* (?:.* )?pipeshub[-_]sdk")
_NESTED_FROM = (1, 1)
_CODES = {
    HTTPStatus.BAD_REQUEST: "HTTP_BAD_REQUEST",
    HTTPStatus.UNAUTHORIZED: "HTTP_UNAUTHORIZED",
    HTTPStatus.FORBIDDEN: "HTTP_FORBIDDEN",
    HTTPStatus.NOT_FOUND: "HTTP_NOT_FOUND",
    HTTPStatus.METHOD_NOT_ALLOWED: "HTTP_METHOD_NOT_ALLOWED",
    HTTPStatus.REQUEST_TIMEOUT: "HTTP_REQUEST_TIMEOUT",
    HTTPStatus.GONE: "HTTP_GONE",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "HTTP_PAYLOAD_TOO_LARGE",
    HTTPStatus.TOO_MANY_REQUESTS: "HTTP_TOO_MANY_REQUESTS",
}
_INVALID = "VALIDATION_ERROR"


class AuthError(BaseModel):
    """A refusal, as most clients read it."""

    error: str
    message: str
    code: str
    status_code: int = Field(alias="statusCode")


class Metadata(BaseModel):
    """What a nested refusal says besides."""

    code: str = Field(description="what a flat refusal has as its code")


class NestedDetail(BaseModel):
    """A nested refusal, inside."""

    code: str
    message: str
    metadata: Metadata


class NestedError(BaseModel):
    """A refusal, as newer clients read it."""

    error: NestedDetail


class Refusal(RootModel[AuthError | NestedError]):
    """Every refusal, in the shape that its client reads."""


def envelope(shape: Literal["auto", "flat", "nested"]) -> Envelope:
    """Return what puts refusals into the shape that the setting asks for."""
    if shape == "flat":
        return lambda _, body: body
    if shape == "nested":
        return lambda _, body: _nested(body)
    return lambda request, body: _nested(body) if _reads_nested(request.headers) else body


def _reads_nested(headers: Headers) -> bool:
    """Tell the clients that cannot read a flat refusal; their name is the only sign they give."""
    found = _SPEAKEASY.fullmatch(headers.get("user-agent", ""))
    return found is not None and (int(found[1]), int(found[2])) >= _NESTED_FROM


def _nested(body: Mapping[str, Any]) -> object:
    identifier = body["code"]
    code = _INVALID if identifier == _INVALID else _CODES.get(body["statusCode"], "INTERNAL_ERROR")
    return {"error": {"code": code, "message": body["message"], "metadata": {"code": identifier}}}


def _body(status: int, identifier: str, message: str) -> Mapping[str, object]:
    return {"error": identifier, "message": message, "code": identifier, "statusCode": status}


def _says(status: int, identifier: str, message: str, headers: Mapping[str, str] | None = None) -> WireError:
    def body(_: object) -> object:
        return _body(status, identifier, message)

    return WireError(status, message, body, Refusal, lambda _: headers or {})


def _later(status: int, identifier: str, message: str) -> WireError:
    def body(_: object) -> object:
        return _body(status, identifier, message)

    return WireError(status, message, body, Refusal, tells_when=True)


def _invalid(description: str, message: Callable[[Any], str]) -> WireError:
    def body(reason: object) -> object:
        return _body(400, _INVALID, message(reason))

    return WireError(400, description, body, Refusal)


def _rule(reason: reasons.PasswordRefused) -> str:
    return reason.rule


def _problems(reason: refusals.InvalidRequest) -> str:
    """Name what is wrong with each member; what was sent is never repeated."""
    return "; ".join(f"{'.'.join(map(str, each.place))}: {each.message}" for each in reason.problems)


LOCKED_AT_RESET: WireErrors = {
    reasons.AccountLocked: _says(400, "ACCOUNT_BLOCKED", "The account is locked for a while"),
}
"""The two resets and the refresh say it as a 400, the one status their client takes for an AuthError."""

WIRE_ERRORS: WireErrors = {
    reasons.CredentialsRefused: _says(401, "INVALID_CREDENTIALS", "The credentials are not correct"),
    reasons.CurrentPasswordRefused: _says(401, "INVALID_CREDENTIALS", "The current password is not correct"),
    reasons.CaptchaRefused: _says(401, "INVALID_CAPTCHA", "The CAPTCHA was not solved"),
    reasons.AccountLocked: _says(403, "ACCOUNT_BLOCKED", "The account is locked for a while"),
    reasons.AccountNotReady: _says(403, "ACCOUNT_NOT_READY", "The account needs an action first"),
    reasons.NotSignedIn: _says(401, "INVALID_TOKEN", "The token is not valid", {"www-authenticate": "Bearer"}),
    reasons.TokenRefused: _says(401, "INVALID_TOKEN", "The token is not valid", {"www-authenticate": "Bearer"}),
    reasons.SignInNotFound: _says(404, "SESSION_EXPIRED", "The sign-in is unknown or has expired"),
    reasons.CodeExpired: _says(410, "OTP_EXPIRED", "The code has expired"),
    reasons.RightsRefused: _says(403, "FORBIDDEN", "Not allowed"),
    reasons.AnothersIdentity: _says(400, _INVALID, "The identity is that of somebody else"),
    reasons.MethodRefused: _says(400, "METHOD_NOT_ALLOWED", "The method is not allowed at this step"),
    reasons.SignInStepsUnusable: _says(404, "ORG_CONFIG_NOT_FOUND", "The organization has no usable way to sign in"),
    reasons.AccountNotFound: _says(404, "USER_NOT_FOUND", "There is no such user"),
    reasons.AccountRefused: _says(400, _INVALID, "Such an account cannot be made"),
    reasons.PasswordRefused: _invalid("The new password breaks a rule", _rule),
    reasons.TooManyAttempts: _later(429, "TOO_MANY_REQUESTS", "Too many requests"),
    reasons.Unavailable: _later(503, "UNAVAILABLE", "The service is not available right now"),
    refusals.HostNotAllowed: _says(400, _INVALID, "Invalid host"),
    refusals.UnknownPath: _says(404, "NOT_FOUND", "There is nothing here"),
    refusals.MethodNotAllowed: _says(405, "METHOD_NOT_ALLOWED", "The HTTP method is not allowed here"),
    refusals.BodyTooSlow: _says(408, "REQUEST_TIMEOUT", "The request body came too slowly"),
    refusals.BodyTooLarge: _says(413, "PAYLOAD_TOO_LARGE", "The request body is too large"),
    refusals.InvalidRequest: _invalid("The request is not valid", _problems),
    Exception: _says(500, "INTERNAL_ERROR", "Something went wrong"),
}
