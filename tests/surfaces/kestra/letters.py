"""What people find in their mail."""

from dataclasses import dataclass

from tests.conftest import Mailbox
from tests.servers.people import Person
from tests.surfaces.kestra.client import Kestra, require_done
from tests.surfaces.mailing import code_in, secret_in

_PAGE = "https://front.example/ui/reset-password?token="
_INVITATION_PAGE = "https://front.example/ui/invitation/"


@dataclass(frozen=True, slots=True)
class KestraLetters:
    """Codes and links."""

    mailbox: Mailbox

    def code(self, person: Person, count: int = 1) -> str:
        """Read the code of the newest mail, once there are this many; it stands alone on a line."""
        return code_in(self.text(person, count))

    def token(self, person: Person, count: int = 1) -> str:
        """Read the token of a reset link, which leads to the page that is set."""
        return secret_in(self.text(person, count), _PAGE)

    def invitation(self, email: str, count: int = 1) -> str:
        """Read the invitation of the newest mail to an address, once there are this many."""
        return secret_in(self.mailbox.text(email, count), _INVITATION_PAGE)

    def text(self, person: Person, count: int = 1, part: str = "plain") -> str:
        """Read the newest mail, once there are this many."""
        return self.mailbox.text(person.email, count, part)


def asked_code(kestra: Kestra, letters: KestraLetters, person: Person, count: int = 1) -> str:
    """Ask for a code, and read it."""
    require_done(kestra.request_code(person.email))
    return letters.code(person, count)


def another(code: str) -> str:
    """Make a code that is not this one."""
    return f"{(int(code) + 1) % 10**6:06d}"
