"""People who sign up, who are invited, and who find a link in their mail."""

import secrets
from dataclasses import dataclass
from urllib.parse import unquote

from tests.conftest import Mailbox
from tests.servers.mailbox import text_of
from tests.surfaces.mailing import links_in

PASSWORD = "Passw0rd!x"
_PAGE = "https://front.example/auth/verify-email?token="


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who has no account yet."""

    email: str

    def body(self, **changed: object) -> dict[str, object]:
        """Write the body of the sign-up; a member that is None is left out."""
        whole = {
            "email": self.email,
            "password": PASSWORD,
            "confirmPassword": PASSWORD,
            "firstName": "Zoë",
            "lastName": "李",
            **changed,
        }
        return {name: value for name, value in whole.items() if value is not None}


def newcomer(domain: str = "example.test") -> Newcomer:
    """Think somebody up."""
    return Newcomer(f"new-{secrets.token_hex(5)}@{domain}")


def a_domain() -> str:
    """Think up a domain that nobody else has."""
    return f"{secrets.token_hex(5)}.test"


@dataclass(frozen=True, slots=True)
class Letters:
    """Mails that verify an address."""

    mailbox: Mailbox

    def token(self, email: str, count: int = 1) -> str:
        """Read the token of the newest mail, once there are this many; both parts have the same link."""
        self.mailbox.wait_for_count(email, count)
        mail = self.mailbox.wait_for(email)
        (link,) = links_in(text_of(mail))
        assert link in text_of(mail, "html")
        assert link.startswith(_PAGE)
        return unquote(link.removeprefix(_PAGE))
