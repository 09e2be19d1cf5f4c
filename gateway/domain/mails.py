"""What becomes of mails."""

from enum import Enum


class MailOutcome(Enum):
    """What became of a mail."""

    SENT = "sent"
    """A mail server has taken it."""
    IMPOSSIBLE = "impossible"
    """It can never be delivered: nobody to mail, or no such address; trying again is of no use."""
    FAILED = "failed"
    """It could not be handed to a mail server now."""
