"""The management port: metrics, the dependencies' states and the API documents; never on the public port (S39)."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.web import health
from gateway.web.lifecycle import Lifecycle
from gateway.web.metrics import Metrics
from gateway.web.middleware.safety_headers import SafetyHeaders

Documents = Mapping[str, Callable[[], Mapping[str, Any]]]
"""Surface name → what makes its OpenAPI document, at the first call."""


def management_app(lifecycle: Lifecycle, metrics: Metrics, documents: Documents) -> ASGIApp:
    """Build the management port's application.

    Args:
        lifecycle: what health is read from.
        metrics: what `/metrics` shows.
        documents: of the surfaces that it describes.
    """

    async def index(request: Request) -> Response:
        """Where to look."""
        del request
        places = ["/healthz", "/readyz", "/metrics", *(f"/openapi/{name}.json" for name in documents)]
        return JSONResponse({"paths": places})

    async def exposition(request: Request) -> Response:
        """Prometheus' text format."""
        del request
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    app = Starlette(
        routes=[
            Route("/", index),
            Route("/metrics", exposition),
            *health.routes(lifecycle, detailed=True),
            *document_routes(documents),
        ]
    )
    # Starlette would build the address from the request's own `Host` (security S15, S35).
    app.router.redirect_slashes = False
    # Outside of all that Starlette answers itself; the port speaks plain HTTP, whatever callers of the other one use.
    return SafetyHeaders(app, https=False)


def document_routes(documents: Documents) -> Iterable[Route]:
    """Serve each surface's document at `/openapi/<surface>.json`."""

    async def openapi(request: Request) -> Response:
        """One surface's document."""
        document = documents.get(request.path_params["name"])
        # In a thread: making it takes longer than anything else may hold up the loop.
        return JSONResponse(await asyncio.to_thread(document)) if document else Response(status_code=404)

    return [Route("/openapi/{name}.json", openapi)]
