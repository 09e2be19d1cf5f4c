"""One declaration for each operation: its route, its validation and its entry in the API document.

A handler is an async function. Its parameter names say where each value comes from: `path`, `query`, `headers`,
`cookies` and `body` (see `inputs.py`), `caller` (who is asking), `signed_in` (the verified bearer: naming it protects
the operation), `passed` (what the operation's gate found) and `identity` (the use-cases). It is given what it names.
What it returns is the answer's body; `Reply` when a status, header or cookie is needed too; `Redirect` when the browser
has to go elsewhere.
"""

import asyncio
import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypedDict, TypeVar, Unpack, cast

from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.domain.callers import Caller
from gateway.domain.errors import GatewayError, Unavailable
from gateway.domain.tokens import SignedIn
from gateway.web import body as request_body
from gateway.web.callers import caller_of
from gateway.web.cookies import Cookie, Site
from gateway.web.inputs import Arrived, Inputs
from gateway.web.redirects import Failing, Redirect
from gateway.web.refusals import Parting, Refusal

Handler = Callable[..., Awaitable[Any]]
Gate = Callable[[Any, Caller, Headers], Awaitable[object]]
"""Takes the use-cases, the caller and the headers; what it returns is the handler's `passed`, or it says no."""
BodyT = TypeVar("BodyT", bound=BaseModel | None)

_BEARER = "signed_in"
_GIVEN = ("identity", "caller", _BEARER, "passed")
"""What a handler may name that is not read from one of a request's places."""


@dataclass(frozen=True, slots=True)
class Reply(Generic[BodyT]):
    """An answer that needs more than a body, or has none."""

    body: BodyT | None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: Sequence[Cookie] = ()


@dataclass(frozen=True, slots=True)
class Services:
    """What running operations need from the other rooms.

    Attributes:
        identity: the use-cases, handed to each handler.
        authenticate: turns a caller's bearer token into the person it speaks for, or raises `NotSignedIn`.
        body_limits: how much of a body is read, and how long for.
        deadline: longest time to answer once the body is there (security R1).
        site: where browsers are.
    """

    identity: object
    authenticate: Callable[[Caller], Awaitable[SignedIn]]
    body_limits: request_body.BodyLimits
    deadline: timedelta
    site: Site = field(default_factory=Site)


class Particulars(TypedDict, total=False):
    """What a declaration may say beside its route; `Operation` tells what each means."""

    errors: tuple[type[GatewayError], ...]
    takes_bearer: bool
    gate: Gate
    failing: Failing
    sends: Mapping[str, str]
    takes_slashes: bool
    successes: Sequence[int]


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as declared.

    Attributes:
        path: the document's own path, with `{name}` for parameters.
        id: the document's own operation id.
        inputs: what the handler takes from a request.
        given: what else it names.
        returns: model of the success body; None for a redirect, and for an answer without a body.
        errors: reasons of the domain that the handler may give.
        takes_bearer: whether the caller sends a bearer token, be it judged here or by the handler.
        gate: what has to be passed before parameters are looked at, or None.
        failing: says where refusals lead a browser, or None where they are told as in the rest of the document.
        sends: headers that the handler's `Reply` always has, with what they hold.
        takes_slashes: whether a parameter of the path may hold a slash, which comes encoded.
        successes: statuses of success; the 204 is the one without a body.
        redirects: whether its answer sends the browser elsewhere.
    """

    method: str
    path: str
    id: str
    handler: Handler
    inputs: Inputs
    given: Sequence[str]
    returns: type[BaseModel] | None
    errors: tuple[type[GatewayError], ...] = ()
    takes_bearer: bool = False
    gate: Gate | None = None
    failing: Failing | None = None
    sends: Mapping[str, str] = field(default_factory=dict)
    takes_slashes: bool = False
    successes: Sequence[int] = (200,)
    redirects: bool = False

    @classmethod
    def declared(
        cls,
        handler: Handler,
        route: tuple[str, str],
        operation_id: str,
        media_types: request_body.MediaTypes,
        **particulars: Unpack[Particulars],
    ) -> "Operation":
        """Read the rest of a declaration from the handler's signature."""
        hints = typing.get_type_hints(handler)
        returns = hints["return"]
        if typing.get_origin(returns) is Reply:
            (returns,) = typing.get_args(returns)
        redirects = returns is Redirect
        returns = None if redirects or returns is type(None) else returns
        inputs = Inputs.of(hints, media_types)
        given = tuple(name for name in _GIVEN if name in hints)
        if _BEARER in given:
            particulars["takes_bearer"] = True
        return cls(*route, operation_id, handler, inputs, given, returns, redirects=redirects, **particulars)

    @property
    def protected(self) -> bool:
        """Whether it demands a bearer token."""
        return _BEARER in self.given

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return (inspect.getdoc(self.handler) or "").partition("\n")[0]

    async def run(
        self, services: Services, path: Mapping[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer one request: size, then bearer, then gate, then parameters, then the handler.

        Raises:
            Refusal: the request itself is no good.
            GatewayError: the handler said no, or the deadline passed.

        Past the body, neither is raised where refusals lead the browser elsewhere.
        """
        headers = Headers(scope=scope)
        try:
            body = await request_body.read(receive, headers, services.body_limits)
        except ClientDisconnect:
            return  # nobody is left to be answered
        arrived = Arrived(path, scope["query_string"], headers, body)
        try:
            answer = await self._answer_in_time(services, caller_of(scope, headers), arrived)
        except Parting as parting:
            scope["state"]["cookies"] = [cookie.header(services.site) for cookie in parting.cookies]
            raise parting.reason from None
        except (GatewayError, Refusal) as reason:
            if self.failing is None:
                raise
            answer = self.failing(reason)
        await _response(answer, services.site)(scope, receive, send)

    async def _answer_in_time(self, services: Services, caller: Caller, arrived: Arrived) -> object:
        try:
            async with asyncio.timeout(services.deadline.total_seconds()):
                return await self._answer(services, caller, arrived)
        except TimeoutError:
            raise Unavailable("deadline") from None

    async def _answer(self, services: Services, caller: Caller, arrived: Arrived) -> object:
        known: dict[str, object] = {"identity": services.identity, "caller": caller}
        if self.protected:
            known[_BEARER] = await services.authenticate(caller)
        if self.gate is not None:
            self.inputs.require_readable(arrived)
            known["passed"] = await self.gate(services.identity, caller, arrived.headers)
        arguments = self.inputs.validate(arrived)
        return await self.handler(**arguments, **{name: known[name] for name in self.given})


def _response(answer: object, site: Site) -> Response:
    if isinstance(answer, Redirect):
        return _with_cookies(answer.response(site), answer.cookies, site)
    reply = answer if isinstance(answer, Reply) else Reply(cast("BaseModel", answer))
    if reply.body is None:
        return _with_cookies(Response(status_code=reply.status, headers=dict(reply.headers)), reply.cookies, site)
    content = reply.body.__pydantic_serializer__.to_json(reply.body, by_alias=True)
    response = Response(content, reply.status, dict(reply.headers), media_type=request_body.JSON)
    return _with_cookies(response, reply.cookies, site)


def _with_cookies(response: Response, cookies: Sequence[Cookie], site: Site) -> Response:
    for cookie in cookies:
        response.headers.append("set-cookie", cookie.header(site))
    return response
