"""What every answer must be like, whatever was asked (security S34, S38)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import httpx

from tests.abuse.oddities import CANARY
from tests.abuse.requests import ANYBODY, HOST, REQUEST_ID, Request
from tests.surfaces.backchannel_logout import wire_shapes
from tests.surfaces.cyclos import client as cyclos
from tests.surfaces.documents import path_of, undocumented
from tests.surfaces.kestra import client as kestra
from tests.surfaces.nap import client as nap
from tests.surfaces.pipeshub import client as pipeshub
from tests.surfaces.toan import answers as toan

_SAFE = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
_STRICT_TRANSPORT = {"strict-transport-security": "max-age=31536000; includeSubDomains"}
_NEVER = {"server", "x-powered-by", "set-cookie", "access-control-allow-origin"}
_FOREIGN_WORDS = (
    *("keycloak", "realm", "redis", "lua", "smtp"),
    *("uvicorn", "starlette", "pydantic", "aiohttp", "httptools", "joserfc"),
    *("traceback", 'file "', "exception", "errno", "python", ".py", "object at 0x", "nonetype", "dict", "utf-8'"),
)
_OWN_WORD = '"exceptiontype":'
"""Of the document of cyclos."""
# What is said before there is a request, and so before there is a surface.
_OF_HEADS = {
    400: b"Bad request",
    408: b"Request head too slow",
    414: b"URL too long",
    431: b"Request header fields too large",
    501: b"Protocol upgrades are not supported",
}


def faults(request: Request, answer: httpx.Response | None) -> list[str]:
    """Tell what is wrong with an answer; nothing, when it is as it must be."""
    if answer is None:
        return ["there was no answer"]
    judges = (_of_status, _of_headers, _of_body, _of_document)
    return [fault for judge in judges for fault in judge(request, answer)]


def is_of_head(answer: httpx.Response) -> bool:
    """Say whether the head itself was refused."""
    return answer.headers.get("connection") == "close" and _OF_HEADS.get(answer.status_code) == answer.content


def _of_status(request: Request, answer: httpx.Response) -> Iterator[str]:
    if answer.status_code >= 500 and not is_of_head(answer) and not _says_unavailable(request, answer):
        yield f"the status is {answer.status_code}"


def _says_unavailable(request: Request, answer: httpx.Response) -> bool:
    """Say whether the queue for Keycloak was too long (security R6); how often it may be is the run's affair."""
    # The only 5xx that the document of nap has is a 500, so the message tells it from a fault.
    told_as = 500 if request.surface == "nap" else 503
    return answer.status_code == told_as and (told_as == 503 or b"not available" in answer.content)


def _of_headers(request: Request, answer: httpx.Response) -> Iterator[str]:
    safe = _SAFE if is_of_head(answer) else _SAFE | _STRICT_TRANSPORT
    yield from (f"{name} is not {value}" for name, value in safe.items() if answer.headers.get_list(name) != [value])
    yield from (f"there is a header {name}" for name in _NEVER & answer.headers.keys())
    if not _leads_where_it_may(answer):
        yield f"it leads to {answer.headers.get('location')}"
    given = dict(request.headers).get(REQUEST_ID, b"").decode()
    if not is_of_head(answer) and answer.headers.get("x-request-id") != given:
        yield f"it answers {answer.headers.get('x-request-id')} instead of {given}"


def _leads_where_it_may(answer: httpx.Response) -> bool:
    """Say whether browsers are led to the front end, where anything is answered by leading them at all."""
    target = answer.headers.get("location")
    if answer.status_code != httpx.codes.FOUND:
        return target is None
    return target is not None and target.startswith(f"https://{HOST}/")


def _of_body(request: Request, answer: httpx.Response) -> Iterator[str]:
    told = answer.text.lower()
    if request.surface in ("cyclos", ANYBODY):
        told = told.replace(_OWN_WORD, "")
    if CANARY in told:
        yield "it repeats what was sent"
    if answer.is_error:
        yield from (f"it says {word!r}" for word in _FOREIGN_WORDS if word in told)
    if answer.content and not is_of_head(answer) and not _fits(request.surface, answer):
        yield f"it is no answer of {request.surface}"


def _of_document(request: Request, answer: httpx.Response) -> Iterator[str]:
    if request.surface == ANYBODY or is_of_head(answer):
        return
    method = request.method.decode("latin-1")
    if path := path_of(request.surface, method, request.target.decode("latin-1")):
        yield from undocumented(request.surface, method, path, answer)


def _fits(surface: str, answer: httpx.Response) -> bool:
    readers = _READERS.values() if surface == ANYBODY else [_READERS[surface]]
    return any(_reads(reader, answer) for reader in readers)


def _reads(reader: Callable[[httpx.Response], None], answer: httpx.Response) -> bool:
    try:
        reader(answer)
    except (AssertionError, ValueError, LookupError, TypeError):
        return False
    return True


def _toan(answer: httpx.Response) -> None:
    if answer.status_code == 422:
        toan.problems(answer)
    elif answer.is_error:
        toan.refusal(answer, answer.status_code)
    elif answer.content != b"{}":
        toan.tokens(answer)


def _pipeshub(answer: httpx.Response) -> None:
    told = _object(answer)
    if not answer.is_error:
        return
    if isinstance(error := told["error"], dict):
        pipeshub.nested_refusal(answer, answer.status_code, error["code"], error["metadata"]["code"])
    else:
        pipeshub.refusal(answer, answer.status_code, told["code"])


def _nap(answer: httpx.Response) -> None:
    told = _object(answer)
    if answer.status_code == 403:
        nap.login_refusal(answer, verification=told["requireEmailVerification"])
    elif answer.is_error:
        nap.refusal(answer, answer.status_code)


def _kestra(answer: httpx.Response) -> None:
    if answer.is_error:
        kestra.refusal(answer, answer.status_code)
    else:
        _object(answer)


def _cyclos(answer: httpx.Response) -> None:
    if answer.is_error:
        cyclos.refusal(answer, answer.status_code)
    else:
        assert isinstance(answer.json(), dict | list)


def _backchannel_logout(answer: httpx.Response) -> None:
    if answer.is_error:
        wire_shapes.require_refused(answer, answer.status_code)
    else:
        assert _object(answer) == {}


def _nobody(answer: httpx.Response) -> None:
    """Read what is said outside the surfaces."""
    assert answer.status_code in (400, 404)
    toan.refusal(answer, answer.status_code)


def _object(answer: httpx.Response) -> dict[str, Any]:
    assert answer.headers["content-type"] == "application/json"
    told: dict[str, Any] = answer.json()
    assert isinstance(told, dict)
    return told


_READERS: Mapping[str, Callable[[httpx.Response], None]] = {
    "toan": _toan,
    "pipeshub": _pipeshub,
    "nap": _nap,
    "cyclos": _cyclos,
    "kestra": _kestra,
    "backchannel_logout": _backchannel_logout,
    ANYBODY: _nobody,
}
"""Surface → what reads its answers or fails."""
