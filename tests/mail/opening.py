"""Senders to the servers of these tests."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from gateway.mail.sender import Sender
from gateway.settings import MailSettings

SENDER = "no-reply@id.example"
THEN = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)


def mail_settings(**further: Any) -> MailSettings:  # noqa: ANN401 - a setting's value
    """Return settings for a server on loopback without TLS, with what is given besides.

    They are patient: where no time-out is at stake, a busy machine shall not cause one.
    """
    given = {"host": "127.0.0.1", "port": 25, "security": "none", "from_address": SENDER}
    return MailSettings.model_validate({**given, "connect_timeout": 15, "timeout": 30, **further})


def sender(**further: Any) -> Sender:  # noqa: ANN401 - a setting's value
    """Open a sender."""
    return Sender.open(mail_settings(**further), lambda: THEN)


def read(content: bytes) -> EmailMessage:
    """Read a mail as its recipient's program does."""
    return message_from_bytes(content, policy=policy.default)
