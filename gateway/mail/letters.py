"""A message as it travels: headers that nobody can add a line to, a text and an HTML part (security S16)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from gateway.mail.rendering import Rendered

_MAIL_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail that can be handed over.

    Attributes:
        sender: address that hears of it when it cannot be delivered.
        recipient: the one address it goes to.
        content: headers and body as they are sent.
    """

    sender: str
    recipient: str = field(repr=False)
    content: bytes = field(repr=False)

    @property
    def needs_utf8(self) -> bool:
        """Whether an address is one that only newer mail servers know (RFC 6531)."""
        return not (self.sender + self.recipient).isascii()


class LetterWriter:
    """Writes letters from one address."""

    def __init__(self, sender: str, sender_name: str, clock: Callable[[], datetime]) -> None:
        """Take what all letters have in common.

        Args:
            sender: address.
            sender_name: shown beside it.
            clock: says the time, with its zone.
        """
        self._sender = sender
        self._name = sender_name
        self._clock = clock

    def write(self, rendered: Rendered, recipient: str, mail_id: str) -> Letter:
        """Write a letter.

        Args:
            rendered: what it says.
            recipient: one address, checked by `mail_address`.
            mail_id: the same for every attempt, so that a copy is known as one.

        Raises:
            ValueError: something in a header would begin a new line, or an id is none.
        """
        if not _MAIL_ID.fullmatch(mail_id):
            raise ValueError("a mail's id must be made of letters, digits, dots and dashes")
        utf8 = not (self._sender + recipient).isascii()
        # This policy refuses line breaks in headers.
        letter = EmailMessage(SMTP.clone(utf8=utf8))
        letter["From"] = _address(self._sender, self._name)
        letter["To"] = _address(recipient)
        letter["Subject"] = rendered.subject
        letter["Date"] = self._clock()
        letter["Message-ID"] = f"<{mail_id}@{self._sender.rpartition('@')[2]}>"
        # Keeps absence notices from being sent back (RFC 3834 section 5, and the one that Exchange knows).
        letter["Auto-Submitted"] = "auto-generated"
        letter["X-Auto-Response-Suppress"] = "All"
        # Quoted-printable keeps lines short and 7-bit, so that no server on the way has to rewrite them.
        letter.set_content(rendered.text, cte="quoted-printable")
        letter.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
        # Last, as setting the parts clears every header that begins with `Content-`.
        letter["Content-Language"] = rendered.locale
        return Letter(self._sender, recipient, letter.as_bytes())


def _address(address: str, name: str = "") -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, username=local, domain=domain)
