"""What ends access clients, and what ends with them (contract section 9)."""

from collections.abc import Mapping

from tests.conftest import Stack
from tests.servers.gateway import watched_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.clients import Clients
from tests.surfaces.cyclos.further import (
    CyclosLetters,
    activated,
    activation_code,
    by_client,
    disconnect,
    logged_in_by_client,
)
from tests.surfaces.kestra.client import Kestra, require_done
from tests.surfaces.mailing import mailing_through
from tests.surfaces.witness import Witness

_GONE = {"code": "invalidAccessClient"}


def test_keycloak_s_word_on_a_client_does_not_count_longer(
    cyclos_apart: Apart, person: Person, witness: Witness
) -> None:
    variables = cyclos_apart(CYCLOS__SESSION_RECHECK="2")
    with watched_gateway(variables) as served, served.client() as client:
        cyclos = Cyclos(client)
        token = str(told(activated(cyclos, person, activation_code(variables, person)))["token"])
        assert by_client(cyclos, token).auth().status_code == 200
        witness.admin.update_user(person.id, {"enabled": False})
        until(lambda: by_client(cyclos, token).auth().status_code == 401)
        refusal(by_client(cyclos, token).auth(), 401, **_GONE)


def test_an_administrator_revokes_a_client_in_keycloak(clients: Clients, person: Person, witness: Witness) -> None:
    token = clients.made(person)
    (offline,) = witness.offline_sessions(person.id, "gateway-verified")
    witness.end_session(offline, offline=True)
    refusal(by_client(clients.cyclos, token).auth(), 401, **_GONE)


def test_signing_somebody_out_of_everything_in_keycloak_ends_his_clients(
    clients: Clients, person: Person, witness: Witness
) -> None:
    token = clients.made(person)

    def is_refused() -> bool:
        # What was issued within the same second is spared.
        witness.admin.user_logout(person.id)
        return by_client(clients.cyclos, token).auth().status_code == 401

    until(is_refused)
    refusal(by_client(clients.cyclos, token).auth(), 401, **_GONE)


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


def test_a_client_of_who_is_gone_is_none_before_keycloak_is_asked_again(
    cyclos: Cyclos, cyclos_variables: Mapping[str, str], person: Person, witness: Witness
) -> None:
    token = str(told(activated(cyclos, person, activation_code(cyclos_variables, person)))["token"])
    assert by_client(cyclos, token).auth().status_code == 200
    witness.admin.delete_user(person.id)
    refusal(by_client(cyclos, token).auth(), 401, **_GONE)
    refusal(logged_in_by_client(cyclos, token), 401, **_GONE)


def test_a_disconnected_client_s_sessions_end_at_once(
    cyclos: Cyclos, cyclos_variables: Mapping[str, str], person: Person
) -> None:
    token = str(told(activated(cyclos, person, activation_code(cyclos_variables, person)))["token"])
    session = cyclos.by_session(token_of(logged_in_by_client(cyclos, token)))
    assert session.auth().status_code == 200
    require_empty(disconnect(cyclos, token), 200)
    refusal(session.auth(), 401, code="loggedOut")


def test_a_client_that_the_gateway_itself_has_ended_is_none_at_once(
    cyclos_apart: Apart, stack: Stack, make_person: PersonMaker, letters: CyclosLetters, witness: Witness
) -> None:
    person = make_person(email_verified=False)
    variables = cyclos_apart(KESTRA__PASSWORDLESS="true", **mailing_through(stack))
    with watched_gateway(variables) as served, served.client() as client:
        cyclos, kestra = Cyclos(client), Kestra(client)
        token = str(told(activated(cyclos, person, activation_code(variables, person)))["token"])
        session = cyclos.by_session(token_of(logged_in_by_client(cyclos, token)))
        assert by_client(cyclos, token).auth().status_code == session.auth().status_code == 200
        # Whoever owns the address takes the account over from whoever has registered it.
        require_done(kestra.request_code(person.email))
        assert kestra.login_by_form(person.email, letters.code(person)).status_code == 200
        refusal(by_client(cyclos, token).auth(), 401, **_GONE)
        refusal(session.auth(), 401, code="loggedOut")
    assert witness.offline_sessions(person.id, "gateway-verified") == set()
