"""Keycloak, Redis or the mail server out of reach (contract sections 2 and 5, security R3 and R5)."""

from collections.abc import Iterator
from functools import partial

import pytest

from devstack.children import free_port
from tests.conftest import Stack
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.client import Kestra, refusal, require_done, tokens
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.logged import awaited
from tests.surfaces.outages import FINISHED_WITHIN, Wired, in_time, recovered, undelivered, wired_gateway
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness

_NEW = "An0ther!word"


@pytest.fixture(scope="module")
def wired(kestra_apart: Apart, stack: Stack) -> Iterator[Wired[Kestra]]:
    """A gateway behind wires; they are open at first."""
    with wired_gateway(kestra_apart, stack, Kestra) as served:
        yield served


def _works(kestra: Kestra, username: str, password: str) -> None:
    tokens(recovered(partial(kestra.login, username, password)))


@pytest.mark.parametrize("way", ["cut", "frozen"])
@pytest.mark.parametrize("dependency", ["keycloak", "redis"])
def test_an_outage_is_a_503_in_time_and_uses_nothing_up(
    wired: Wired[Kestra],
    make_person: PersonMaker,
    letters: KestraLetters,
    witness: Witness,
    dependency: str,
    way: str,
) -> None:
    kestra, person = wired.client, make_person()
    _works(kestra, person.username, person.password)
    require_done(kestra.forgot(person.email))
    link = letters.token(person)
    require_done(kestra.request_code(person.email))
    code = letters.code(person, 2)
    with getattr(getattr(wired, dependency), way)():
        calls = [
            partial(kestra.login, person.username, person.password),
            partial(kestra.login, person.username, code),
            partial(kestra.reset, link, _NEW),
        ]
        if dependency == "redis":
            calls += [partial(kestra.forgot, person.email), partial(kestra.request_code, person.email)]
        for call in calls:
            refusal(in_time(call()), 503)
    assert witness.password_is(person.username, person.password)
    _works(kestra, person.username, code)
    require_done(recovered(partial(kestra.reset, link, _NEW)))


def test_mails_that_were_asked_for_in_an_outage_of_keycloak_come_after_it(
    wired: Wired[Kestra], make_person: PersonMaker, letters: KestraLetters
) -> None:
    kestra, forgetful, coded = wired.client, make_person(), make_person()
    _works(kestra, forgetful.username, forgetful.password)
    with wired.keycloak.cut(), undelivered(wired.served, "reset_request", "code_request"):
        for email in (forgetful.email, f"no-{forgetful.email}"):
            require_done(kestra.forgot(email))
        require_done(kestra.request_code(coded.email))
    require_done(recovered(partial(kestra.reset, letters.token(forgetful), _NEW)))
    tokens(kestra.login(coded.email, letters.code(coded)))


def test_an_answer_of_keycloak_that_is_lost_lets_nobody_be_half_reset(
    wired: Wired[Kestra], make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    kestra, person = wired.client, make_person()
    _works(kestra, person.username, person.password)
    require_done(kestra.forgot(person.email))
    link = letters.token(person)
    asked = Moment(f"PUT /admin/realms/{witness.realm}/users/{person.id}/reset-password ", "asked")
    with wired.keycloak.cut(asked) as cut:
        refusal(kestra.reset(link, _NEW), 503)
        assert cut.is_set()
    require_done(recovered(partial(kestra.reset, link, _NEW)))
    assert witness.password_is(person.username, _NEW)


def test_another_s_password_proves_no_address_after_an_outage(
    wired: Wired[Kestra], make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    kestra, person = wired.client, make_person(email_verified=False)
    require_done(recovered(partial(kestra.forgot, person.email)))
    link = letters.token(person)
    asked = Moment(f"PUT /admin/realms/{witness.realm}/users/{person.id}/reset-password ", "asked")
    with wired.keycloak.cut(asked) as cut:
        refusal(kestra.reset(link, _NEW), 503)
        assert cut.is_set()
    witness.admin.set_user_password(person.id, "Str4nger!word", temporary=False)
    (told,) = awaited(wired.served, "password_set", person.id)
    assert told["reason"] == "resumed"
    assert not witness.admin.get_user(person.id)["emailVerified"]


def test_an_address_that_could_not_be_marked_as_verified_is_so_later(
    wired: Wired[Kestra], make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    kestra, person = wired.client, make_person(email_verified=False)
    require_done(recovered(partial(kestra.forgot, person.email)))
    link = letters.token(person)
    moment = Moment(f"PUT /admin/realms/{witness.realm}/users/{person.id} ", "asked")
    with wired.keycloak.cut(moment) as cut:
        require_done(kestra.reset(link, _NEW))
        assert cut.is_set()
    refusal(recovered(partial(kestra.reset, link, "Y3t!another")), 404)
    until(lambda: bool(witness.admin.get_user(person.id)["emailVerified"]), within=FINISHED_WITHIN)
    assert witness.password_is(person.username, _NEW)


def test_a_sign_in_by_code_that_fails_half_way_leaves_the_code_good(
    wired: Wired[Kestra], make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    kestra, person = wired.client, make_person(email_verified=False)
    _works(kestra, person.username, person.password)
    require_done(kestra.request_code(person.email))
    code = letters.code(person)
    moment = Moment(f"PUT /admin/realms/{witness.realm}/users/{person.id} ", "asked")
    with wired.keycloak.cut(moment) as cut:
        refusal(kestra.login(person.email, code), 503)
        assert cut.is_set()
    _works(kestra, person.email, code)
    assert witness.admin.get_user(person.id)["emailVerified"]


def test_a_mail_server_that_is_down_is_no_concern_of_who_asks(kestra_apart: Apart, make_person: PersonMaker) -> None:
    person = make_person()
    with served_gateway(kestra_apart(MAIL__PORT=str(free_port()))) as served, served.client() as client:
        kestra = Kestra(client)
        said = set()
        for email in (person.email, f"no-{person.email}"):
            for answer in (kestra.forgot(email), kestra.request_code(email)):
                require_done(answer)
                said.add((answer.content, tuple(sorted(answer.headers))))
        assert len(said) == 1
