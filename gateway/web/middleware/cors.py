"""Which web pages of other origins may call a surface: the configured ones, and none by default (security S40)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True, slots=True)
class CrossOrigin:
    """What pages may do.

    Attributes:
        origins: whose pages; never all.
        headers: request headers they may send.
        exposed: answer headers they may read.
    """

    origins: Collection[str]
    headers: Sequence[str]
    exposed: Sequence[str]


class Cors:
    """Answers pages of the configured origins; for everybody else the surface is as if there were no CORS."""

    def __init__(self, app: ASGIApp, rules: CrossOrigin) -> None:
        self._app = app
        self._origins = frozenset(rules.origins)
        self._answering = CORSMiddleware(
            app,
            allow_origins=sorted(self._origins),
            allow_methods=("GET", "POST"),
            allow_headers=rules.headers,
            expose_headers=rules.exposed,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        known = Headers(scope=scope).get("origin") in self._origins
        await (self._answering if known else self._app)(scope, receive, send)
