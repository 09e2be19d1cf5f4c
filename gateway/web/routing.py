"""From a path to the one operation that has it.

Exact paths come first, then those with parameters. An unknown path belongs to the surface with the longest matching
base path and gets that surface's 404 (design section 1). A slash that comes encoded is part of a parameter where its
operation takes slashes, and no path of ours anywhere else. Nothing redirects (security S35), and HEAD runs a GET
handler only where a surface says so (design section 10): a method that was not declared is not allowed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from starlette.datastructures import Headers
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.web.api_keys import ApiKeys
from gateway.web.hosts import AllowedHosts
from gateway.web.middleware.cors import Cors, CrossOrigin
from gateway.web.operation import Operation, Services
from gateway.web.refusals import MethodNotAllowed, UnknownPath
from gateway.web.surface import Surface

_NO_PARAMETERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Route:
    """One path with all its methods.

    Attributes:
        takes_slashes: whether its parameters may hold slashes, which come encoded.
    """

    pattern: re.Pattern[str]
    takes_slashes: bool
    methods: Mapping[str, Operation]

    @classmethod
    def of(cls, path: str, operations: Sequence[Operation]) -> "Route":
        """Compile a path; a parameter takes one non-empty segment."""
        takes_slashes = any(operation.takes_slashes for operation in operations)
        return cls(_pattern(path), takes_slashes, {operation.method: operation for operation in operations})


def _pattern(path: str, rest: str = "") -> re.Pattern[str]:
    segments = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
    return re.compile(segments + rest, re.DOTALL)


class MountedSurface:
    """A surface at work: below its prefix, with the services its operations need."""

    def __init__(  # noqa: PLR0913 - what its settings make of it, all but the first named
        self,
        surface: Surface,
        services: Services,
        hosts: AllowedHosts,
        prefix: str = "",
        *,
        further_prefixes: Sequence[str] = (),
        cross_origin: CrossOrigin | None = None,
        api_keys: ApiKeys | None = None,
    ) -> None:
        """Take what it needs.

        Args:
            surface: its operations, and its words.
            services: what running operations need.
            hosts: names it is called by.
            prefix: what stands before its paths.
            further_prefixes: what may stand there as well, with `{name}` for what its handlers take from the path.
            cross_origin: web pages that may call, or None.
            api_keys: keys of which callers have to show one, or None.
        """
        prefixes = (prefix, *further_prefixes)
        self.surface = surface
        self.base_path = prefix + surface.base_path
        bases = [each.rstrip("/") for each in (surface.base_path, *surface.further_paths)]
        self._bases = [_pattern(before + base, "(/.*)?") for before in prefixes for base in bases]
        self._services = services
        self._hosts = hosts
        self._api_keys = api_keys
        self.routes = _routes(surface, prefixes)
        app: ASGIApp = ExceptionMiddleware(self._serve, surface.exception_handlers())
        self.app = Cors(app, cross_origin) if cross_origin and cross_origin.origins else app

    def owns(self, path: str) -> bool:
        """Say whether a path lies at or below the base path."""
        return any(base.fullmatch(path) for base in self._bases)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._hosts.check(scope)
        if self._api_keys is not None:
            self._api_keys.require(Headers(scope=scope))
        route: Route | None = scope["state"].get("route")
        if route is None:
            raise UnknownPath
        operation = self._operation(route, scope["method"])
        scope["state"]["operation"] = operation.id
        await operation.run(self._services, scope["state"]["parameters"], scope, receive, send)

    def _operation(self, route: Route, method: str) -> Operation:
        answers_head = self.surface.answers_head and "GET" in route.methods
        operation = route.methods.get("GET" if method == "HEAD" and answers_head else method)
        if operation is None:
            raise MethodNotAllowed((*route.methods, *(["HEAD"] if answers_head else [])))
        return operation


def _routes(surface: Surface, prefixes: Iterable[str]) -> dict[str, Route]:
    by_path: dict[str, list[Operation]] = {}
    for prefix in prefixes:
        for operation in surface.operations:
            by_path.setdefault(prefix + operation.path, []).append(operation)
    return {path: Route.of(path, operations) for path, operations in by_path.items()}


Found = tuple[MountedSurface, Route | None, Mapping[str, str]]


class Router:
    """All mounted surfaces on one port."""

    def __init__(self, mounted: Iterable[MountedSurface], fallback: MountedSurface) -> None:
        """Build the tables.

        Args:
            mounted: the surfaces served.
            fallback: says no to a path that belongs to none of them.
        """
        self._by_base = sorted(mounted, key=lambda each: len(each.base_path), reverse=True)
        self._fallback = fallback
        every = [(path, each, route) for each in self._by_base for path, route in each.routes.items()]
        self._exact = {path: (each, route) for path, each, route in every if "{" not in path}
        self._patterns = [(each, route) for path, each, route in every if "{" in path]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to its surface, with `route` and `parameters` in its state."""
        state = scope["state"]
        owner, state["route"], state["parameters"] = self._find(scope["path"], scope["raw_path"])
        state["surface"] = owner.surface.name
        await owner.app(scope, receive, send)

    def _find(self, path: str, raw_path: bytes) -> Found:
        # An encoded slash separates nothing (RFC 3986 section 2.2), yet `path` shows it as one: whoever guards a path
        # in front of the gateway would see another path than the gateway does.
        match = self._match_encoded(raw_path) if b"%2f" in raw_path.lower() else self._match(path)
        return match or (self._owner(path), None, _NO_PARAMETERS)

    def _match(self, path: str) -> Found | None:
        if exact := self._exact.get(path):
            return *exact, _NO_PARAMETERS
        for owner, route in self._patterns:
            if match := route.pattern.fullmatch(path):
                return owner, route, match.groupdict()
        return None

    def _match_encoded(self, raw_path: bytes) -> Found | None:
        """Match a path as it was sent, where an encoded slash is part of a parameter."""
        for owner, route in self._patterns:
            if route.takes_slashes and (match := route.pattern.fullmatch(raw_path.decode("latin-1"))):
                return owner, route, {name: unquote(value) for name, value in match.groupdict().items()}
        return None

    def _owner(self, path: str) -> MountedSurface:
        return next((each for each in self._by_base if each.owns(path)), self._fallback)
