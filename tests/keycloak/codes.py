"""Codes of people who have signed in on Keycloak's own page."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from gateway.keycloak.code_flow import Authorization, ExchangedCode
from gateway.keycloak.realm import Realm
from tests.servers.browser import Browser
from tests.servers.people import Person

CALLBACK = "http://127.0.0.1:9/saml/signIn/callback"
ASKED = Authorization("no-such-provider", "ann@example.test", "the-state", "the-nonce", "v" * 64, CALLBACK)
"""Keycloak shows its own page when there is no such provider."""


def code_of(keycloak: Realm, person: Person) -> str:
    """Sign a person in on Keycloak's page and return the code."""
    with Browser(CALLBACK) as browser:
        page = browser.visit(keycloak.code_flow.address(replace(ASKED, login_hint=person.email)))
        back = browser.submit(page, username=person.username, password=person.password)
    query = parse_qs(urlsplit(back.headers["location"]).query)
    assert query["state"] == ["the-state"]
    return query["code"][0]


async def exchanged(keycloak: Realm, person: Person) -> ExchangedCode:
    """Exchange such a code."""
    return await keycloak.code_flow.exchange(code_of(keycloak, person), verifier=ASKED.verifier, callback=CALLBACK)
