"""What people have been sent."""

import time
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from devstack import mails

_POLL = 0.05


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Everybody's mail.

    Attributes:
        folder: where the catcher keeps it.
    """

    folder: Path

    def wait_for(self, address: str, timeout: float = 30.0) -> EmailMessage:
        """Return the newest mail to the address, waiting for the first one.

        Args:
            address: who it was sent to.
            timeout: longest wait, seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            found = mails.for_address(self.folder, address)
            if found:
                return found[-1]
            assert time.monotonic() < deadline, f"no mail to {address} within {timeout:g} s"
            time.sleep(_POLL)

    def wait_for_count(self, address: str, count: int, timeout: float = 30.0) -> None:
        """Wait until there are at least this many mails to the address."""
        deadline = time.monotonic() + timeout
        while self.count(address) < count:
            assert time.monotonic() < deadline, f"fewer than {count} mails to {address} within {timeout:g} s"
            time.sleep(_POLL)

    def text(self, address: str, count: int = 1, part: str = "plain") -> str:
        """Read a part of the newest mail to the address, `plain` or `html`, once there are this many."""
        self.wait_for_count(address, count)
        return text_of(self.wait_for(address), part)

    def count(self, address: str) -> int:
        """Count the mails to the address so far."""
        return len(mails.for_address(self.folder, address))

    def all_to(self, address: str) -> list[EmailMessage]:
        """Return the mails to the address so far, the oldest first."""
        return mails.for_address(self.folder, address)


def text_of(mail: EmailMessage, part: str = "plain") -> str:
    """Return the text of a part, `plain` or `html`."""
    body = mail.get_body((part,))
    assert body is not None
    return str(body.get_content())
