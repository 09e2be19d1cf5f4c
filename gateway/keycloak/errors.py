"""How Keycloak's no, and the network's, becomes one of our reasons; nothing of a library's leaves this room."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
import structlog

from gateway.domain.errors import AccountDisabled, AccountNotReady, CredentialsRefused, GatewayError, Unavailable

_log = structlog.get_logger()

UNREACHABLE: tuple[type[Exception], ...] = (aiohttp.ClientError, OSError, TimeoutError, ValueError)
"""What the HTTP library raises when there is no (readable) answer. `ValueError`: its own for unusable input."""

_UNREADABLE: tuple[type[Exception], ...] = (ValueError, RecursionError)
_NOT_READY = "Account is not fully set up"
_DISABLED = "Account disabled"
_ERROR_CODE = re.compile(r"[A-Za-z_]{1,64}")


@contextmanager
def unreachable_as_unavailable() -> Iterator[None]:
    """Turn transport trouble and time-outs into `Unavailable`."""
    try:
        yield
    except UNREACHABLE as error:
        _log.warning("keycloak_unreachable", trouble=type(error).__name__)
        raise Unavailable("keycloak") from None


def grant_refusal(code: str, description: str) -> GatewayError | None:
    """Say what a refused password grant means; None when it is not about the person.

    Keycloak 26 checks the password before it tells of required actions and of a disabled account, so only someone who
    knows it learns of them. A lock and a missing second factor are told to nobody (toan contract section 3.1).

    Args:
        code: OAuth error code (RFC 6749 section 5.2).
        description: Keycloak's text beside it.
    """
    if code != "invalid_grant":
        return None
    if description == _NOT_READY:
        return AccountNotReady()
    return AccountDisabled() if description == _DISABLED else CredentialsRefused()


def unexpected(asked: str, status: int, code: str = "") -> Unavailable:
    """Report an answer that a well set-up realm does not give, and return the reason to raise.

    Args:
        asked: what was asked for, in our words.
        status: HTTP status of the answer.
        code: its error code; logged only if it looks like one.
    """
    _log.error("keycloak_answer_unexpected", asked=asked, status=status, code=_shown(code))
    return Unavailable("keycloak")


def _shown(code: str) -> str:
    # Keycloak's texts may hold what a person typed (security S48); its codes do not.
    return code if _ERROR_CODE.fullmatch(code) else ""


def error_of(body: bytes) -> tuple[str, str]:
    """Read `error` and `error_description` of an answer; empty where it has none."""
    try:
        told = json.loads(body)
    except _UNREADABLE:
        return "", ""
    if not isinstance(told, dict):
        return "", ""
    return _text(told.get("error")), _text(told.get("error_description"))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
