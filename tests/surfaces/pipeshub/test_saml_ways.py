"""Ways that a browser takes by SAML: all of it by itself, by an organization's own provider, and for the first time."""

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from devstack.children import is_free
from tests.conftest import Realm
from tests.servers.browser import Browser
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import OrganizationMaker, Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.people import SAML, Members
from tests.surfaces.pipeshub.saml import (
    BINDING,
    CALLBACK,
    FRONT_END,
    SIGN_IN,
    Saml,
    failure,
    signed_in,
    until_no_session,
)
from tests.surfaces.saml_provider import PASSWORD, SamlProvider
from tests.surfaces.witness import Witness, claims


@contextmanager
def _known_to_keycloak(witness: Witness, callback: str) -> Iterator[None]:
    uuid = str(witness.admin.get_client_id("gateway"))
    before = witness.admin.get_client(uuid)["redirectUris"]
    witness.admin.update_client(uuid, {"redirectUris": [*before, callback]})
    try:
        yield
    finally:
        witness.admin.update_client(uuid, {"redirectUris": before})


def _port() -> int:
    """Find a free port below those that systems usually give away: hardly anybody gets it meanwhile."""
    ports = (20000 + secrets.randbelow(10000) for _ in range(100))
    return next(each for each in ports if is_free(each))


@pytest.fixture(scope="module")
def reached(brokering: Apart, witness: Witness) -> Iterator[ServedGateway]:
    """A gateway that browsers really reach by its public address, below a prefix."""
    port = _port()
    url = f"http://127.0.0.1:{port}"
    variables = brokering(SERVER__PORT=str(port), SERVER__PUBLIC_URL=url, PIPESHUB__PREFIX="/id")
    with _known_to_keycloak(witness, f"{url}/id{CALLBACK}"), served_gateway(variables) as served:
        yield served


def _kept(browser: Browser) -> dict[str, tuple[str, str]]:
    return {each.name: (each.path, each.value or "") for each in browser.cookies.jar}


def _gone_all_the_way(browser: Browser, gateway: ServedGateway, person: Person) -> httpx.Response:
    asked = f"{gateway.url}/id{SIGN_IN}?{httpx.QueryParams({'email': person.email})}"
    return browser.submit(browser.visit(asked), username=person.username, password=PASSWORD)


def test_a_browser_goes_all_the_way_by_redirects_alone(
    reached: ServedGateway, members: Members, provider: SamlProvider, witness: Witness
) -> None:
    person = members([["samlSso"]])
    provider.enrol(person)
    with Browser(FRONT_END) as browser, reached.client() as client:
        answer = _gone_all_the_way(browser, reached, person)
        assert answer.headers["location"] == f"{FRONT_END}/auth/sign-in/samlSso/success"
        kept = _kept(browser)
        assert kept[BINDING][0] == f"/id{CALLBACK}"
        assert kept["accessToken"][0] == kept["refreshToken"][0] == "/"
        assert claims(kept["accessToken"][1])["sub"] == person.id
        bearer = {"authorization": f"Bearer {kept['refreshToken'][1]}"}
        renewed = client.post("/id/userAccount/refresh/token", headers=bearer)
    assert renewed.status_code == 200, renewed.text
    assert renewed.json()["user"]["email"] == person.email
    assert witness.sessions(person.id) == {claims(kept["accessToken"][1])["sid"]}


def test_a_provider_that_knows_nobody_of_that_name_lets_nobody_back(
    reached: ServedGateway, members: Members, witness: Witness
) -> None:
    person = members([["samlSso"]])
    with Browser(FRONT_END) as browser:
        answer = _gone_all_the_way(browser, reached, person)
        assert (answer.status_code, "accessToken" in _kept(browser)) == (200, False)
    assert witness.sessions(person.id) == set()


def test_the_organization_s_own_provider_wins(
    saml: Saml, realm: Realm, members: Members, provider: SamlProvider, witness: Witness
) -> None:
    organization = OrganizationMaker(realm)()
    members.set_steps(organization, json.dumps(SAML))
    person = PersonMaker(realm)(organizations=[organization])
    provider.enrol(person)
    with provider.lent_to(organization) as alias:
        witness.admin.add_user_social_login(person.id, alias, person.username, person.username)
        until(lambda: _asked_for(saml.left(person.email)) == alias)
        address = saml.left(person.email)
        around = address.replace(f"kc_idp_hint={alias}", f"kc_idp_hint={provider.alias}")
        assert around != address
        assert failure(saml.arrive(saml.through(around, person))) == "auth_failed"
        until_no_session(witness, person)
        saml.browser.cookies.clear()
        tokens = signed_in(saml.sign_in(person))
    assert claims(tokens["accessToken"])["sub"] == person.id


def test_who_is_not_linked_yet_meets_keycloak_s_own_page_first(
    saml: Saml, members: Members, provider: SamlProvider, witness: Witness
) -> None:
    person = members([["samlSso"]])
    provider.know(person.username, person.email)
    page = saml.browser.submit(saml.browser.visit(saml.left(person.email)), username=person.username, password=PASSWORD)
    assert page.status_code == 200
    assert urlsplit(str(page.url)).path.startswith(f"/realms/{witness.realm}/login-actions/first-broker-login")
    assert witness.sessions(person.id) == set()
    assert witness.admin.get_user_social_logins(person.id) == []


def _asked_for(address: str) -> str:
    return parse_qs(urlsplit(address).query)["kc_idp_hint"][0]
