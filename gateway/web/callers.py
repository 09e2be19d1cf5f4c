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
        exact_address=state["exact_address"],
        bearer=_bearer(headers),
    )


def _bearer(headers: Headers) -> str | None:
    """Return the one bearer token (RFC 6750 section 2.1); beside another `Authorization` header it is no good."""
    offered = [each.partition(" ") for each in headers.getlist("authorization")]
    bearers = [token.strip() for scheme, _, token in offered if scheme.lower() == "bearer"]
    if not bearers:
        return None
    return bearers[0] if len(offered) == 1 else ""
