"""Access clients: activated, used after a loss of Redis, disconnected and dead for ever (contract section 9)."""

import redis

from gateway.state.keys import Keys
from tests.conftest import Stack
from tests.servers.gateway import watched_gateway
from tests.servers.people import OrganizationMaker, Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import (
    DATA,
    NOBODY,
    SESSION,
    Cyclos,
    basic,
    halves_of,
    refusal,
    require_empty,
    token_of,
    told,
)
from tests.surfaces.cyclos.clients import Clients
from tests.surfaces.cyclos.further import (
    CLIENT,
    SECOND,
    activated,
    activation_code,
    by_client,
    disconnect,
    logged_in_by_client,
    lose,
)
from tests.surfaces.logged import events_of
from tests.surfaces.mailing import mailing_through
from tests.surfaces.witness import Witness

_TYPE = {"id": "accessClient", "name": "Access client", "internalName": "accessClient"}
_GONE = {"code": "invalidAccessClient"}


def test_a_client_is_activated_by_its_person_and_acts_without_a_session(
    clients: Clients, person: Person, witness: Witness
) -> None:
    made = told(activated(clients.cyclos, person, activation_code(clients.variables, person, "till 3")))
    token = made["token"]
    (offline,) = witness.offline_sessions(person.id, "gateway-verified")
    client = {"id": offline, "name": "till 3", "internalName": "till 3"}
    assert made == {"token": token, "accessClient": client, "accessClientType": _TYPE}
    assert len(token) <= 4096
    assert token.isascii()
    assert token.isprintable()
    said = told(by_client(clients.cyclos, token).auth())
    assert said["user"] == {"id": person.id, "display": "Test Person", "shortDisplay": person.username}
    assert (said["accessClient"], said["principalType"]) == (client, _TYPE)
    assert "principal" not in said
    assert "sessionToken" not in said
    require_empty(by_client(clients.cyclos, token).call("GET", DATA), 204)
    assert witness.sessions(person.id) == set()
    assert [each["reason"] for each in events_of(clients.served, "access_client", person.id)] == ["activated"]


def test_a_person_may_have_several_clients(clients: Clients, person: Person) -> None:
    first, second = clients.made(person), clients.made(person)
    require_empty(disconnect(clients.cyclos, first), 200)
    refusal(by_client(clients.cyclos, first).auth(), 401, **_GONE)
    assert by_client(clients.cyclos, second).auth().status_code == 200


def test_a_token_is_worthless_without_its_prefix(clients: Clients, person: Person) -> None:
    token = clients.made(person, prefix="shop-7:")
    for wrong in (token, f"shop-8:{token}", f"x{token}", f"shop-7{token}"):
        refusal(by_client(clients.cyclos, wrong).auth(), 401, **_GONE)
    assert by_client(clients.cyclos, f"shop-7:{token}").auth().status_code == 200
    bearer = clients.made(person, prefix="Bearer ")
    assert by_client(clients.cyclos, f"Bearer {bearer}").auth().status_code == 200
    plain = clients.made(person)
    refusal(by_client(clients.cyclos, f"shop-7:{plain}").auth(), 401, **_GONE)


def test_a_session_of_a_client_needs_no_second_login_and_ends_with_it(
    clients: Clients, person: Person, witness: Witness
) -> None:
    token = clients.made(person)
    answer = logged_in_by_client(clients.cyclos, token)
    session = clients.cyclos.by_session(token_of(answer))
    assert told(answer)["accessClient"]["name"] == "till 3"
    assert told(session.auth())["accessClient"]["name"] == "till 3"
    assert told(session.auth())["pendingSecondaryPassword"] is False
    other = clients.cyclos.by_session(token_of(logged_in_by_client(clients.cyclos, token)))
    require_empty(other.logout(), 200)
    refusal(other.auth(), 401, code="loggedOut")
    assert session.auth().status_code == 200
    require_empty(disconnect(clients.cyclos, token), 200)
    refusal(session.auth(), 401, code="loggedOut")
    assert witness.offline_sessions(person.id, "gateway-verified") == set()


def test_a_client_survives_a_loss_of_redis(clients: Clients, person: Person, store: redis.Redis) -> None:
    token = clients.made(person)
    session = clients.cyclos.by_session(token_of(logged_in_by_client(clients.cyclos, token)))
    lose(store, clients.variables)
    refusal(session.auth(), 401, code="loggedOut")
    assert told(by_client(clients.cyclos, token).auth())["user"]["id"] == person.id
    require_empty(disconnect(clients.cyclos, token), 200)
    lose(store, clients.variables)
    refusal(by_client(clients.cyclos, token).auth(), 401, **_GONE)


def test_a_disconnected_client_is_dead_for_ever(clients: Clients, person: Person) -> None:
    token = clients.made(person)
    require_empty(disconnect(clients.cyclos, token), 200)
    for again in (
        by_client(clients.cyclos, token).auth(),
        by_client(clients.cyclos, token).data_for_login(),
        logged_in_by_client(clients.cyclos, token),
        disconnect(clients.cyclos, token),
    ):
        refusal(again, 401, **_GONE)


def test_disconnecting_takes_an_access_client(clients: Clients, person: Person) -> None:
    session = clients.cyclos.by_session(token_of(clients.cyclos.login(person.username, person.password)))
    named = basic(person.username, person.password)
    for answer in (session.call("DELETE", CLIENT), clients.cyclos.call("DELETE", CLIENT, named)):
        refusal(answer, 401, code="missingAuthorization")
    refusal(disconnect(clients.cyclos, "made-up"), 401, **_GONE)


def test_a_bad_client_decides_beside_a_good_password(clients: Clients, person: Person) -> None:
    dead = clients.made(person)
    require_empty(disconnect(clients.cyclos, dead), 200)
    for token in (dead, "made-up", "~", "x" * 5000):
        answer = by_client(clients.cyclos, token).call("POST", SESSION, basic(person.username, person.password))
        refusal(answer, 401, **_GONE)


def test_of_session_client_and_password_the_first_decides(
    clients: Clients, person: Person, make_person: PersonMaker
) -> None:
    client, other = clients.made(person), make_person()
    session = token_of(clients.cyclos.login(other.username, other.password))
    both = by_client(clients.cyclos.by_session(session), client)
    assert told(both.auth())["user"]["id"] == other.id
    assert told(both.auth(person.username, "Wr0ng!word"))["user"]["id"] == other.id
    assert told(by_client(clients.cyclos, client).auth(other.username, other.password))["user"]["id"] == person.id
    refusal(by_client(clients.cyclos.by_session("x" * 64), client).auth(), 401, code="loggedOut")
    assert told(by_client(clients.cyclos.by_session(session), "made-up").auth())["user"]["id"] == other.id


def test_a_session_of_a_client_is_begun_as_any_other(clients: Clients, person: Person, store: redis.Redis) -> None:
    by_token = by_client(clients.cyclos, clients.made(person))
    query = {"cookie": True, "timeoutInSeconds": 60, "fields": "sessionToken"}
    answer = by_token.call("POST", SESSION, {"authorization": NOBODY}, query)
    assert told(answer).keys() == {"sessionToken"}
    first, second = halves_of(answer)
    clients.cyclos.http.cookies.clear()
    split = clients.cyclos.by(Session__Token=first, Cookie=f"Session-Token={second}")
    assert told(split.auth())["accessClient"]["name"] == "till 3"
    kept = store.pttl(Keys(clients.variables["GATEWAY_REDIS__PREFIX"]).opaque_session(first + second))
    assert 50_000 < kept <= 60_000


def test_a_client_belongs_to_the_networks_of_its_person(
    clients: Clients, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    own, other = make_organization(), make_organization()
    token = clients.made(make_person(organizations=[own]))
    by_token = by_client(clients.cyclos, token)
    assert by_token.within(own.alias).auth().status_code == 200
    refusal(by_token.within(other.alias).auth(), 401, code="login")
    refusal(by_token.within("nowhere").auth(), 401, code="invalidNetwork")
    refusal(by_token.within(other.alias).call("DELETE", CLIENT), 401, code="login")
    session = token_of(logged_in_by_client(clients.cyclos.within(own.alias), token))
    assert clients.cyclos.within(own.alias).by_session(session).auth().status_code == 200
    refusal(clients.cyclos.by_session(session).auth(), 401, code="loggedOut")


def test_a_client_s_session_has_no_secondary_password(
    cyclos_apart: Apart, stack: Stack, person: Person, clients: Clients
) -> None:
    token = clients.made(person)
    variables = cyclos_apart(CYCLOS__SECONDARY_PASSWORD="otp", **mailing_through(stack))
    with watched_gateway(variables) as served, served.client() as client:
        cyclos = Cyclos(client)
        session = cyclos.by_session(token_of(logged_in_by_client(cyclos, token)))
        assert told(session.auth())["pendingSecondaryPassword"] is False
        refusal(session.call("POST", SECOND), 403, code="illegalAction")
