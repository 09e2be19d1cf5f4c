"""What an examination finds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an operator should mend.

    Attributes:
        about: what was looked at.
        level: with a `fault` something does not work, or protects nobody; with a `warning` it works less well than it
            could.
        text: a sentence with its remedy.
    """

    about: Literal["keycloak", "redis", "mail", "clock"]
    level: Literal["fault", "warning"]
    text: str
