"""How access clients come to exist (contract section 9)."""

import re
from functools import partial

import httpx
import pytest
import redis

from tests.conftest import Stack
from tests.servers.commands import typed
from tests.servers.gateway import served_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, basic, refusal, token_of, told
from tests.surfaces.cyclos.clients import Clients
from tests.surfaces.cyclos.further import (
    ACTIVATE,
    activated,
    activated_by_session,
    activation_code,
    by_client,
    lose,
)
from tests.surfaces.outages import Replica, wired_gateway
from tests.surfaces.parallel import TOO_SLOW, at_once, undisturbed
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness


def test_a_session_can_activate_as_well(clients: Clients, person: Person) -> None:
    session = clients.cyclos.by_session(token_of(clients.cyclos.login(person.username, person.password)))
    code = activation_code(clients.variables, person)
    spelled = f" {code[:4]}-{code[4:8].lower()}-{code[8:]} "
    token = told(activated_by_session(session, spelled))["token"]
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


@pytest.mark.parametrize("prefix", [" a", "a~", "\u00e9", "x" * 256])
def test_a_prefix_is_what_a_header_can_hold(clients: Clients, person: Person, prefix: str) -> None:
    code = activation_code(clients.variables, person)
    said = refusal(activated(clients.cyclos, person, code, prefix=prefix), 422)
    assert (said["code"], said["properties"]) == ("validation", ["prefix"])
    assert activated(clients.cyclos, person, code).status_code == 200


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
    done = typed(clients.variables, "access-client", person.email.upper(), "till 4")
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{12}\n", done.stdout), done.stderr
    assert '"event": "access_client"' in done.stderr
    assert done.stdout.strip() not in done.stderr
    made = told(activated(clients.cyclos, person, done.stdout.strip()))
    assert made["accessClient"]["name"] == "till 4"
    unknown = typed(clients.variables, "access-client", "nobody-at-all", "till")
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert "nobody" in unknown.stderr
    unusable = typed(clients.variables, "access-client", person.username, "a\nb")
    assert (unusable.returncode, unusable.stdout) == (2, ""), unusable.stderr


@pytest.mark.parametrize("name", ["", " ", "\u200b", "x" * 101])
def test_a_client_has_a_name_that_can_be_read(clients: Clients, person: Person, name: str) -> None:
    with pytest.raises(ValueError, match="visible"):
        activation_code(clients.variables, person, name)


def test_who_is_out_of_time_leaves_nothing_and_may_use_the_code_again(
    cyclos_apart: Apart, stack: Stack, person: Person, witness: Witness
) -> None:
    # What Keycloak answers after the request's own time, and within the time for calls, is undone.
    variables = cyclos_apart(SERVER__DEADLINE="3", LIMITS__FAILURES_PER_ADDRESS="1000")
    with wired_gateway(Replica(variables), stack, Cyclos, KEYCLOAK__TIMEOUT="5") as wired:
        session = wired.client.by_session(token_of(wired.client.login(person.username, person.password)))
        activate = partial(session.call, "POST", ACTIVATE, query={"code": activation_code(variables, person)})
        grant = Moment(f"POST /realms/{witness.realm}/protocol/openid-connect/token ", "asked")
        with wired.keycloak.frozen(grant) as held:
            refusal(activate(), 503)
            assert held.is_set()
        until(lambda: activate().status_code == 200)
        until(lambda: len(witness.offline_sessions(person.id, "gateway-verified")) == 1)


def test_a_program_that_sends_its_password_meanwhile_is_not_in_the_way_of_keycloak_s_own_detection(
    cyclos_apart: Apart, make_person: PersonMaker, witness: Witness
) -> None:
    variables = cyclos_apart()
    with witness.own_detection(), served_gateway(variables) as served, served.client() as client:
        cyclos = Cyclos(client)

        def race() -> list[httpx.Response]:
            person = make_person()
            asks = [partial(cyclos.auth, person.username, person.password)] * 4
            return at_once([*asks, partial(activated, cyclos, person, activation_code(variables, person))])

        for answer in undisturbed(race, by=TOO_SLOW):
            told(answer)


def test_a_code_works_for_a_day(cyclos_apart: Apart, person: Person, store: redis.Redis) -> None:
    variables, day = cyclos_apart(), 24 * 3600 * 1000
    activation_code(variables, person)
    kept = [store.pttl(key) for key in store.scan_iter(f"{variables['GATEWAY_REDIS__PREFIX']}*", count=1000)]
    assert day - 100_000 < max(kept) <= day


def test_a_code_is_lost_with_redis(clients: Clients, person: Person, store: redis.Redis) -> None:
    code = activation_code(clients.variables, person)
    lose(store, clients.variables)
    refusal(activated(clients.cyclos, person, code), 404, entityType="AccessClient")
