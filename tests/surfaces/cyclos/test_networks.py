"""Networks, which are Keycloak's organizations (contract sections 1 and 3)."""

from collections.abc import Callable

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import Organization, OrganizationMaker, Person
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import (
    AUTH,
    DATA,
    SESSION,
    Cyclos,
    basic,
    halves_of,
    refusal,
    require_empty,
    token_of,
    told,
)
from tests.surfaces.witness import Witness


@pytest.fixture
def acme(make_organization: OrganizationMaker, person: Person) -> Organization:
    """An organization that somebody belongs to."""
    return make_organization(members=[person])


@pytest.fixture
def globex(make_organization: OrganizationMaker) -> Organization:
    """One that he does not belong to."""
    return make_organization()


def test_a_member_logs_in_to_a_network_and_out_of_it(
    cyclos: Cyclos, person: Person, acme: Organization, witness: Witness
) -> None:
    here = cyclos.within(acme.alias)
    by_token = here.by_session(token_of(here.login(person.username, person.password)))
    assert told(by_token.auth())["user"]["id"] == person.id
    require_empty(by_token.data_for_login(), 204)
    require_empty(by_token.logout(), 200)
    refusal(by_token.auth(), 401, code="loggedOut")
    assert witness.sessions(person.id) == set()


def test_a_guest_of_a_network_is_told_how_to_log_in(cyclos: Cyclos, acme: Organization) -> None:
    here = cyclos.within(acme.alias)
    assert "user" not in told(here.auth())
    assert told(here.data_for_login())["principalTypes"]


def test_whoever_is_no_member_is_as_good_as_unknown(
    cyclos: Cyclos, person: Person, globex: Organization, witness: Witness
) -> None:
    there = cyclos.within(globex.alias)
    for ask in (there.login, there.auth):
        refusal(ask(person.username, person.password), 401, code="login")
    assert witness.sessions(person.id) == set()


def test_a_session_is_of_its_own_network_only(
    cyclos: Cyclos, person: Person, make_organization: OrganizationMaker
) -> None:
    places = [cyclos, *(cyclos.within(make_organization(members=[person]).alias) for _ in range(2))]
    tokens = [token_of(here.login(person.username, person.password)) for here in places]
    for number, token in enumerate(tokens):
        for elsewhere in (*places[:number], *places[number + 1 :]):
            refusal(elsewhere.by_session(token).auth(), 401, code="loggedOut")
            refusal(elsewhere.by_session(token).logout(), 401, code="loggedOut")
        told(places[number].by_session(token).auth())


@pytest.mark.parametrize(
    "network", ["nowhere", "no%20where", "a.b", "x" * 300, "%C3%A4", "alias:x", "..%2f..", "api", "{network}"]
)
@pytest.mark.parametrize(("method", "path"), [("GET", AUTH), ("GET", DATA), ("POST", SESSION), ("DELETE", SESSION)])
def test_an_unknown_network_is_invalid(cyclos: Cyclos, person: Person, method: str, path: str, network: str) -> None:
    target = f"/{network}{path}"
    answer = cyclos.target(method, target, **basic(person.username, person.password))
    if "%2f" in network:
        assert answer.status_code == 404
    else:
        refusal(answer, 401, code="invalidNetwork")


def test_a_network_is_called_by_its_alias_and_not_by_its_id(cyclos: Cyclos, acme: Organization) -> None:
    refusal(cyclos.within(acme.id).auth(), 401, code="invalidNetwork")
    refusal(cyclos.within(acme.alias.upper()).auth(), 401, code="invalidNetwork")


def test_a_network_that_is_switched_off_is_invalid(
    cyclos: Cyclos, person: Person, acme: Organization, witness: Witness
) -> None:
    here = cyclos.within(acme.alias)
    by_token = here.by_session(token_of(here.login(person.username, person.password)))
    witness.disable_organization(acme.id)
    asked: list[Callable[[], httpx.Response]] = [by_token.auth, here.auth, here.data_for_login, by_token.logout]
    for ask in asked:
        refusal(ask(), 401, code="invalidNetwork")
    refusal(here.login(person.username, person.password), 401, code="invalidNetwork")


def test_whoever_leaves_is_logged_out_within_the_recheck_span(
    cyclos_apart: Apart, person: Person, acme: Organization, witness: Witness
) -> None:
    with served_gateway(cyclos_apart(CYCLOS__SESSION_RECHECK="0")) as served, served.client() as client:
        here = Cyclos(client).within(acme.alias)
        by_token = here.by_session(token_of(here.login(person.username, person.password)))
        told(by_token.auth())
        witness.leave(person.id, acme.id)
        refusal(by_token.auth(), 401, code="loggedOut")
        refusal(by_token.auth(), 401, code="loggedOut")


def test_the_cookie_is_for_the_network_s_path(cyclos: Cyclos, person: Person, acme: Organization) -> None:
    here = cyclos.within(acme.alias)
    answer = here.login(person.username, person.password, cookie=True)
    first, second = halves_of(answer)
    assert answer.headers["set-cookie"] == f"Session-Token={second}; Path=/{acme.alias}/api; SameSite=Lax; HttpOnly"
    by_prefix = here.by(Session__Prefix=first)
    assert told(by_prefix.auth())["user"]["id"] == person.id
    forgotten = by_prefix.logout(cookie=True).headers["set-cookie"]
    assert forgotten == f"Session-Token=; Max-Age=0; Path=/{acme.alias}/api; SameSite=Lax; HttpOnly"


def test_an_unknown_path_of_a_network_is_not_found(cyclos: Cyclos, acme: Organization) -> None:
    for path in (f"{AUTH}/nothing", f"{AUTH}/login", f"{SESSION}/"):
        answer = cyclos.target("POST", f"/{acme.alias}{path}")
        assert (answer.status_code, answer.json()) == (404, {})
    answer = cyclos.target("PUT", f"/{acme.alias}{SESSION}")
    assert (answer.status_code, answer.headers["allow"]) == (405, "DELETE, POST")


def test_without_networks_such_paths_are_not_found(cyclos_apart: Apart, acme: Organization) -> None:
    with served_gateway(cyclos_apart(CYCLOS__NETWORKS="false")) as served, served.client() as client:
        here = Cyclos(client).within(acme.alias)
        assert here.auth().status_code == here.data_for_login().status_code == here.logout().status_code == 404
        assert Cyclos(client).auth().status_code == 200


def test_a_prefix_stands_in_front_of_the_network(cyclos_apart: Apart, acme: Organization) -> None:
    with served_gateway(cyclos_apart(CYCLOS__PREFIX="/pre")) as served, served.client() as client:
        cyclos = Cyclos(client)
        assert cyclos.within(f"pre/{acme.alias}").auth().status_code == 200
        assert cyclos.within("pre").auth().status_code == 200
        assert cyclos.within(acme.alias).auth().status_code == 404
