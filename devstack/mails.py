"""Reads what the mail catcher kept."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

_LINK_OR_CODE = re.compile(r"https?://[^\s<>\"']+|\b[0-9]{6}\b")


@dataclass(frozen=True, slots=True)
class Mail:
    """What a developer wants to see of a mail.

    Attributes:
        keys: links and six-digit codes.
    """

    sender: str
    to: str
    subject: str
    keys: tuple[str, ...]

    @classmethod
    def of(cls, message: EmailMessage) -> "Mail":
        """Take the gist of a mail."""
        body = message.get_body(("plain", "html"))
        text = body.get_content() if body else ""
        keys = tuple(dict.fromkeys(_LINK_OR_CODE.findall(text)))
        return cls(str(message["From"]), str(message["X-Envelope-To"]), str(message["Subject"]), keys)

    def __str__(self) -> str:
        """Write it for the terminal."""
        lines = [f"✉ to {self.to} from {self.sender}: {self.subject}", *(f"  {key}" for key in self.keys)]
        return "\n".join(lines)


def parsed(file: Path) -> EmailMessage:
    """Read one kept mail; `X-Envelope-To` says who it was really for."""
    return message_from_bytes(file.read_bytes(), policy=policy.default)


def kept(folder: Path) -> Iterator[EmailMessage]:
    """Yield the kept mails, oldest first."""
    for file in sorted(folder.glob("*.eml")):
        yield parsed(file)


def for_address(folder: Path, address: str) -> list[EmailMessage]:
    """Return the mails that were sent to the address, oldest first."""
    return [parsed(file) for file in sorted(folder.glob("*.eml")) if address.casefold() in _receivers(file)]


def _receivers(file: Path) -> list[str]:
    """Read whom a kept mail was for: the catcher's own header comes first, and parsing every mail takes a while."""
    with file.open("rb") as mail:
        header = mail.readline().decode().removeprefix("X-Envelope-To: ")
    return header.strip().casefold().split(", ")
