"""The operations of the NAP auth platform, in the document's order (contract section 4)."""

from gateway.domain.callers import Caller
from gateway.domain.errors import TokenRefused
from gateway.identity.use_cases import Identity
from gateway.surfaces.nap.answers import HandlersLogoutResult
from gateway.surfaces.nap.schemas import REFRESH_HEADER, SESSION_HEADER, LogoutHeaders, missing, unwrapped
from gateway.surfaces.nap.wire_errors import WIRE_ERRORS, undebugged
from gateway.web.surface import Surface

API_KEY_HEADER = "X-NAP-API-Key"

surface = Surface(
    name="nap",
    title="NAP auth platform",
    version="0.0.1",
    base_path="/api/auth/login",
    further_paths=tuple(f"/api/auth/{each}" for each in ("logout", "refresh", "signup", "flow", "verify-email")),
    types_are_told=False,
    envelope=undebugged,
    errors=WIRE_ERRORS,
)


@surface.operation("POST", "/api/auth/logout", id="api_auth_logout_post", errors=(TokenRefused,))
async def logout(identity: Identity, caller: Caller, headers: LogoutHeaders) -> HandlersLogoutResult:
    """Log out: end the session of the session token, or of the refresh token when the former is no good."""
    session_token, refresh_token = headers.session_token.strip(), headers.refresh_token.strip()
    if not session_token and not refresh_token:
        raise missing(SESSION_HEADER, REFRESH_HEADER)
    await identity.sign_outs.by_either(unwrapped(session_token), unwrapped(refresh_token), caller)
    return HandlersLogoutResult()
