"""What people find in their mail."""

import re
from dataclasses import dataclass

from tests.conftest import Mailbox
from tests.servers.people import Person
from tests.surfaces.kestra.client import Kestra, require_done

_CODE = re.compile(r"^[ \t]*([0-9]{6})[ \t\r]*$", re.MULTILINE)
_LINK = re.compile(r"https?://[^\s<>\"']+")
_PAGE = "https://front.example/ui/reset-password?token="
_INVITATION_PAGE = "https://front.example/ui/invitation/"


@dataclass(frozen=True, slots=True)
class KestraLetters:
    """Codes and links."""

    mailbox: Mailbox

    def code(self, person: Person, count: int = 1) -> str:
        """Read the code of the newest mail, once there are this many; it stands alone on a line."""
        (code,) = _CODE.findall(self.text(person, count))
        return str(code)

    def token(self, person: Person, count: int = 1) -> str:
        """Read the token of a reset link, which leads to the page that is set."""
        (link,) = set(_LINK.findall(self.text(person, count)))
        assert link.startswith(_PAGE)
        return str(link.removeprefix(_PAGE))

    def invitation(self, email: str, count: int = 1) -> str:
        """Read the invitation of the newest mail to an address, once there are this many."""
        self.mailbox.wait_for_count(email, count)
        body = self.mailbox.wait_for(email).get_body(("plain",))
        assert body is not None
        (link,) = set(_LINK.findall(body.get_content()))
        assert link.startswith(_INVITATION_PAGE)
        return str(link.removeprefix(_INVITATION_PAGE))

    def text(self, person: Person, count: int = 1, part: str = "plain") -> str:
        """Read the newest mail, once there are this many."""
        self.mailbox.wait_for_count(person.email, count)
        body = self.mailbox.wait_for(person.email).get_body((part,))
        assert body is not None
        return str(body.get_content())


def asked_code(kestra: Kestra, letters: KestraLetters, person: Person, count: int = 1) -> str:
    """Ask for a code, and read it."""
    require_done(kestra.request_code(person.email))
    return letters.code(person, count)


def another(code: str) -> str:
    """Make a code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06d}"
