"""A request's body: read once, within limits, and parsed strictly (security S30, S31, S33)."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from math import isinf
from typing import Any
from urllib.parse import parse_qsl

from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from gateway.web.refusals import BodyTooLarge, BodyTooSlow, InvalidBody, Problem, UnsupportedMediaType

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
ANY = "*/*"
"""A text, whatever it is said to come as: some clients send a bare password as JSON."""

_TEXT = "text/plain"
_MAX_TEXT = 4096
"""Bytes: nothing but a password comes as a bare text."""
_MAX_FORM_FIELDS = 100
_MAX_COMMAS = 10_000
"""In JSON, those in texts included: what nobody has to say, a hundred thousand values, would hold up everybody else."""


@dataclass(frozen=True, slots=True)
class MediaTypes:
    """What a body may come as.

    Attributes:
        taken: each of them `JSON` or `FORM`, the one that clients should send first; or `ANY` alone.
        unnamed: what a body is read as that comes without `Content-Type`; empty where it is refused.
        is_told: whether `Content-Type` counts at all; where it does not, a body is taken for the first of the types.
    """

    taken: tuple[str, ...] = (JSON,)
    unnamed: str = ""
    is_told: bool = True

    @property
    def told(self) -> tuple[str, ...]:
        """What a document names."""
        return (JSON, _TEXT) if ANY in self.taken else self.taken

    def of(self, headers: Headers) -> str | None:
        """Say what a body comes as, parameters such as `charset` aside; None when it may not."""
        given = headers.get("content-type", "").partition(";")[0].strip().lower() or self.unnamed
        if not self.is_told or ANY in self.taken:
            given = self.taken[0]
        return given if given in self.taken and "content-encoding" not in headers else None


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


def parse(body: bytes, headers: Headers, types: MediaTypes) -> Any:  # noqa: ANN401 - whatever JSON holds; a model judges it
    """Parse a body as a media type that its operation takes.

    Args:
        body: as read.
        headers: the request's.
        types: what it may come as.

    Raises:
        UnsupportedMediaType: another type, or a `Content-Encoding`.
        InvalidBody: there is no body, where it is not a bare text, or it is not what its type says.
        BodyTooLarge: a bare text of more than 4 KiB.
    """
    media_type = types.of(headers)
    if not body and media_type != ANY:
        raise _invalid("missing", "Field required")
    if media_type is None:
        raise UnsupportedMediaType((Problem(("body",), "media_type", f"Input should be {' or '.join(types.taken)}"),))
    return _READERS[media_type](body)


def _json(body: bytes) -> object:
    if body.count(b",") > _MAX_COMMAS:
        raise _invalid("json_invalid", "Too many values")
    try:
        value = from_json(body, allow_inf_nan=False, cache_strings="keys")
    except ValueError:
        raise _invalid("json_invalid", "JSON decode error") from None
    _judge(value)
    return value


def _judge(value: object) -> None:
    """Refuse what JSON can write and nobody can mean: an escaped NUL, and `1e400`, which is read as infinity."""
    if isinstance(value, str) and "\0" in value:
        raise _invalid("json_invalid", "NUL characters are not allowed")
    if isinstance(value, float) and isinf(value):
        raise _invalid("json_invalid", "JSON decode error")
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        for each in value:
            _judge(each)


def _form(body: bytes) -> dict[str, str]:
    try:
        fields = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FORM_FIELDS
        )
    except ValueError:
        raise _invalid("form_invalid", "Form decode error") from None
    return dict(fields)


def _text(body: bytes) -> str:
    if len(body) > _MAX_TEXT:
        raise BodyTooLarge
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise _invalid("text_invalid", "Text is not valid UTF-8") from None


_READERS: Mapping[str, Callable[[bytes], object]] = {JSON: _json, FORM: _form, ANY: _text}


def _invalid(kind: str, message: str) -> InvalidBody:
    return InvalidBody((Problem(("body",), kind, message),))
