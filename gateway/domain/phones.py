"""Telephone numbers."""

import re

_PUNCTUATION = re.compile(r"[\s().\-/]")
_E164 = re.compile(r"\+[1-9][0-9]{5,14}", re.ASCII)


def normalise_number(written: str) -> str | None:
    """Bring a number into the form in which it is called from anywhere (E.164); None for what has no such form."""
    number = _PUNCTUATION.sub("", written)
    return number if _E164.fullmatch(number) else None
