"""The one operation of OpenID Connect Back-Channel Logout 1.0."""

from gateway.domain.callers import Caller
from gateway.domain.errors import TokenRefused
from gateway.identity.use_cases import Identity
from gateway.surfaces.backchannel_logout.schemas import Acknowledged, LogoutForm
from gateway.surfaces.backchannel_logout.wire_errors import WIRE_ERRORS
from gateway.web.body import FORM
from gateway.web.surface import Surface

surface = Surface(
    name="backchannel_logout",
    title="OpenID Connect Back-Channel Logout",
    version="1.0",
    base_path="/backchannel-logout",
    errors=WIRE_ERRORS,
)


@surface.operation("POST", "/backchannel-logout", id="backchannel_logout", errors=(TokenRefused,), media_type=FORM)
async def backchannel_logout(identity: Identity, caller: Caller, body: LogoutForm) -> Acknowledged:
    """Take note that Keycloak has ended a session; its access tokens are refused from now on."""
    await identity.sessions.note_ended(body.logout_token, caller)
    return Acknowledged()
