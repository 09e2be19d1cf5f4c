"""What a document demands of a new password, and the realm's own policy."""

import re
from dataclasses import dataclass

from gateway.domain.errors import PasswordRefused

UNLIKE_THE_CURRENT = "The new password must differ from the current one"
"""A rule of every document that has rules of its own."""

_POLICY = re.compile(r"(length|maxLength|upperCase|lowerCase|digits|specialChars)\(([0-9]{1,4})\)")


@dataclass(frozen=True, slots=True)
class PasswordRule:
    """Length and composition, all of it ASCII; other characters are allowed besides.

    Attributes:
        at_least: characters.
        kinds: what is needed, in words → the characters of which one must occur.
    """

    at_least: int
    kinds: tuple[tuple[str, str], ...]

    def require(self, password: str) -> None:
        """Demand that a password keeps the rule.

        Raises:
            PasswordRefused: with the first thing that is missing.
        """
        if len(password) < self.at_least:
            raise PasswordRefused(f"The new password must have at least {self.at_least} characters")
        if "\n" in password or "\r" in password:
            raise PasswordRefused("The new password must not hold a line break")
        for words, characters in self.kinds:
            if not any(each in characters for each in password):
                raise PasswordRefused(f"The new password must contain {words}")


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What of the realm's policy can be told from outside; Keycloak alone judges by all of it.

    Attributes:
        at_least: characters.
        at_most: characters; None for any number.
        upper_case: letters at least.
        lower_case: letters at least.
        digits: at least.
        special: characters at least that are neither letters nor digits.
    """

    at_least: int = 0
    at_most: int | None = None
    upper_case: int = 0
    lower_case: int = 0
    digits: int = 0
    special: int = 0

    @classmethod
    def of(cls, policy: str) -> "PasswordPolicy":
        """Read a policy as Keycloak writes it, such as `length(8) and digits(1)`."""
        found = {name: int(number) for name, number in _POLICY.findall(policy)}
        return cls(
            at_least=found.get("length", 0),
            at_most=found.get("maxLength"),
            upper_case=found.get("upperCase", 0),
            lower_case=found.get("lowerCase", 0),
            digits=found.get("digits", 0),
            special=found.get("specialChars", 0),
        )
