"""Who is calling, read from a request's scope and headers."""

from starlette.datastructures import Headers
from starlette.types import Scope

from gateway.domain.callers import Caller


def caller_of(scope: Scope, headers: Headers) -> Caller:
    """Describe the sender of a request that has been through `middleware/requests.py` and the router."""
    state = scope["state"]
    return Caller(
        address=state["address"],
        surface=state["surface"],
        request_id=state["request_id"],
        exact_address=state["exact_address"],
        bearer=_bearer(headers),
    )


def _bearer(headers: Headers) -> str | None:
    """Return the one bearer token (RFC 6750 section 2.1); two `Authorization` headers are none."""
    offered = headers.getlist("authorization")
    if len(offered) != 1:
        return None
    scheme, _, token = offered[0].partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
