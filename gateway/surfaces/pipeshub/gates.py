"""What is looked at before the shape of a request is judged (contract section 6, order of checks)."""

from starlette.datastructures import Headers

from gateway.domain.callers import Caller
from gateway.domain.errors import NotSignedIn, RightsRefused, TokenRefused
from gateway.domain.sign_ins import OpenSignIn
from gateway.identity.scoped_tokens import FETCH, ScopedToken
from gateway.identity.use_cases import Identity

SESSION_HEADER = "x-session-token"


async def sign_in_under_way(identity: Identity, caller: Caller, headers: Headers) -> OpenSignIn:
    """Find the sign-in that goes on."""
    token = headers.get(SESSION_HEADER, "")
    if not token:
        raise TokenRefused
    return await identity.stepwise_sign_in.resume(token, caller)


async def reset_token(identity: Identity, caller: Caller, headers: Headers) -> ScopedToken:
    """Know the token of a mailed link."""
    del headers
    return await identity.link_reset.recognise(caller)


async def service_token(identity: Identity, caller: Caller, headers: Headers) -> ScopedToken:
    """Know the token of one of the organization's services."""
    del headers
    try:
        return identity.services.admitted(caller, FETCH)
    except RightsRefused:
        raise NotSignedIn from None
