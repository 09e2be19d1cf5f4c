"""A browser that signs in by SAML (contract section 12)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookies import Morsel, SimpleCookie
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.servers.browser import Browser
from tests.servers.gateway import ServedGateway
from tests.servers.people import Person
from tests.servers.waiting import until
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.saml_provider import PASSWORD, SamlProvider
from tests.surfaces.witness import Witness

PUBLIC_URL = "http://127.0.0.1:9"
"""As the tests' realms know the gateway; nobody listens there, so the browser stops before it goes back."""

FRONT_END = "https://front.example"
SIGN_IN = "/saml/signIn"
CALLBACK = "/saml/signIn/callback"
BINDING = "samlSignIn"


@dataclass(frozen=True, slots=True)
class Saml:
    """A browser at a gateway.

    Attributes:
        browser: with cookies of its own.
        gateway: where the gateway really listens.
        pipeshub: the page's own calls.
    """

    browser: Browser
    gateway: str
    pipeshub: Pipeshub

    @classmethod
    @contextmanager
    def opened(cls, served: ServedGateway) -> Iterator["Saml"]:
        """Open a browser."""
        with Browser(PUBLIC_URL) as browser, served.client() as client:
            yield cls(browser, served.url, Pipeshub(client))

    def leave(self, email: str, token: str | None = None, **further: str) -> httpx.Response:
        """Ask to be sent to the provider."""
        query = {"email": email, **({} if token is None else {"sessionToken": token}), **further}
        return self.browser.get(f"{self.gateway}{SIGN_IN}?{httpx.QueryParams(query)}")

    def left(self, email: str, token: str | None = None) -> str:
        """Be sent away with success; return where to."""
        answer = self.leave(email, token)
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])

    def through(self, address: str, person: Person) -> str:
        """Sign in at the provider as this person; return the address that the browser is sent back to."""
        return self.sent_back(
            self.browser.submit(self.browser.visit(address), username=person.username, password=PASSWORD)
        )

    def sent_back(self, page: httpx.Response) -> str:
        """Demand that the browser is on its way back."""
        assert page.is_redirect, page.text
        address = str(page.headers["location"])
        assert address.startswith(f"{PUBLIC_URL}{CALLBACK}?"), address
        return address

    def arrive(self, address: str) -> httpx.Response:
        """Come back."""
        return self.browser.get(address.replace(PUBLIC_URL, self.gateway, 1))

    def sign_in(self, person: Person, token: str | None = None) -> httpx.Response:
        """Go all the way."""
        return self.arrive(self.through(self.left(person.email, token), person))

    @contextmanager
    def without(self, provider: SamlProvider, person: Person) -> Iterator[None]:
        """Have the realm not use the provider for a while, with the gateway knowing; it asks every five seconds.

        Args:
            provider: to be switched off.
            person: somebody whose first step has the method.
        """
        try:
            with provider.disabled():
                until(lambda: not self._offers(person))
                yield
        finally:
            until(lambda: self._offers(person))

    def _offers(self, person: Person) -> bool:
        return "samlSso" in self.pipeshub.init(person.email).json().get("allowedMethods", ())


def cookies_of(answer: httpx.Response) -> dict[str, "Morsel[str]"]:
    """Read the cookies that an answer sets."""
    kept: SimpleCookie = SimpleCookie()
    for each in answer.headers.get_list("set-cookie"):
        kept.load(each)
    return dict(kept)


def way_of(answer: httpx.Response) -> str:
    """Demand a redirect to the front end; return the page."""
    assert (answer.status_code, answer.content) == (302, b""), answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    address = str(answer.headers["location"])
    assert address.startswith(f"{FRONT_END}/"), address
    return address.removeprefix(FRONT_END)


def failure(answer: httpx.Response) -> str:
    """Demand a redirect to the page that tells of failures, without any cookie; return the code."""
    page = urlsplit(way_of(answer))
    assert (page.path, page.fragment) == ("/login", "")
    assert "set-cookie" not in answer.headers
    told = parse_qs(page.query, strict_parsing=True)
    assert told.keys() == {"saml_error"}
    return told["saml_error"][0]


def further_step(answer: httpx.Response) -> tuple[str, int]:
    """Demand a redirect to the page for the next step, without any cookie; return the sign-in's token and the step."""
    page = urlsplit(way_of(answer))
    assert (page.path, page.query) == ("/auth/sign-in", "")
    assert "set-cookie" not in answer.headers
    told = parse_qs(page.fragment, strict_parsing=True)
    assert told.keys() == {"sessionToken", "nextStep"}
    return told["sessionToken"][0], int(told["nextStep"][0])


def signed_in(answer: httpx.Response) -> dict[str, str]:
    """Demand a complete sign-in; return the tokens, by the names of their cookies."""
    assert way_of(answer) == "/auth/sign-in/samlSso/success"
    kept = cookies_of(answer)
    assert kept.keys() == {"accessToken", "refreshToken"}
    return {name: each.value for name, each in kept.items()}


def until_no_session(witness: Witness, person: Person) -> None:
    """Demand that no session of a person remains in Keycloak; a failure's is ended after the answer."""
    until(lambda: not witness.sessions(person.id))
