"""What confirms that an access client is disconnected (contract section 8)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.conftest import Mailbox, Stack
from tests.servers.gateway import watched_gateway
from tests.servers.generators import KEY, Generator
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.further import (
    LOGIN_TYPE,
    OTP_TYPE,
    TOTP_TYPE,
    CyclosLetters,
    activated,
    activated_by_session,
    activation_code,
    ask_for_code,
    by_client,
    disconnect,
    give,
    require_proof,
)
from tests.surfaces.mailing import mailing_through
from tests.surfaces.witness import Witness


@contextmanager
def _confirming(apart: Apart, stack: Stack, by: str, **further: str) -> Iterator[tuple[Cyclos, Mapping[str, str]]]:
    variables = apart(CYCLOS__CONFIRMATION_PASSWORD=by, **mailing_through(stack), **further)
    with watched_gateway(variables) as served, served.client() as client:
        yield Cyclos(client), variables


@pytest.fixture(scope="module")
def by_password(cyclos_apart: Apart, stack: Stack) -> Iterator[tuple[Cyclos, Mapping[str, str]]]:
    with _confirming(cyclos_apart, stack, "password") as confirming:
        yield confirming


@pytest.fixture(scope="module")
def by_generator(cyclos_apart: Apart, stack: Stack) -> Iterator[tuple[Cyclos, Mapping[str, str]]]:
    further = {"CYCLOS__SECONDARY_PASSWORD": "totp"}
    with _confirming(cyclos_apart, stack, "totp", **further) as confirming:
        yield confirming


def _made(confirming: tuple[Cyclos, Mapping[str, str]], person: Person) -> tuple[Cyclos, str]:
    cyclos, variables = confirming
    return cyclos, str(told(activated(cyclos, person, activation_code(variables, person)))["token"])


def test_a_password_confirms(by_password: tuple[Cyclos, Mapping[str, str]], person: Person, witness: Witness) -> None:
    cyclos, token = _made(by_password, person)
    for missing_or_wrong in (None, "", "Wr0ng!word"):
        require_proof(disconnect(cyclos, token, missing_or_wrong), LOGIN_TYPE)
    assert by_client(cyclos, token).auth().status_code == 200
    require_empty(disconnect(cyclos, token, person.password), 200)
    refusal(by_client(cyclos, token).auth(), 401, code="invalidAccessClient")
    assert witness.sessions(person.id) == set()


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_a_password_in_a_header_is_utf_8_or_latin_1(
    by_password: tuple[Cyclos, Mapping[str, str]], make_person: PersonMaker, encoding: str
) -> None:
    person = make_person(password="Pässw0rd!x")
    cyclos, token = _made(by_password, person)
    sent = cyclos.http.request(
        "DELETE",
        "/api/auth/access-client",
        headers=[
            (b"Access-Client-Token", token.encode()),
            (b"confirmationPassword", person.password.encode(encoding)),
        ],
    )
    require_empty(sent, 200)


def test_wrong_confirmations_lock(by_password: tuple[Cyclos, Mapping[str, str]], person: Person) -> None:
    cyclos, token = _made(by_password, person)
    for _ in range(5):
        require_proof(disconnect(cyclos, token, "Wr0ng!word"), LOGIN_TYPE)
    require_proof(disconnect(cyclos, token, person.password), LOGIN_TYPE, blocked=True)
    refusal(cyclos.login(person.username, person.password), 401, code="login")
    assert by_client(cyclos, token).auth().status_code == 200


def test_a_code_that_was_mailed_confirms_once(
    cyclos_apart: Apart, stack: Stack, person: Person, mailbox: Mailbox
) -> None:
    with _confirming(cyclos_apart, stack, "otp") as confirming:
        cyclos, token = _made(confirming, person)
        _, other = _made(confirming, person)
        require_proof(disconnect(cyclos, token, "000000"), OTP_TYPE)
        assert ask_for_code(by_client(cyclos, token)).json() == [person.email]
        code = CyclosLetters(mailbox).code(person)
        require_proof(disconnect(cyclos, token, person.password), OTP_TYPE)
        require_empty(disconnect(cyclos, token, code), 200)
        require_proof(disconnect(cyclos, other, code), OTP_TYPE)


def _made_by_generator(
    confirming: tuple[Cyclos, Mapping[str, str]], person: Person, generator: Generator
) -> tuple[str, str]:
    """Make two clients."""
    cyclos, variables = confirming
    session = cyclos.by_session(token_of(cyclos.login(person.username, person.password)))
    require_empty(give(session, generator.code()), 204)
    codes = activation_code(variables, person), activation_code(variables, person)
    first, second = (told(activated_by_session(session, code)) for code in codes)
    return str(first["token"]), str(second["token"])


def test_a_code_of_the_generator_confirms_once(
    by_generator: tuple[Cyclos, Mapping[str, str]], make_person: PersonMaker
) -> None:
    person, generator, cyclos = make_person(totp=KEY), Generator(), by_generator[0]
    first, second = _made_by_generator(by_generator, person, generator)
    require_proof(disconnect(cyclos, first, generator.wrong_code()), TOTP_TYPE)
    code = generator.code()
    require_empty(disconnect(cyclos, first, code), 200)
    require_proof(disconnect(cyclos, second, code), TOTP_TYPE)
    refusal(by_client(cyclos, first).auth(), 401, code="invalidAccessClient")


def test_a_code_of_the_generator_confirms_also_while_something_else_is_due(
    by_generator: tuple[Cyclos, Mapping[str, str]], make_person: PersonMaker, witness: Witness
) -> None:
    person, generator, cyclos = make_person(totp=KEY), Generator(), by_generator[0]
    token, _ = _made_by_generator(by_generator, person, generator)
    witness.admin.update_user(person.id, {"requiredActions": ["UPDATE_PROFILE"]})
    require_proof(disconnect(cyclos, token, generator.wrong_code()), TOTP_TYPE)
    require_empty(disconnect(cyclos, token, generator.code()), 200)
    refusal(by_client(cyclos, token).auth(), 401, code="invalidAccessClient")


def test_a_confirmation_that_nobody_asks_for_is_of_no_concern(
    cyclos: Cyclos, cyclos_variables: Mapping[str, str], person: Person
) -> None:
    _, token = _made((cyclos, cyclos_variables), person)
    require_empty(disconnect(cyclos, token, "whatever"), 200)
