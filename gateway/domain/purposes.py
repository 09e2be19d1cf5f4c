"""What a secret was given out for: one that fits one purpose is worthless for another (security S26)."""

from enum import StrEnum


class CodePurpose(StrEnum):
    """What a one-time code proves."""

    SIGN_IN = "sign-in"
    """A step of a sign-in (pipeshub contract section 8)."""
    SECOND_FACTOR = "second-factor"
    """The second factor of the one sign-in that it was sent for (cyclos contract section 8)."""
    CONFIRMATION = "confirmation"
    """That a signed-in person means what was asked for (cyclos contract section 8)."""


class LinkPurpose(StrEnum):
    """What a secret that was mailed or handed over allows, once."""

    RESET = "reset"
    """To set a new password."""
    VERIFY = "verify"
    """To have one's address taken as proven."""
    ACTIVATION = "activation"
    """To activate an access client; handed over by an operator (cyclos contract section 9)."""
