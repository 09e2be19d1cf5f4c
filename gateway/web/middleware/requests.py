"""The outermost step of every request: an id, an address, one log line, one measurement, headers for safety."""

import asyncio
import re
import secrets

import structlog
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.domain.callers import NO_SURFACE
from gateway.web.client_address import ClientAddresses
from gateway.web.lifecycle import Lifecycle
from gateway.web.metrics import Metrics
from gateway.web.middleware.safety_headers import missing, safety_headers

_FOREIGN_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")

_log = structlog.get_logger()


class Requests:
    """Accompanies each request through the gateway.

    The log line names the surface and the operation, never the path: paths and queries hold names and secrets
    (security S48).
    """

    def __init__(
        self, app: ASGIApp, *, addresses: ClientAddresses, metrics: Metrics, lifecycle: Lifecycle, https: bool
    ) -> None:
        """Wrap the router.

        Args:
            app: what answers.
            addresses: resolves the client's address.
            metrics: where time and status are counted.
            lifecycle: tells when the gateway drains; a connection is then closed after its answer.
            https: whether `public_url` is https, so that browsers may be told to stay with it.
        """
        self._app = app
        self._addresses = addresses
        self._metrics = metrics
        self._lifecycle = lifecycle
        self._safety = safety_headers(https=https)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        state = scope["state"] = self._state(scope)
        structlog.contextvars.bind_contextvars(request_id=state["request_id"])
        self._metrics.in_flight.inc()
        try:
            await self._app(scope, receive, self._dressed(send, state))
        finally:
            self._metrics.in_flight.dec()
            self._tell(state, loop.time() - began)
            structlog.contextvars.clear_contextvars()

    def _state(self, scope: Scope) -> dict[str, object]:
        headers = Headers(scope=scope)
        peer = scope["client"][0] if scope["client"] else ""
        address = self._addresses.of(peer, headers)
        return {
            "address": address.counted,
            "exact_address": address.exact,
            "request_id": self._request_id(peer, headers.get("x-request-id", "")),
            "surface": NO_SURFACE,
            "operation": "none",
            "status": 0,
        }

    def _request_id(self, peer: str, offered: str) -> str:
        """Keep a trusted proxy's id, so that its log and ours can be joined; make one for everybody else."""
        if offered and self._addresses.trusts(peer) and _FOREIGN_ID.fullmatch(offered):
            return offered
        return secrets.token_hex(8)

    def _dressed(self, send: Send, state: dict[str, object]) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                state["status"] = message["status"]
                own = [*self._safety, (b"x-request-id", str(state["request_id"]).encode())]
                if self._lifecycle.draining:
                    own.append((b"connection", b"close"))
                message["headers"] = [*message["headers"], *missing(tuple(own), message["headers"])]
            await send(message)

        return dressed

    def _tell(self, state: dict[str, object], seconds: float) -> None:
        labels = (state["surface"], state["operation"], state["status"])
        self._metrics.requests.labels(*labels).observe(seconds)
        surface, operation, status = labels
        _log.info(
            "request",
            surface=surface,
            operation=operation,
            status=status,
            milliseconds=round(seconds * 1000, 1),
            address=state["address"],
        )
