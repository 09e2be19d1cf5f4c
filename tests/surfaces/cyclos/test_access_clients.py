"""Access clients: activated, used after a loss of Redis, disconnected and dead for ever (contract section 9)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest
import redis

from tests.conftest import Stack
from tests.servers.gateway import ServedGateway, watched_gateway
from tests.servers.people import OrganizationMaker, Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import DATA, SESSION, Cyclos, basic, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.further import (
    ACTIVATE,
    CLIENT,
    SECOND,
    activated,
    activation_code,
    by_client,
    disconnect,
    logged_in_by_client,
    typed_by_operator,
)
from tests.surfaces.logged import events_of
from tests.surfaces.mailing import mailing_through
from tests.surfaces.parallel import at_once
from tests.surfaces.waiting import until
from tests.surfaces.witness import Witness

_TYPE = {"id": "accessClient", "name": "Access client", "internalName": "accessClient"}
_GONE = {"code": "invalidAccessClient"}


@dataclass(frozen=True, slots=True)
class Clients:
    """A gateway that asks Keycloak about access clients and sessions every time.

    Attributes:
        variables: its settings.
    """

    served: ServedGateway
    cyclos: Cyclos
    variables: Mapping[str, str]

    def made(self, person: Person, **query: str) -> str:
        """Make a client; return its token."""
        answer = activated(self.cyclos, person, activation_code(self.variables, person), **query)
        return str(told(answer)["token"])


@pytest.fixture(scope="module")
def clients(cyclos_apart: Apart, stack: Stack) -> Iterator[Clients]:
    variables = cyclos_apart(CYCLOS__SESSION_RECHECK="0", **mailing_through(stack))
    with watched_gateway(variables) as served, served.client() as client:
        yield Clients(served, Cyclos(client), variables)


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


def test_a_session_can_activate_as_well(clients: Clients, person: Person) -> None:
    session = clients.cyclos.by_session(token_of(clients.cyclos.login(person.username, person.password)))
    code = activation_code(clients.variables, person)
    spelled = f" {code[:4]}-{code[4:8].lower()}-{code[8:]} "
    token = told(session.call("POST", ACTIVATE, query={"code": spelled}))["token"]
    assert told(by_client(clients.cyclos, token).auth())["user"]["id"] == person.id


def test_who_has_shown_nothing_activates_nothing(clients: Clients, person: Person) -> None:
    token = clients.made(person)
    code = activation_code(clients.variables, person)
    for cyclos in (clients.cyclos, by_client(clients.cyclos, token)):
        refusal(cyclos.call("POST", ACTIVATE, query={"code": code}), 401, code="missingAuthorization")
    refusal(clients.cyclos.call("POST", ACTIVATE, basic(person.username, "wrong"), {"code": code}), 401, code="login")
    assert activated(clients.cyclos, person, code).status_code == 200


def test_a_code_is_good_once_and_for_its_own_person(
    clients: Clients, person: Person, make_person: PersonMaker, witness: Witness
) -> None:
    other, code = make_person(), activation_code(clients.variables, person)
    for wrong in (activated(clients.cyclos, other, code), activated(clients.cyclos, person, "AAAAAAAAAAAA")):
        refusal(wrong, 404, entityType="AccessClient")
    assert activated(clients.cyclos, person, code).status_code == 200
    refusal(activated(clients.cyclos, person, code), 404, entityType="AccessClient")
    assert witness.offline_sessions(other.id, "gateway-verified") == set()
    assert len(witness.offline_sessions(person.id, "gateway-verified")) == 1


@pytest.mark.parametrize("code", ["", " ", "\u0661", "x" * 3000, "a%00b"])
def test_what_is_no_code_activates_nothing(clients: Clients, person: Person, code: str) -> None:
    refusal(activated(clients.cyclos, person, code), 404, entityType="AccessClient")


def test_a_code_is_needed(clients: Clients, person: Person) -> None:
    answer = clients.cyclos.call("POST", ACTIVATE, basic(person.username, person.password))
    refusal(answer, 422, code="missingParameter", name="code")


def test_of_many_at_once_one_makes_a_client(clients: Clients, person: Person, witness: Witness) -> None:
    code = activation_code(clients.variables, person)
    session = clients.cyclos.by_session(token_of(clients.cyclos.login(person.username, person.password)))
    answers = at_once([lambda: session.call("POST", ACTIVATE, query={"code": code})] * 6)
    assert sorted(each.status_code for each in answers) == [200] + [404] * 5
    assert len(witness.offline_sessions(person.id, "gateway-verified")) == 1


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
    plain = clients.made(person)
    refusal(by_client(clients.cyclos, f"shop-7:{plain}").auth(), 401, **_GONE)


@pytest.mark.parametrize("prefix", ["a b", "a~", "\u00e9", "x" * 256])
def test_a_prefix_is_what_a_header_can_hold(clients: Clients, person: Person, prefix: str) -> None:
    code = activation_code(clients.variables, person)
    said = refusal(activated(clients.cyclos, person, code, prefix=prefix), 422)
    assert (said["code"], said["properties"]) == ("validation", ["prefix"])
    assert activated(clients.cyclos, person, code).status_code == 200


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
    for key in store.scan_iter(f"{clients.variables['GATEWAY_REDIS__PREFIX']}*", count=1000):
        store.delete(key)
    refusal(session.auth(), 401, code="loggedOut")
    assert told(by_client(clients.cyclos, token).auth())["user"]["id"] == person.id
    require_empty(disconnect(clients.cyclos, token), 200)
    for key in store.scan_iter(f"{clients.variables['GATEWAY_REDIS__PREFIX']}*", count=1000):
        store.delete(key)
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


def test_an_administrator_revokes_a_client_in_keycloak(clients: Clients, person: Person, witness: Witness) -> None:
    token = clients.made(person)
    (offline,) = witness.offline_sessions(person.id, "gateway-verified")
    witness.end_session(offline, offline=True)
    refusal(by_client(clients.cyclos, token).auth(), 401, **_GONE)
    token = clients.made(person)
    witness.admin.user_logout(person.id)
    until(lambda: by_client(clients.cyclos, token).auth().status_code == 401)


def test_who_is_disabled_or_gone_has_no_client(
    clients: Clients, person: Person, make_person: PersonMaker, witness: Witness
) -> None:
    gone, disabled, back = clients.made(person), make_person(), make_person()
    tokens = clients.made(disabled), clients.made(back)
    witness.admin.delete_user(person.id)
    for each in (disabled, back):
        witness.admin.update_user(each.id, {"enabled": False})
    for token in (gone, *tokens):
        refusal(by_client(clients.cyclos, token).auth(), 401, **_GONE)
    witness.admin.update_user(back.id, {"enabled": True})
    assert by_client(clients.cyclos, tokens[1]).auth().status_code == 200


def test_keycloak_s_word_counts_for_the_recheck_span_only(
    cyclos: Cyclos, cyclos_variables: Mapping[str, str], person: Person, witness: Witness
) -> None:
    token = str(told(activated(cyclos, person, activation_code(cyclos_variables, person)))["token"])
    assert by_client(cyclos, token).auth().status_code == 200
    witness.admin.update_user(person.id, {"enabled": False})
    assert by_client(cyclos, token).auth().status_code == 200
    require_empty(disconnect(cyclos, token), 200)
    refusal(by_client(cyclos, token).auth(), 401, **_GONE)


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


def test_actions_that_are_due_and_a_missing_role_are_in_the_way(
    clients: Clients, make_person: PersonMaker, witness: Witness
) -> None:
    busy, lacking = make_person(), make_person()
    session = clients.cyclos.by_session(token_of(clients.cyclos.login(busy.username, busy.password)))
    code = activation_code(clients.variables, busy)
    witness.admin.update_user(busy.id, {"requiredActions": ["UPDATE_PROFILE"]})
    refusal(session.call("POST", ACTIVATE, query={"code": code}), 401, code="login", userStatus="pending")
    witness.admin.update_user(busy.id, {"requiredActions": []})
    assert session.call("POST", ACTIVATE, query={"code": code}).status_code == 200
    witness.take_default_roles(lacking.id)
    refused = activated(clients.cyclos, lacking, activation_code(clients.variables, lacking))
    refusal(refused, 403, code="permissionDenied")


def test_operators_make_codes_and_are_told_what_is_wrong(clients: Clients, person: Person) -> None:
    done = typed_by_operator(clients.variables, "access-client", person.email.upper(), "till 4")
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{12}\n", done.stdout), done.stderr
    made = told(activated(clients.cyclos, person, done.stdout.strip()))
    assert made["accessClient"]["name"] == "till 4"
    unknown = typed_by_operator(clients.variables, "access-client", "nobody-at-all", "till")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "nobody" in unknown.stderr
    unusable = typed_by_operator(clients.variables, "access-client", person.username, "a\nb")
    assert (unusable.returncode, unusable.stdout) == (2, ""), unusable.stderr


@pytest.mark.parametrize("name", ["", " ", "\u200b", "x" * 101])
def test_a_client_has_a_name_that_can_be_read(clients: Clients, person: Person, name: str) -> None:
    with pytest.raises(ValueError, match="visible"):
        activation_code(clients.variables, person, name)
