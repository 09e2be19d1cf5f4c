"""How the Kestra AuthApi says no, after its framework (contract section 2).

Never with `Retry-After`: its client sleeps for that long before it says a word. Times are in the body.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from gateway.domain import errors as reasons
from gateway.web import refusals
from gateway.web.surface import WireError, WireErrors

_BAD_LINK = "The link is unknown, used or too old"
_NO_SUCH_THING = "There is nothing here"
_UNFIT = "The request is not valid"
_NO_SUCH_PERSON = "Missing, too long or not taken here"
_MEMBERS = {"first_name": "firstName", "last_name": "lastName", "password": "password", "email": "email"}


class Link(BaseModel):
    """An address."""

    href: str
    templated: bool = False


class Links(BaseModel):
    """What a refusal links to."""

    self_: Link = Field(alias="self")


class FieldError(BaseModel):
    """What is wrong with one member."""

    message: str
    path: str


class Embedded(BaseModel):
    """What is wrong, member by member."""

    errors: list[FieldError]


class JsonError(BaseModel):
    """Every refusal; `_links` is added to what the table below says."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)

    message: str
    links: Links = Field(Links(self=Link(href="/")), alias="_links")


class InvalidJsonError(JsonError):
    """The 422."""

    embedded: Embedded = Field(alias="_embedded")


class LaterJsonError(JsonError):
    """A refusal that ends by itself."""

    retry_after: int = Field(alias="retryAfter", description="seconds")


def linked(request: Request, body: Mapping[str, Any]) -> object:
    """Add the address that was asked, without its query, which holds a name."""
    path = request.scope["raw_path"].decode("ascii", "replace")
    return {**body, "_links": {"self": {"href": path, "templated": False}}}


def _says(status: int, message: str) -> WireError:
    return WireError(status, message, lambda _: {"message": message}, JsonError)


def _later(status: int, message: str) -> WireError:
    def body(reason: Any) -> object:  # noqa: ANN401 - any reason that tells a time
        return {"message": message, "retryAfter": reason.retry_after}

    return WireError(status, message, body, LaterJsonError)


def _embedding(message: str, *errors: Mapping[str, str]) -> object:
    return {"message": message, "_embedded": {"errors": errors}}


def _problems(reason: refusals.InvalidRequest) -> object:
    """Name what is wrong with each member; what was sent is never repeated."""
    return _embedding(_UNFIT, *map(_error, reason.problems))


def _error(problem: refusals.Problem) -> Mapping[str, str]:
    place, *member = map(str, problem.place)
    return {"message": problem.message, "path": ".".join(member) or place}


def _unfit(reason: reasons.AccountRefused) -> object:
    named = reason.members or ("",)
    return _embedding(_UNFIT, *({"message": _NO_SUCH_PERSON, "path": _MEMBERS.get(each, "body")} for each in named))


def _unknown(reason: reasons.GrantUnknown) -> object:
    return _embedding(_UNFIT, {"message": f"There is no such {reason.kind}", "path": f"{reason.kind}s"})


def _rule(reason: reasons.PasswordRefused) -> object:
    return _embedding(reason.rule, {"message": reason.rule, "path": "password"})


BAD_QUERY: WireErrors = {refusals.InvalidRequest: _says(400, "`username` must be in the query, once")}
BAD_LINK: WireErrors = {reasons.NotSignedIn: _says(404, _BAD_LINK), reasons.AccountNotFound: _says(404, _BAD_LINK)}
"""A link that is no good is not told from one whose account is."""

WIRE_ERRORS: WireErrors = {
    # One message for all of them: nobody is told which it was.
    reasons.CredentialsRefused: _says(401, "The user name and the password or code do not fit"),
    reasons.AccountNotReady: _says(401, "The user name and the password or code do not fit"),
    reasons.CurrentPasswordRefused: _says(401, "The current password is not correct"),
    reasons.CaptchaRefused: _says(401, "The CAPTCHA was not solved"),
    reasons.NotSignedIn: _says(401, "The token is not valid"),
    reasons.TokenRefused: _says(401, "The token is not valid"),
    reasons.InvitationRefused: _says(404, "The invitation is unknown or revoked"),
    reasons.InvitationExpired: _says(410, "The invitation has expired"),
    reasons.InvitationUsed: _says(409, "The invitation was used already, or another request is using it"),
    reasons.InvitationUnusable: _says(409, "The invitation cannot be used or made as things are"),
    reasons.InvitationPending: _says(409, "There is an invitation already"),
    reasons.RightsRefused: _says(403, "Not allowed"),
    reasons.MethodRefused: _says(404, _NO_SUCH_THING),
    reasons.AccountNotFound: _says(404, _NO_SUCH_THING),
    reasons.AddressTaken: _says(409, "There is an account with this address already"),
    reasons.GrantUnknown: WireError(422, "There is no such role or group", _unknown, InvalidJsonError),
    reasons.AccountRefused: WireError(422, "Such an account cannot be made", _unfit, InvalidJsonError),
    reasons.PasswordRefused: WireError(422, "The new password breaks a rule of the realm", _rule, InvalidJsonError),
    reasons.TooManyAttempts: _later(429, "Too many requests"),
    reasons.Unavailable: _later(503, "The service is not available right now"),
    refusals.HostNotAllowed: _says(400, "Invalid host"),
    refusals.UnknownPath: _says(404, _NO_SUCH_THING),
    refusals.MethodNotAllowed: _says(405, "The method is not allowed here"),
    refusals.BodyTooSlow: _says(408, "The body came too slowly"),
    refusals.BodyTooLarge: _says(413, "The body is too large"),
    refusals.UnsupportedMediaType: _says(415, "The body comes as something that is not taken here"),
    refusals.InvalidRequest: WireError(422, _UNFIT, _problems, InvalidJsonError),
    Exception: _says(500, "Something went wrong"),
}
