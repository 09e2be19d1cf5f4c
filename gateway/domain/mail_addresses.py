"""The one parser of mail addresses (security S16)."""

import re

import email_validator

MAX_ADDRESS = 254
"""Longest e-mail address, characters (RFC 5321 section 4.5.3.1.3 with erratum 1690)."""

_SEPARATORS = re.compile(r'[\s,;<>"\\]')

# An organization's own network calls its mail domains what it likes: `.local`, `.internal`, `.test`.
email_validator.SPECIAL_USE_DOMAIN_NAMES.clear()


def mail_address(text: str) -> str:
    """Bring an address into the form in which it is mailed to.

    Args:
        text: what claims to be one address, without a display name.

    Returns:
        The local part as it was, the domain in lower case and in ASCII (RFC 5891).

    Raises:
        ValueError: it is none, is too long, or holds what could end an address and begin another; the text does not
            repeat it.
    """
    # Keycloak takes `"a b"@…` for an address; a mail program would not (RFC 5321 allows it only in quotes).
    if len(text) > MAX_ADDRESS or not text.isprintable() or text.count("@") != 1 or _SEPARATORS.search(text):
        raise ValueError(f"must be one address such as `name@example.org`, of at most {MAX_ADDRESS} characters")
    try:
        found = email_validator.validate_email(text, check_deliverability=False, globally_deliverable=False)
    except email_validator.EmailNotValidError:
        raise ValueError("must be one address such as `name@example.org`") from None
    address = f"{found.local_part}@{found.ascii_domain}"
    if len(address) > MAX_ADDRESS:
        raise ValueError(f"longer than {MAX_ADDRESS} characters with its domain in ASCII")
    return address
