"""Keycloak or Redis out of reach during a sign-in by SAML: a page gets the 503, a browser on its way back a page."""

from collections.abc import Iterator

import pytest

from tests.conftest import Stack
from tests.servers.gateway import served_gateway
from tests.servers.patience import BY_DEFAULT
from tests.servers.people import Person
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.outages import in_time
from tests.surfaces.pipeshub.client import refusal
from tests.surfaces.pipeshub.people import Members
from tests.surfaces.pipeshub.saml import Saml, failure, further_step
from tests.surfaces.saml_provider import SamlProvider
from tests.surfaces.wire import Moment, Wire, wire_to


@pytest.fixture(scope="module")
def wires(brokering: Apart, stack: Stack) -> Iterator[tuple[Saml, dict[str, Wire]]]:
    """A browser at a gateway behind wires; they are open at first."""
    with wire_to(stack.keycloak_url) as (keycloak, keycloak_url), wire_to(stack.redis_url) as (redis, redis_url):
        variables = brokering(KEYCLOAK__URL=keycloak_url, REDIS__URL=redis_url, **BY_DEFAULT)
        with served_gateway(variables) as served, Saml.opened(served) as saml:
            yield saml, {"keycloak": keycloak, "redis": redis}


@pytest.fixture
def person(members: Members, provider: SamlProvider) -> Person:
    """Somebody who signs in by SAML first, and by a code then."""
    made = members([["samlSso"], ["otp"]])
    provider.enrol(made)
    return made


@pytest.mark.parametrize("hangs", [False, True])
@pytest.mark.parametrize("dependency", ["keycloak", "redis"])
def test_an_outage_ends_in_time_and_the_sign_in_goes_on_after_it(
    wires: tuple[Saml, dict[str, Wire]], person: Person, dependency: str, *, hangs: bool
) -> None:
    saml, wire = wires
    saml.browser.cookies.clear()
    until(lambda: saml.pipeshub.init(person.email).status_code == 200)
    token = saml.pipeshub.begun(person.email)
    address = saml.through(saml.left(person.email, token), person)
    with wire[dependency].frozen() if hangs else wire[dependency].cut():
        refusal(in_time(saml.leave(person.email, token)), 503, "UNAVAILABLE")
        assert failure(in_time(saml.arrive(address))) == "unknown"
    until(lambda: saml.leave(person.email, token).status_code == 302)
    saml.browser.cookies.clear()
    assert further_step(saml.sign_in(person, token))[1] == 1


def test_keycloak_gone_after_the_exchange_gives_nobody_a_step(
    wires: tuple[Saml, dict[str, Wire]], person: Person
) -> None:
    saml, wire = wires
    saml.browser.cookies.clear()
    until(lambda: saml.pipeshub.init(person.email).status_code == 200)
    token = saml.pipeshub.begun(person.email)
    address = saml.through(saml.left(person.email, token), person)
    with wire["keycloak"].cut(Moment("/protocol/openid-connect/token", "answered")) as sprung:
        assert failure(saml.arrive(address)) == "unknown"
        assert sprung.is_set()
    until(lambda: saml.pipeshub.init(person.email).status_code == 200)
    refusal(saml.pipeshub.by_code(token, "000000"), 400, "METHOD_NOT_ALLOWED")
    saml.browser.cookies.clear()
    assert further_step(saml.sign_in(person, token))[1] == 1
