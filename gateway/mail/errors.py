"""The library's errors in our words; what a server says beside its codes repeats addresses, so it is not logged."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientRefused,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from gateway.domain.errors import Unavailable

_log = structlog.get_logger()

_TROUBLE = (SMTPException, OSError, ValueError)
"""What the library raises. `OSError`: also time-outs and certificates. `ValueError`: an answer it cannot read."""
_OURS = frozenset({503, 530, 535, 538})
"""Wrong order, or one must sign in or encrypt first (RFC 5321, RFC 4954 section 6): no address could help that."""
_ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_POLICY = "5.7."
"""Security or policy (RFC 3463 section 3.8): relaying denied, a blocked sender; ours to mend, so worth waiting."""


@contextmanager
def trouble_as_unavailable() -> Iterator[None]:
    """Turn transport trouble, time-outs and refusals into `Unavailable`."""
    try:
        yield
    except _TROUBLE as error:
        refusal = _refusal(error)
        _log.warning(
            "mail_server_unavailable",
            trouble=type(error).__name__,
            code=refusal.code if refusal else None,
            status=_status(refusal) if refusal else None,
        )
        raise Unavailable("mail") from None


def is_permanent(error: SMTPException) -> bool:
    """Say whether a mail server that took the connection will never take this mail."""
    if isinstance(error, SMTPNotSupported):
        return True
    refusal = _refusal(error)
    if not isinstance(refusal, SMTPRecipientRefused | SMTPDataError):
        return False
    return _is_final(refusal.code) and not _status(refusal).startswith(_POLICY)


def report_impossible(error: SMTPException) -> None:
    """Log why an address gets no mail, without the address."""
    refusal = _refusal(error)
    _log.warning(
        "mail_refused",
        trouble=type(error).__name__,
        code=refusal.code if refusal else None,
        status=_status(refusal) if refusal else None,
    )


def _is_final(code: int) -> bool:
    """Say whether a reply is permanent (RFC 5321 section 4.2.1) and about this mail."""
    return code // 100 == 5 and code not in _OURS  # noqa: PLR2004 - the class of permanent refusals


def _refusal(error: Exception) -> SMTPResponseException | None:
    if isinstance(error, SMTPRecipientsRefused):
        # Every letter has one recipient.
        return error.recipients[0]
    return error if isinstance(error, SMTPResponseException) else None


def _status(refusal: SMTPResponseException) -> str:
    """Return the enhanced status code; empty when the server gives none."""
    found = _ENHANCED.match(refusal.message)
    return found[0] if found else ""
