"""What a document demands of a new password, besides the realm's own policy."""

from dataclasses import dataclass

from gateway.domain.errors import PasswordRefused

UNLIKE_THE_CURRENT = "The new password must differ from the current one"
"""A rule of every document that has rules of its own."""


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
