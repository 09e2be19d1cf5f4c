"""One documented API: its operations, and its own way to say no."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar, Unpack

import structlog
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.domain.errors import AccountLocked, GatewayError, TooManyAttempts, Unavailable
from gateway.web import body as request_body
from gateway.web.operation import Handler, Operation, Particulars
from gateway.web.refusals import Refusal

HandlerT = TypeVar("HandlerT", bound=Handler)

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class WireError:
    """How one document says one reason.

    Attributes:
        status: HTTP status.
        description: for the API document.
        body: makes the JSON body from the reason.
        model: shape of that body, for the API document.
        headers: makes further headers from the reason.
        tells_when: the header `Retry-After` says when to come back (RFC 9110 section 10.2.3), as the reason has it.
    """

    status: int
    description: str
    body: Callable[[Any], object]
    model: type[BaseModel]
    headers: Callable[[Any], Mapping[str, str]] = lambda _: {}
    tells_when: bool = False

    def response(self, reason: Exception, envelope: Callable[[object], object] = lambda body: body) -> Response:
        """Say it, in the shape that the envelope makes."""
        headers = {**self.headers(reason), **(reason.headers if isinstance(reason, Refusal) else {})}
        if self.tells_when and isinstance(reason, AccountLocked | TooManyAttempts | Unavailable):
            headers["retry-after"] = str(reason.retry_after)
        return JSONResponse(envelope(self.body(reason)), self.status, headers)


Envelope = Callable[[Request, Any], object]
"""The request and a refusal's body → the body that is sent."""


def verbatim(_: Request, body: object) -> object:
    """Send a refusal's body as it is."""
    return body


WireErrors = Mapping[type[Exception], WireError]
"""Reason → how it is said; a reason without a row of its own takes its parent's. `Exception` is the unexpected."""


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """One documented API.

    Attributes:
        name: its folder, its settings section, its name in logs and metrics.
        title: the document's title.
        base_path: what its paths begin with; unknown paths below it get its 404.
        further_paths: more base paths of the same document.
        types_are_told: whether a body counts only under its own `Content-Type` (security S33).
        unnamed_type: what a body is read as that comes without `Content-Type`; empty where it is refused.
        answers_head: whether HEAD is answered where GET is: its GETs change nothing that anybody would miss.
        envelope: puts a refusal's body into the shape that the asking client reads; the body as it is by default.
        operations: in the document's order.
        own_words: reasons that one operation says in another way than the rest, by operation id.
        errors: its way to say each reason, for all of `GatewayError`, `Refusal` and the unexpected.
    """

    name: str
    title: str
    version: str
    base_path: str
    errors: WireErrors
    further_paths: tuple[str, ...] = ()
    types_are_told: bool = True
    unnamed_type: str = ""
    answers_head: bool = False
    envelope: Envelope = verbatim
    operations: list[Operation] = field(default_factory=list)
    own_words: dict[str, WireErrors] = field(default_factory=dict)

    def operation(
        self,
        method: str,
        path: str,
        *,
        id: str,  # noqa: A002 - OpenAPI's own word, as every reader of a declaration expects it
        media_type: str = request_body.JSON,
        further_types: tuple[str, ...] = (),
        own_words: WireErrors | None = None,
        **particulars: Unpack[Particulars],
    ) -> Callable[[HandlerT], HandlerT]:
        """Declare the decorated handler as an operation of this surface."""
        types = request_body.MediaTypes((media_type, *further_types), self.unnamed_type, self.types_are_told)

        def declare(handler: HandlerT) -> HandlerT:
            self.operations.append(Operation.declared(handler, (method, path), id, types, **particulars))
            self.own_words[id] = own_words or {}
            return handler

        return declare

    def exception_handlers(self) -> dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]]:
        """Give Starlette's `ExceptionMiddleware` this surface's words."""
        return {
            GatewayError: self._refuse,
            Refusal: self._refuse,
            Exception: self._fail,
        }

    def wire_error(self, reason: type[Exception], operation_id: str = "") -> WireError:
        """Find the row of a reason, or of its nearest parent; an operation's own words go first."""
        rows = {**self.errors, **self.own_words.get(operation_id, {})}
        return next(rows[each] for each in reason.__mro__ if each in rows)

    async def _refuse(self, request: Request, reason: Exception) -> Response:
        state = request.scope["state"]
        form = self.wire_error(type(reason), state.get("operation", ""))
        response = form.response(reason, partial(self.envelope, request))
        for cookie in state.get("cookies", ()):
            response.headers.append("set-cookie", cookie)
        return response

    async def _fail(self, request: Request, reason: Exception) -> Response:
        _log.error("unexpected_error", surface=self.name, exc_info=reason)
        return self.errors[Exception].response(reason, partial(self.envelope, request))
