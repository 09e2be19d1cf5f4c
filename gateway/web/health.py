"""`/healthz` and `/readyz`: terse on the public port, with the dependencies' states on the management port."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.web.lifecycle import Lifecycle


def routes(lifecycle: Lifecycle, *, detailed: bool) -> list[Route]:
    """Give the two health routes.

    Args:
        lifecycle: what readiness is read from.
        detailed: whether `/readyz` names the dependencies (management port only, security R13).
    """

    async def healthz(request: Request) -> Response:
        """The process and its loop, nothing else."""
        del request
        return JSONResponse({"status": "ok"})

    async def readyz(request: Request) -> Response:
        """503 until every dependency was reached once, while draining, and by setting during later outages."""
        del request
        body: dict[str, object] = {"status": _status(lifecycle)}
        if detailed:
            body["dependencies"] = {name: _state(lifecycle, name) for name in lifecycle.dependencies}
        return JSONResponse(body, 200 if lifecycle.ready else 503)

    return [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]


def _status(lifecycle: Lifecycle) -> str:
    if lifecycle.draining:
        return "draining"
    if not lifecycle.started:
        return "starting"
    return "ready" if lifecycle.ready else "outage"


def _state(lifecycle: Lifecycle, dependency: str) -> str:
    match lifecycle.up.get(dependency):
        case None:
            return "unknown"
        case up:
            return "up" if up else "down"
