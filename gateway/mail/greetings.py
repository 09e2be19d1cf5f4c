"""Which names a mail repeats: a stranger may have chosen them, to have us write to his victim."""

import re
import unicodedata

_MOST = 80
_SPEAKING = re.compile(r"://|www\.|@|\w\.\w{2,}", re.IGNORECASE)
"""What mail programs turn into links: an address of the web or of a mailbox, a domain."""
_CODE_LIKE = re.compile(r"\d{6}")
"""Mail programs offer such digits to be filled in as the code (security S19)."""


def greetable(name: str) -> str:
    """Return the name as a mail may write it, on one line; empty when it should greet without one.

    Args:
        name: as stored in Keycloak, whoever put it there.
    """
    shown = " ".join("".join(map(_visible, name)).split())
    # Full-width digits and dots are read as what they look like.
    read = unicodedata.normalize("NFKC", shown)
    digits = re.sub(r"[\W_]", "", read)
    if len(shown) > _MOST or _SPEAKING.search(read) or _CODE_LIKE.search(digits):
        return ""
    return shown


def _visible(character: str) -> str:
    """Drop what shows nothing or turns the direction of writing; a line break and its like become a blank."""
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category.startswith("C") else character
