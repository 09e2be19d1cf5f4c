"""How the Cyclos AuthApi says no (contract section 4)."""

from collections.abc import Mapping

from gateway.domain import errors as reasons
from gateway.identity.sent_codes import MOST_SENT
from gateway.surfaces.cyclos.answers import PROOF_TYPES
from gateway.surfaces.cyclos.credential_answers import proof_type
from gateway.surfaces.cyclos.schemas import UNCONVERTIBLE
from gateway.surfaces.cyclos.shapes import Answer, Entity, PasswordType
from gateway.web import refusals
from gateway.web.outputs import Omittable
from gateway.web.surface import WireError, WireErrors


class BadRequestError(Answer):
    """The 400, 408, 413 and 415."""

    code: str
    message: str


class UnauthorizedError(Answer):
    """The 401."""

    code: str
    user_status: Omittable[str] = None
    password_status: Omittable[str] = None
    missing_secondary_password: Omittable[PasswordType] = None


class ForbiddenError(Answer):
    """The 403."""

    code: str
    password_type: Omittable[Entity] = None


class NotFoundError(Answer):
    """The 404."""

    entity_type: Omittable[str] = None


class InputError(Answer):
    """The 422."""

    code: str
    general_errors: Omittable[list[str]] = None
    properties: Omittable[list[str]] = None
    property_errors: Omittable[dict[str, list[str]]] = None
    name: Omittable[str] = None
    value: Omittable[str] = None
    max_items: Omittable[int] = None


class GeneralError(Answer):
    """The 405, 500 and 503."""

    kind: str
    exception_type: str
    code: Omittable[str] = None
    sms_status: Omittable[str] = None


def _general(status: int, message: str, code: str = "general") -> WireError:
    return WireError(status, message, lambda _: {"code": code, "message": message}, BadRequestError)


def _unauthorized(description: str, code: str, **status: str) -> WireError:
    return WireError(401, description, lambda _: {"code": code, **status}, UnauthorizedError)


def _forbidden(description: str, code: str) -> WireError:
    return WireError(403, description, lambda _: {"code": code}, ForbiddenError)


def _failed(status: int, description: str, kind: str, *, tells_when: bool = False) -> WireError:
    def body(_: object) -> object:
        return {"kind": "general", "exceptionType": kind}

    return WireError(status, description, body, GeneralError, tells_when=tells_when)


def _unfit(reason: refusals.InvalidRequest) -> object:
    """Say what is wrong with the parameters; what should have been a value of another type is told first."""
    for problem in reason.problems:
        if problem.kind == UNCONVERTIBLE:
            return {"code": "dataConversion", "value": problem.sent}
    for problem in reason.problems:
        if problem.kind == "missing":
            return {"code": "missingParameter", "name": str(problem.place[-1])}
    return invalid({_member(each): each.message for each in reason.problems})


def invalid(messages: Mapping[str, str]) -> object:
    """Write a `validation`.

    Args:
        messages: member → what is wrong with it; for the member `""`, with the whole.
    """
    general = [message for member, message in messages.items() if not member]
    members = {member: [message] for member, message in messages.items() if member}
    said: dict[str, object] = {"code": "validation"}
    said |= {"generalErrors": general} if general else {}
    return said | ({"properties": list(members), "propertyErrors": members} if members else {})


def _member(problem: refusals.Problem) -> str:
    return str(problem.place[1]) if len(problem.place) > 1 else ""


def _proof(code: str) -> WireError:
    def body(reason: reasons.ProofRefused) -> object:
        return {"code": code, "passwordType": proof_type(reason.by).model_dump(by_alias=True)}

    return WireError(403, "The further password is missing or not correct", body, ForbiddenError)


def _missing_proof(reason: reasons.ProofMissing) -> object:
    return {"code": "login", "missingSecondaryPassword": PROOF_TYPES[reason.by].model_dump(by_alias=True)}


def _undelivered(reason: reasons.NotDelivered) -> object:
    said = {"kind": "otp", "exceptionType": "OtpNotSent"}
    if reason.dependency != "sms":
        return said | {"code": "unexpected"}
    return said | {"code": "errorSendingSms", "smsStatus": _SMS_STATUS.get(reason.trouble, "unexpected")}


def unknown(entity: str) -> WireError:
    """Say that there is no such thing, and what kind of thing; which one was asked for is not repeated."""
    return WireError(404, f"No such {entity}", lambda _: {"entityType": entity}, NotFoundError)


_SMS_STATUS = {
    # Spelt so in the document.
    "unreachable": "gatewayUreachable",
    "timeout": "timeout",
    "rejected": "rejected",
}


def _policy(reason: reasons.PasswordRefused) -> object:
    return invalid({"newPassword": reason.rule})


MISSING_PASSWORD = refusals.Problem(("body", "password"), "missing", "The password is needed")

_NOT_LOGGED_IN = "The name or the password is not correct"

WIRE_ERRORS: WireErrors = {
    # One code for all of them; more is told only to whoever has given the right password.
    reasons.CredentialsRefused: _unauthorized(_NOT_LOGGED_IN, "login"),
    reasons.AccountDisabled: _unauthorized("The user is disabled", "login", userStatus="disabled"),
    reasons.AccountNotReady: _unauthorized("The user is not active yet", "login", userStatus="pending"),
    reasons.PasswordOverdue: _unauthorized("The password has to be changed", "login", passwordStatus="reset"),
    reasons.ProofMissing: WireError(401, "There is no secondary password", _missing_proof, UnauthorizedError),
    reasons.NotSignedIn: _unauthorized("No credential that is taken here", "missingAuthorization"),
    reasons.SessionOver: _unauthorized("The session is over", "loggedOut"),
    reasons.TokenRefused: _unauthorized("The session is over", "loggedOut"),
    reasons.AccessClientRefused: _unauthorized("The access client is not active", "invalidAccessClient"),
    reasons.SessionNeeded: _unauthorized("A password alone is not enough here", "invalidChannelUsage"),
    reasons.SignInOrganizationUnknown: _unauthorized("There is no such network", "invalidNetwork"),
    reasons.AddressBlocked: _unauthorized("Too many failures from this address", "remoteAddressBlocked"),
    reasons.CaptchaRefused: _forbidden("The CAPTCHA was not solved", "permissionDenied"),
    reasons.CurrentPasswordRefused: _forbidden("The password is not correct", "invalidPassword"),
    reasons.RightsRefused: _forbidden("Not allowed", "permissionDenied"),
    reasons.ChoiceRefused: _forbidden("Not possible as things are", "illegalAction"),
    reasons.MethodRefused: _forbidden("Not possible as things are", "illegalAction"),
    reasons.ProofRefused: _proof("invalidPassword"),
    reasons.ProofBlocked: _proof("temporarilyBlocked"),
    reasons.MediumUnusable: WireError(
        422,
        "Nothing reaches the user this way",
        lambda _: invalid({"medium": "Nothing reaches you this way"}),
        InputError,
    ),
    reasons.NameKindRefused: _forbidden("Nobody logs in by this kind of name", "inaccessiblePrincipal"),
    reasons.LinkRefused: unknown("ForgottenPasswordRequest"),
    reasons.ActivationRefused: unknown("AccessClient"),
    reasons.AccountNotFound: WireError(404, "There is no such thing", lambda _: {}, NotFoundError),
    reasons.AccountRefused: WireError(422, "Such a user cannot be", lambda _: {"code": "validation"}, InputError),
    reasons.PasswordRefused: WireError(422, "The new password breaks a rule", _policy, InputError),
    reasons.EnoughSent: WireError(
        422, "Enough codes for now", lambda _: {"code": "maxItems", "maxItems": MOST_SENT}, InputError
    ),
    # Too many at once for one user: nothing is wrong with any of them.
    reasons.TooManyAttempts: _failed(503, "Too many requests", "ServiceUnavailable", tells_when=True),
    reasons.NotDelivered: WireError(500, "The code could not be sent", _undelivered, GeneralError),
    reasons.Unavailable: _failed(503, "The service is not available right now", "ServiceUnavailable", tells_when=True),
    refusals.HostNotAllowed: _general(400, "Invalid host"),
    refusals.UnknownPath: WireError(404, "There is nothing here", lambda _: {}, NotFoundError),
    refusals.MethodNotAllowed: _failed(405, "The method is not allowed here", "MethodNotAllowed"),
    refusals.BodyTooSlow: _general(408, "The body came too slowly"),
    refusals.BodyTooLarge: _general(413, "The body is too large"),
    refusals.UnsupportedMediaType: _general(415, "The body comes as something that is not taken here"),
    refusals.InvalidBody: _general(400, "The body is not the JSON that is taken here", "json"),
    refusals.InvalidRequest: WireError(422, "The parameters are not valid", _unfit, InputError),
    Exception: _failed(500, "Something went wrong", "InternalServerError"),
}
