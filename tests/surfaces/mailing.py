"""Gateways that send mails, and what is in these."""

import re

from tests.conftest import Stack

_CODE = re.compile(r"^[ \t]*([0-9]{6})[ \t\r]*$", re.MULTILINE)
_LINK = re.compile(r"https?://[^\s<>\"']+")


def mailing_through(stack: Stack) -> dict[str, str]:
    """Return what has a gateway mail through the stack's catcher, with links to a front end."""
    return {
        "MAIL__HOST": stack.smtp_host,
        "MAIL__PORT": str(stack.smtp_port),
        "MAIL__CONNECT_TIMEOUT": "4",  # the catcher is everybody's, and may be busy
        "MAIL__SECURITY": "none",
        "MAIL__FROM_ADDRESS": "noreply@example.test",
        "LINKS__FRONTEND_URL": "https://front.example",
    }


def code_in(text: str) -> str:
    """Read the only code, which stands alone on a line."""
    (code,) = _CODE.findall(text)
    return str(code)


def links_in(text: str) -> list[str]:
    """Read all links."""
    return _LINK.findall(text)


def secret_in(text: str, page: str) -> str:
    """Read what the only link brings to a page; it may be there twice."""
    (link,) = set(links_in(text))
    assert link.startswith(page)
    return link.removeprefix(page)
