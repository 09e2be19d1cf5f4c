"""How ToanFndtn IAM says no: `{"detail": …}`, FastAPI's convention (contract section 2)."""

from collections.abc import Callable, Mapping
from typing import Any

from gateway.domain import errors as reasons
from gateway.surfaces.toan.schemas import ErrorDetail, HTTPValidationError
from gateway.web import refusals
from gateway.web.surface import WireError, WireErrors


def _says(
    status: int, detail: str, headers: Callable[[Any], Mapping[str, str]] = lambda _: {}, *, tells_when: bool = False
) -> WireError:
    return WireError(status, detail, lambda _: {"detail": detail}, ErrorDetail, headers, tells_when)


def _bearer(_: reasons.NotSignedIn) -> Mapping[str, str]:
    return {"www-authenticate": "Bearer"}


def _rule(reason: reasons.PasswordRefused) -> Mapping[str, str]:
    return {"detail": reason.rule}


def _problems(reason: refusals.InvalidRequest) -> Mapping[str, object]:
    return {
        "detail": [{"loc": each.place, "msg": each.message, "type": each.kind} for each in reason.problems],
    }


WIRE_ERRORS: WireErrors = {
    reasons.CredentialsRefused: _says(401, "Invalid user credentials"),
    reasons.TokenRefused: _says(401, "Invalid refresh token"),
    reasons.NotSignedIn: _says(401, "Not authenticated", _bearer),
    reasons.AccountNotReady: _says(403, "Account is not fully set up"),
    reasons.RightsRefused: _says(403, "Not allowed"),
    reasons.CaptchaRefused: _says(403, "CAPTCHA not solved"),
    reasons.AccountNotFound: _says(404, "User not found"),
    reasons.CurrentPasswordRefused: _says(400, "Current password is not correct"),
    reasons.AccountRefused: _says(400, "Account cannot be made"),
    reasons.PasswordRefused: WireError(400, "The new password breaks a rule of the realm", _rule, ErrorDetail),
    reasons.TooManyAttempts: _says(429, "Too many requests", tells_when=True),
    reasons.Unavailable: _says(503, "Service unavailable", tells_when=True),
    refusals.HostNotAllowed: _says(400, "Invalid host"),
    refusals.UnknownPath: _says(404, "Not Found"),
    refusals.MethodNotAllowed: _says(405, "Method Not Allowed"),
    refusals.BodyTooSlow: _says(408, "Request body too slow"),
    refusals.BodyTooLarge: _says(413, "Request body too large"),
    refusals.InvalidRequest: WireError(422, "Validation error", _problems, HTTPValidationError),
    Exception: _says(500, "Internal server error"),
}
