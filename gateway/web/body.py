"""A request's body: read once, within limits, and parsed strictly (security S30, S31, S33)."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.web.refusals import BodyTooLarge, BodyTooSlow, InvalidRequest, Problem, UnsupportedMediaType

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

_MAX_FORM_FIELDS = 100


@dataclass(frozen=True, slots=True)
class BodyLimits:
    """How much is read, and how long for.

    Attributes:
        size: bytes.
        time: from the first wait to the last byte.
    """

    size: int
    time: timedelta


async def read(receive: Receive, headers: Headers, limits: BodyLimits) -> bytes:
    """Read the whole body.

    Raises:
        BodyTooLarge: at once when `Content-Length` says so, else as soon as more has come.
        BodyTooSlow: it has not come within its time.
        ClientDisconnect: the client went away.
    """
    declared = headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limits.size:
        raise BodyTooLarge
    try:
        async with asyncio.timeout(limits.time.total_seconds()):
            return await _collect(receive, limits.size)
    except TimeoutError:
        raise BodyTooSlow from None


async def _collect(receive: Receive, size: int) -> bytes:
    body = bytearray()
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        body += message.get("body", b"")
        if len(body) > size:
            raise BodyTooLarge
        more = message.get("more_body", False)
    return bytes(body)


def parse(body: bytes, headers: Headers, media_type: str, *, is_told: bool = True) -> Any:  # noqa: ANN401 - whatever JSON holds; a model judges it
    """Parse a body as the one media type its operation takes.

    Args:
        body: as read.
        headers: the request's; `Content-Type` must be `media_type`, parameters such as `charset` are fine.
        media_type: `JSON` or `FORM`.
        is_told: whether `Content-Type` must say so; where it need not, the body is taken for what it has to be.

    Raises:
        UnsupportedMediaType: another type, or a `Content-Encoding`.
        InvalidRequest: there is no body, or it is not what its type says.
    """
    if not body:
        raise _invalid("missing", "Field required")
    given = headers.get("content-type", "").partition(";")[0].strip().lower()
    if (is_told and given != media_type) or "content-encoding" in headers:
        raise UnsupportedMediaType((Problem(("body",), "media_type", f"Input should be {media_type}"),))
    return _json(body) if media_type == JSON else _form(body)


def _json(body: bytes) -> object:
    try:
        value = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        raise _invalid("json_invalid", "JSON decode error") from None
    # Only an escape can bring NUL into JSON; few bodies hold one, so the walk is rare.
    if b"\\u0000" in body and _holds_nul(value):
        raise _invalid("json_invalid", "NUL characters are not allowed")
    return value


def _holds_nul(value: object) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(key) or _holds_nul(member) for key, member in value.items())
    return isinstance(value, list) and any(map(_holds_nul, value))


def _form(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FORM_FIELDS
        )
    except ValueError:
        raise _invalid("form_invalid", "Form decode error") from None
    return dict(fields)


def _invalid(kind: str, message: str) -> InvalidRequest:
    return InvalidRequest((Problem(("body",), kind, message),))
