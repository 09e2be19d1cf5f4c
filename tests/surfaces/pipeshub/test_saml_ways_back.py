"""Ways back from a provider that are not those of this sign-in and this browser (contract section 12)."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.servers.gateway import ServedGateway
from tests.servers.people import Person
from tests.surfaces.pipeshub.people import SAML, Members
from tests.surfaces.pipeshub.saml import BINDING, CALLBACK, PUBLIC_URL, Saml, failure, signed_in, until_no_session
from tests.surfaces.witness import Witness


@pytest.fixture
def other(saml_gateway: ServedGateway) -> Iterator[Saml]:
    """Another browser."""
    with Saml.opened(saml_gateway) as opened:
        yield opened


def test_a_state_works_once(saml: Saml, saml_person: Person) -> None:
    address = saml.through(saml.left(saml_person.email), saml_person)
    signed_in(saml.arrive(address))
    assert failure(saml.arrive(address)) == "auth_failed"


@pytest.mark.parametrize(
    "query",
    ["", "?state=made-up&code=x", "?code=x", "?state=%ff&code=x", "?state=a&state=b&code=x", f"?state={'x' * 4000}"],
)
def test_a_made_up_way_back_fails(saml: Saml, query: str) -> None:
    saml.browser.cookies.set(BINDING, "A" * 43, "127.0.0.1", CALLBACK)
    assert failure(saml.arrive(f"{PUBLIC_URL}{CALLBACK}{query}")) == "auth_failed"


def test_a_state_without_its_code_fails_and_is_spent(saml: Saml, saml_person: Person) -> None:
    address = saml.through(saml.left(saml_person.email), saml_person)
    state = parse_qs(urlsplit(address).query)["state"][0]
    refused = f"{PUBLIC_URL}{CALLBACK}?error=access_denied&state={state}"
    assert failure(saml.arrive(refused)) == "auth_failed"
    assert failure(saml.arrive(address)) == "auth_failed"


def test_a_code_of_another_sign_in_fails(saml: Saml, saml_person: Person) -> None:
    first = parse_qs(urlsplit(saml.through(saml.left(saml_person.email), saml_person)).query)
    second = parse_qs(urlsplit(saml.left(saml_person.email)).query)
    mixed = f"{PUBLIC_URL}{CALLBACK}?state={second['state'][0]}&code={first['code'][0]}"
    assert failure(saml.arrive(mixed)) == "auth_failed"


@pytest.mark.parametrize("name", ["nonce", "code_challenge"])
def test_what_binds_keycloak_s_word_to_the_sign_in_is_looked_at_each_for_itself(
    saml: Saml, saml_person: Person, witness: Witness, name: str
) -> None:
    """Who uses the browser can change what it is sent away with."""
    address = saml.left(saml_person.email)
    sent = parse_qs(urlsplit(address).query)[name][0]
    changed = address.replace(f"{name}={sent}", f"{name}={'A' * len(sent)}")
    assert changed != address
    assert failure(saml.arrive(saml.through(changed, saml_person))) == "auth_failed"
    if name == "nonce":  # the code was good, so there was something to be ended
        until_no_session(witness, saml_person)


def test_another_browser_cannot_finish_it(saml: Saml, other: Saml, saml_person: Person, witness: Witness) -> None:
    address = saml.through(saml.left(saml_person.email), saml_person)
    assert failure(other.arrive(address)) == "auth_failed"
    until_no_session(witness, saml_person)
    assert failure(saml.arrive(address)) == "auth_failed"


def test_a_browser_that_began_one_of_its_own_cannot_either(
    saml: Saml, other: Saml, saml_person: Person, members: Members, witness: Witness
) -> None:
    other.left(members(SAML).email)
    assert failure(other.arrive(saml.through(saml.left(saml_person.email), saml_person))) == "auth_failed"
    until_no_session(witness, saml_person)


def test_two_cookies_that_bind_are_none(saml: Saml, saml_person: Person, witness: Witness) -> None:
    address = saml.through(saml.left(saml_person.email), saml_person)
    saml.browser.cookies.set(BINDING, "tossed", "127.0.0.1", "/")
    assert failure(saml.arrive(address)) == "auth_failed"
    until_no_session(witness, saml_person)
