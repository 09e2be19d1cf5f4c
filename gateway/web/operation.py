"""One declaration for each operation: its route, its validation and its entry in the API document.

A handler is an async function. Its parameter names say where each value comes from: `path`, `query`, `headers` and
`body` (see `inputs.py`), `caller` (who is asking), `signed_in` (the verified bearer: naming it protects the operation)
and `identity` (the use-cases). What it returns is the answer's body; `Reply` when a status or header is needed too.
"""

import asyncio
import inspect
import typing
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeVar, cast

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
from gateway.web.inputs import Arrived, Inputs

Handler = Callable[..., Awaitable[Any]]
BodyT = TypeVar("BodyT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Reply(Generic[BodyT]):
    """An answer that needs more than a body."""

    body: BodyT
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Services:
    """What running operations need from the other rooms.

    Attributes:
        identity: the use-cases, handed to each handler.
        authenticate: turns a caller's bearer token into the person it speaks for, or raises `NotSignedIn`.
        body_limits: how much of a body is read, and how long for.
        deadline: longest time to answer once the body is there (security R1).
    """

    identity: object
    authenticate: Callable[[Caller], Awaitable[SignedIn]]
    body_limits: request_body.BodyLimits
    deadline: timedelta


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as declared.

    Attributes:
        path: the document's own path, with `{name}` for parameters.
        id: the document's own operation id.
        inputs: what the handler takes from a request.
        returns: model of the success body.
        errors: reasons of the domain that the handler may give.
        protected: whether it demands a bearer token.
    """

    method: str
    path: str
    id: str
    handler: Handler
    inputs: Inputs
    returns: type[BaseModel]
    errors: tuple[type[GatewayError], ...]
    protected: bool

    @classmethod
    def declared(
        cls,
        handler: Handler,
        route: tuple[str, str],
        operation_id: str,
        errors: tuple[type[GatewayError], ...],
        media_type: str,
    ) -> "Operation":
        """Read the rest of a declaration from the handler's signature."""
        hints = typing.get_type_hints(handler)
        returns = hints["return"]
        if typing.get_origin(returns) is Reply:
            (returns,) = typing.get_args(returns)
        inputs = Inputs.of(hints, media_type)
        return cls(*route, operation_id, handler, inputs, returns, errors, protected="signed_in" in hints)

    @property
    def summary(self) -> str:
        """The first line of the handler's docstring."""
        return (inspect.getdoc(self.handler) or "").partition("\n")[0]

    async def run(
        self, services: Services, path: Mapping[str, str], scope: Scope, receive: Receive, send: Send
    ) -> None:
        """Answer one request: size, then bearer, then parameters, then the handler.

        Raises:
            Refusal: the request itself is no good.
            GatewayError: the handler said no, or the deadline passed.
        """
        headers = Headers(scope=scope)
        try:
            body = await request_body.read(receive, headers, services.body_limits)
        except ClientDisconnect:
            return  # nobody is left to be answered
        arrived = Arrived(path, scope["query_string"], headers, body)
        try:
            async with asyncio.timeout(services.deadline.total_seconds()):
                answer = await self._answer(services, caller_of(scope, headers), arrived)
        except TimeoutError:
            raise Unavailable("deadline") from None
        await _response(answer)(scope, receive, send)

    async def _answer(self, services: Services, caller: Caller, arrived: Arrived) -> object:
        person = {"signed_in": await services.authenticate(caller)} if self.protected else {}
        arguments = self.inputs.validate(arrived)
        return await self.handler(**arguments, **person, identity=services.identity, caller=caller)


def _response(answer: object) -> Response:
    reply = answer if isinstance(answer, Reply) else Reply(cast("BaseModel", answer))
    content = reply.body.__pydantic_serializer__.to_json(reply.body, by_alias=True)
    return Response(content, reply.status, dict(reply.headers), media_type=request_body.JSON)
