"""What a signed-in person proves further, and how codes for it reach him (cyclos contract section 8)."""

from enum import StrEnum


class Proof(StrEnum):
    """What a further proof is given by."""

    PASSWORD = "password"  # noqa: S105 - a word, no password
    OTP = "otp"
    """A one-time code that was sent."""
    TOTP = "totp"
    """A one-time code of the person's generator."""


class Medium(StrEnum):
    """What carries a one-time code."""

    EMAIL = "email"
    SMS = "sms"
