"""What the document's client sends for all that is asked for beyond a password (contract sections 8 to 10)."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import redis

from gateway.app import use_cases
from gateway.settings import load
from tests.conftest import Mailbox, Stack
from tests.servers.mailbox import text_of
from tests.servers.people import Person
from tests.servers.sms_provider import SmsProvider
from tests.surfaces.cyclos.client import JSON, NOBODY, SESSION, Cyclos, basic, refusal
from tests.surfaces.mailing import code_in, links_in, mailing_through, secret_in

SECOND = "/api/auth/session/secondary-password"
OTP = "/api/auth/otp"
CLIENT = "/api/auth/access-client"
ACTIVATE = "/api/clients/activate"
REQUEST = "/api/auth/forgotten-password/request"
DATA_FOR_CHANGE = "/api/auth/forgotten-password/data-for-change"
CHANGE = "/api/auth/forgotten-password"

LOGIN_TYPE = {"id": "login", "name": "Password", "internalName": "login"}
OTP_TYPE = {"id": "otp", "name": "One-time password", "internalName": "otp"}
TOTP_TYPE = {"id": "totp", "name": "Code generator", "internalName": "totp"}

ODD_PASSWORDS = (
    "9" * 4000,
    "\u0661" * 6,
    '["012345"]',
    "{}",
    "null",
    "NaN",
    "012345\x00",
    '"012345\\u0000"',
    '"\\ud800"',
    "[" * 3000,
)
"""Bodies that are read, and are nobody's secondary password."""

_PAGE = "https://front.example/forgot-password/"


def sent(
    cyclos: Cyclos, method: str, path: str, body: object = None, query: Mapping[str, str] | None = None
) -> httpx.Response:
    """Send a JSON body."""
    content = json.dumps(body if body is not None else {}).encode()
    url = f"{cyclos.network}{path}"
    return cyclos.http.request(
        method, url, params=dict(query or {}), headers={**JSON, **cyclos.default}, content=content
    )


def give(cyclos: Cyclos, code: str) -> httpx.Response:
    """Give a secondary password as the generated client does: as a JSON string."""
    return sent(cyclos, "POST", SECOND, code)


def ask_for_code(cyclos: Cyclos, medium: str = "email") -> httpx.Response:
    """Have a code sent; as the document's client does, beside an empty name and password if there is no other."""
    return cyclos.call("POST", OTP, _besides(cyclos), {"medium": medium})


def _besides(cyclos: Cyclos) -> dict[str, str]:
    is_named = any(name.lower() == "authorization" for name in cyclos.default)
    return {} if is_named else {"authorization": NOBODY}


def activated_by_session(session: Cyclos, code: str) -> httpx.Response:
    """Activate an access client by a session, beside the same."""
    return session.call("POST", ACTIVATE, {"authorization": NOBODY}, {"code": code})


def require_proof(answer: httpx.Response, kind: Mapping[str, str], *, blocked: bool = False) -> None:
    """Demand the refusal of a further password."""
    refusal(answer, 403, code="temporarilyBlocked" if blocked else "invalidPassword", passwordType=dict(kind))


def undelivered(answer: httpx.Response, **body: str) -> None:
    """Demand that a code could not be sent."""
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/json"), answer.text
    assert answer.headers["cache-control"] == "no-store"
    said: dict[str, Any] = answer.json()
    assert isinstance(said.pop("exceptionType"), str)
    assert said == {"kind": "otp", **body}


@dataclass(frozen=True, slots=True)
class CyclosLetters:
    """What people find in their mail."""

    mailbox: Mailbox

    def code(self, person: Person, count: int = 1) -> str:
        """Read the code of the newest mail, once there are this many; it stands alone on a line, without a link."""
        text = self.text(person, count)
        assert not links_in(text)
        return code_in(text)

    def key(self, person: Person, count: int = 1, *, page: str = _PAGE) -> str:
        """Read the key of the newest mail, which tells the user name and has one link to the page that is set."""
        text = self.text(person, count)
        assert person.username in text
        return secret_in(text, page)

    def password(self, person: Person) -> str:
        """Read the one password that was made."""
        (password,) = self.passwords(person)
        return password

    def passwords(self, person: Person) -> list[str]:
        """Read all that were made so far, each of which stands alone on a line."""
        texts = (text_of(each) for each in self.mailbox.all_to(person.email))
        return [_password_in(each) for each in texts if "new password of your account" in each]

    def text(self, person: Person, count: int = 1) -> str:
        """Read the newest mail, once there are this many."""
        return self.mailbox.text(person.email, count)


def _password_in(text: str) -> str:
    (password,) = [line for line in text.splitlines() if re.fullmatch(r"\S{16,}", line) and "://" not in line]
    return password


def mailing_and_texting(stack: Stack, provider: SmsProvider) -> dict[str, str]:
    """Return what has a gateway send mails and text messages."""
    return {**mailing_through(stack), "SMS__URL": provider.url, "SMS__SECRET": provider.secret}


def activation_code(variables: Mapping[str, str], person: Person, name: str = "till 3") -> str:
    """Have a code made as the command does that an operator types, without a process for each."""

    async def made() -> str:
        async with use_cases(load(variables)) as identity:
            return await identity.activations.make_code(person.username, name)

    return asyncio.run(made())


def activated(cyclos: Cyclos, person: Person, code: str, **query: object) -> httpx.Response:
    """Activate an access client by name and password."""
    named = basic(person.username, person.password)
    return cyclos.call("POST", ACTIVATE, named, {"code": code, **query})


def by_client(cyclos: Cyclos, token: str) -> Cyclos:
    """Send an access client's token with every call."""
    return cyclos.by(Access__Client__Token=token)


def logged_in_by_client(cyclos: Cyclos, token: str) -> httpx.Response:
    """Begin a session by an access client, beside the empty name and password that the document's client sends."""
    return by_client(cyclos, token).call("POST", SESSION, {"authorization": NOBODY})


def disconnect(cyclos: Cyclos, token: str, confirmation: str | None = None) -> httpx.Response:
    """Disconnect an access client."""
    headers = {} if confirmation is None else {"confirmationPassword": confirmation}
    return by_client(cyclos, token).call("DELETE", CLIENT, headers)


def lose(store: redis.Redis, variables: Mapping[str, str]) -> None:
    """Lose everything that one gateway has in Redis."""
    for key in store.scan_iter(f"{variables['GATEWAY_REDIS__PREFIX']}*", count=1000):
        store.delete(key)
