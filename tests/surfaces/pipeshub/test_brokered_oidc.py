"""Signing in by redirect at a provider that speaks OpenID Connect, there and back (contract section 12)."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx
import pytest

from tests.servers.gateway import watched_gateway
from tests.servers.people import Person
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import fully, refusal
from tests.surfaces.pipeshub.external_realm import PASSWORD, ExternalRealm
from tests.surfaces.pipeshub.people import Letters, Members
from tests.surfaces.pipeshub.saml import PUBLIC_URL, Saml, failure, further_step, signed_in, until_no_session
from tests.surfaces.witness import Witness, claims

_BROKERED = [["samlSso"]]


@dataclass(frozen=True, slots=True)
class _Provider:
    """The second realm, as ours knows it."""

    alias: str
    realm: ExternalRealm
    witness: Witness

    def enrol(self, person: Person) -> None:
        """Give somebody an account there, linked to the one in our realm."""
        subject = self.realm.admit(person.email)
        self.witness.admin.add_user_social_login(person.id, self.alias, subject, person.email)


@pytest.fixture(scope="module")
def oidc(external_realm: ExternalRealm, witness: Witness) -> Iterator[_Provider]:
    """A provider that browsers are sent to."""
    alias = f"oidc-{secrets.token_hex(4)}"
    config = {
        **external_realm.config,
        "validateSignature": "true",
        "clientAuthMethod": "client_secret_post",
        "defaultScope": "openid email profile",
        "pkceEnabled": "true",
        "pkceMethod": "S256",
        "syncMode": "IMPORT",
    }
    representation = {"alias": alias, "providerId": "oidc", "enabled": True, "trustEmail": True, "config": config}
    witness.admin.create_idp(representation)
    yield _Provider(alias, external_realm, witness)
    witness.admin.delete_idp(alias)


@pytest.fixture(scope="module")
def browsing(mailing: Mapping[str, str], oidc: _Provider) -> Iterator[Saml]:
    """A browser at a gateway whose method by redirect leads there; nothing that it does may be unexpected."""
    further = {"SIGN_IN__IDENTITY_PROVIDERS": f"samlSso={oidc.alias}", "SERVER__PUBLIC_URL": PUBLIC_URL}
    with watched_gateway(Apart(mailing)(**further)) as served, Saml.opened(served) as opened:
        yield opened


@pytest.fixture
def browser(browsing: Saml) -> Saml:
    """That browser, without cookies."""
    browsing.browser.cookies.clear()
    return browsing


def _returned(browser: Saml, address: str, person: Person) -> str:
    """Sign in at the provider as this person; return the address that the browser is sent back to."""
    page = browser.browser.visit(address)
    return browser.sent_back(browser.browser.submit(page, username=person.email, password=PASSWORD))


def _sign_in(browser: Saml, person: Person, token: str) -> httpx.Response:
    return browser.arrive(_returned(browser, browser.left(person.email, token), person))


def test_the_browser_goes_by_both_realms_and_ends_with_tokens(
    browser: Saml, oidc: _Provider, members: Members, witness: Witness
) -> None:
    person = members(_BROKERED)
    oidc.enrol(person)
    token = browser.pipeshub.begun(person.email)
    address = browser.left(person.email, token)
    page = browser.browser.visit(address)
    assert page.status_code == 200
    assert str(page.url).startswith(oidc.realm.url)
    back = browser.sent_back(browser.browser.submit(page, username=person.email, password=PASSWORD))
    tokens = signed_in(browser.arrive(back))
    assert claims(tokens["accessToken"])["sub"] == person.id
    assert witness.sessions(person.id) == {claims(tokens["accessToken"])["sid"]}
    renewed = browser.pipeshub.refresh(tokens["refreshToken"])
    assert renewed.json()["user"]["email"] == person.email
    refusal(browser.leave(person.email, token), 404, "SESSION_EXPIRED")


def test_a_further_step_is_asked_for_after_it_and_no_session_remains(
    browser: Saml, oidc: _Provider, members: Members, letters: Letters, witness: Witness
) -> None:
    person = members([["samlSso"], ["otp"]])
    oidc.enrol(person)
    renewed, step = further_step(_sign_in(browser, person, browser.pipeshub.begun(person.email)))
    assert step == 1
    assert witness.sessions(person.id) == set()
    assert browser.pipeshub.ask_code(person.email).status_code == 200
    tokens = fully(browser.pipeshub.by_code(renewed, letters.code(person)))
    assert claims(tokens["accessToken"])["sub"] == person.id


def test_somebody_else_s_identity_goes_no_further_and_leaves_no_session(
    browser: Saml, oidc: _Provider, members: Members, witness: Witness
) -> None:
    person, other = members(_BROKERED), members(_BROKERED)
    oidc.enrol(person)
    oidc.enrol(other)
    address = browser.left(person.email, browser.pipeshub.begun(person.email))
    assert failure(browser.arrive(_returned(browser, address, other))) == "email_mismatch"
    until_no_session(witness, other)
    assert witness.sessions(person.id) == set()


def test_the_way_back_is_good_once_and_in_the_same_browser(
    browser: Saml, oidc: _Provider, members: Members, witness: Witness
) -> None:
    person = members(_BROKERED)
    oidc.enrol(person)
    token = browser.pipeshub.begun(person.email)
    back = _returned(browser, browser.left(person.email, token), person)
    browser.browser.cookies.clear()
    assert failure(browser.arrive(back)) == "auth_failed"
    until_no_session(witness, person)
    back = _returned(browser, browser.left(person.email, token), person)
    signed_in(browser.arrive(back))
    assert failure(browser.arrive(back)) == "auth_failed"
