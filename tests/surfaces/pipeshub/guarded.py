"""The four operations that ask for a CAPTCHA."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import httpx

from tests.servers.people import Person
from tests.surfaces.pipeshub.client import CHANGE, CODE, FORGOT, Pipeshub

NEW = "An0ther!word"
EITHER = [["password", "otp"]]
"""Steps of somebody who can make all four calls."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody who may make all four calls, all of them right but for the CAPTCHA.

    Attributes:
        pipeshub: the gateway with CAPTCHA.
        person: who it is.
        access_token: of a session of his.
    """

    pipeshub: Pipeshub
    person: Person
    access_token: str

    def authenticate(self, **captcha: object) -> httpx.Response:
        """Sign in by the right password."""
        token = self.pipeshub.begun(self.person.email)
        return self.pipeshub.authenticate(token, "password", {"password": self.person.password}, **captcha)

    def generate_otp(self, **captcha: object) -> httpx.Response:
        """Ask for a code."""
        return self.pipeshub.post(CODE, {"email": self.person.email, **captcha})

    def reset_password(self, **captcha: object) -> httpx.Response:
        """Change the password, with the right current one."""
        body = {"currentPassword": self.person.password, "newPassword": NEW, **captcha}
        return self.pipeshub.bearing(self.access_token).post(CHANGE, body)

    def forgot_password(self, **captcha: object) -> httpx.Response:
        """Ask for a link."""
        return self.pipeshub.post(FORGOT, {"email": self.person.email, **captcha})


Call = Callable[..., httpx.Response]

CALLS: Mapping[str, Call] = {
    "authenticate": Asker.authenticate,
    "generate_otp": Asker.generate_otp,
    "reset_password": Asker.reset_password,
    "forgot_password": Asker.forgot_password,
}


def solution(token: object) -> dict[str, object]:
    """Write what a page sends along."""
    return {"cf-turnstile-response": token}
