"""How back-channel logout says no: 400 with an OAuth error object (section 2.8)."""

from gateway.domain import errors as reasons
from gateway.surfaces.backchannel_logout.schemas import LogoutError
from gateway.web import refusals
from gateway.web.surface import WireError, WireErrors


def _says(status: int, error: str, description: str) -> WireError:
    body = {"error": error, "error_description": description}
    return WireError(status, description, lambda _: body, LogoutError)


WIRE_ERRORS: WireErrors = {
    reasons.GatewayError: _says(400, "invalid_request", "The request is not allowed"),
    reasons.TokenRefused: _says(400, "invalid_request", "The logout token is not valid"),
    reasons.Unavailable: _says(503, "temporarily_unavailable", "The gateway cannot take note right now"),
    refusals.Refusal: _says(400, "invalid_request", "The request is malformed"),
    refusals.UnknownPath: _says(404, "invalid_request", "There is no such path"),
    refusals.MethodNotAllowed: _says(405, "invalid_request", "The method is not allowed"),
    refusals.BodyTooSlow: _says(408, "invalid_request", "The body came too slowly"),
    refusals.BodyTooLarge: _says(413, "invalid_request", "The body is too large"),
    refusals.UnsupportedMediaType: _says(415, "invalid_request", "The body must be a form"),
    Exception: _says(500, "server_error", "The gateway failed"),
}
