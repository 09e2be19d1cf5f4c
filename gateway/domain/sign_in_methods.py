"""How a person may prove who he is, and in which order."""

import json
from enum import StrEnum


class SignInMethod(StrEnum):
    """One way to complete a step; the values are the words of organizations' settings (pipeshub contract section 4)."""

    PASSWORD = "password"  # noqa: S105 - a method's name, no password
    ONE_TIME_CODE = "otp"
    GOOGLE = "google"
    MICROSOFT = "microsoft"
    AZURE_AD = "azureAd"
    OAUTH = "oauth"
    SAML = "samlSso"

    @property
    def is_external(self) -> bool:
        """Say whether an identity provider of the realm vouches for the person."""
        return self not in (SignInMethod.PASSWORD, SignInMethod.ONE_TIME_CODE)


SignInSteps = tuple[tuple[SignInMethod, ...], ...]
"""The steps in their order; any one method of a step completes it."""

MOST_STEPS = 3


def steps_of(text: str) -> SignInSteps:
    """Read steps as organizations write them: `[["password", "google"], ["otp"]]` (pipeshub contract section 4).

    Raises:
        ValueError: says what is wrong with them, in words for an operator.
    """
    try:
        steps = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError('must be JSON such as [["password"],["otp"]]') from None
    if not _is_list_of_lists(steps) or not 1 <= len(steps) <= MOST_STEPS or not all(steps):
        raise ValueError(f"must be 1 to {MOST_STEPS} steps, each a list of at least one method")
    words = [word for step in steps for word in step]
    if unknown := [word for word in words if word not in list(SignInMethod)]:
        raise ValueError(f"unknown methods {unknown}; known are {', '.join(SignInMethod)}")
    if len(set(words)) < len(words):
        raise ValueError("a method may occur once only")
    return tuple(tuple(SignInMethod(word) for word in step) for step in steps)


def _is_list_of_lists(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, list) for each in value)
