"""Passwords that nobody has thought of (cyclos contract section 10)."""

import secrets
import string

from gateway.domain.password_rules import PasswordPolicy

_LENGTH = 16
_SPECIAL = "#?!@$%*-"
"""Neither blanks nor what is written in another way on a page."""
_LOWER_CASE = "abcdefghijkmnopqrstuvwxyz"
_UPPER_CASE = "ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without those that are read for one another, as the digits below."""
_DIGITS = string.digits[2:]

_shuffle = secrets.SystemRandom().shuffle


def generated_password(policy: PasswordPolicy) -> str:
    """Make a password of 16 characters or more that fits what a realm demands, as far as that can be told.

    Args:
        policy: of the realm.
    """
    kinds = (
        (_LOWER_CASE, policy.lower_case),
        (_UPPER_CASE, policy.upper_case),
        (_DIGITS, policy.digits),
        (_SPECIAL, policy.special),
    )
    drawn = [secrets.choice(kind) for kind, least in kinds for _ in range(max(1, least))]
    length = max(_LENGTH, policy.at_least, len(drawn))
    if policy.at_most is not None:
        length = max(len(drawn), min(length, policy.at_most))
    letters_and_digits = _LOWER_CASE + _UPPER_CASE + _DIGITS
    drawn += [secrets.choice(letters_and_digits) for _ in range(length - len(drawn))]
    _shuffle(drawn)
    return "".join(drawn)
