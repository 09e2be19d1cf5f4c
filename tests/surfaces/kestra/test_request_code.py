"""Codes asked for by address (contract section 1.4)."""

import re
import secrets
from collections.abc import Callable, Mapping

import pytest
import redis

from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.stored import only_key
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.client import CODE, Kestra, refusal, require_done, tokens
from tests.surfaces.kestra.conftest import Settled
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.logged import told_of
from tests.surfaces.witness import Witness

_RAW = "nobody@example.test"


@pytest.mark.parametrize("spelled", [str, str.upper])
def test_a_code_is_mailed_and_stands_alone(
    kestra: Kestra, person: Person, letters: KestraLetters, spelled: Callable[[str], str]
) -> None:
    require_done(kestra.request_code(spelled(person.email)))
    text = letters.text(person)
    assert re.findall("[0-9]{6}", text) == [letters.code(person)]
    assert "10 minutes" in text
    assert "sign in" in text


@pytest.mark.parametrize("local", ["a+b", "a/b", "a%2Fb", "o'neill", "a=b", "a&b", "a!b"])
def test_an_address_may_hold_what_addresses_may_hold(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, local: str
) -> None:
    person = make_person()
    odd = make_person(email=f"{local}-{person.email}")
    require_done(kestra.request_code(odd.email))
    assert letters.code(odd)


@pytest.mark.parametrize(
    "value",
    ["nobody@example.test", "x", ".", "..", "../auths", "/", "//", "x" * 5000, "\0", "\r\nBcc: a@b.cd", "*", " "],
)
def test_an_address_that_nobody_has_is_answered_alike(kestra: Kestra, value: str) -> None:
    require_done(kestra.request_code(value))


@pytest.mark.parametrize("target", [f"{CODE}/a/b@c.de", f"{CODE}/", CODE, f"{CODE}//", f"{CODE}/{_RAW}/"])
def test_another_number_of_segments_is_another_path(kestra: Kestra, target: str) -> None:
    refusal(kestra.target("GET", target), 404)


def test_an_address_may_come_unencoded(kestra: Kestra, person: Person, letters: KestraLetters) -> None:
    require_done(kestra.target("GET", f"{CODE}/{person.email}"))
    assert letters.code(person)


def test_a_user_name_is_no_address(kestra: Kestra, person: Person, mailbox: Mailbox, settled: Settled) -> None:
    require_done(kestra.request_code(person.username))
    settled()
    assert mailbox.count(person.email) == 0


def test_the_disabled_get_no_mail(kestra: Kestra, make_person: PersonMaker, mailbox: Mailbox, settled: Settled) -> None:
    disabled = make_person(enabled=False)
    require_done(kestra.request_code(disabled.email))
    settled()
    assert mailbox.count(disabled.email) == 0


def test_an_address_of_two_people_gets_no_mail(
    kestra: Kestra, make_person: PersonMaker, witness: Witness, mailbox: Mailbox, settled: Settled
) -> None:
    shared = f"{secrets.token_hex(4)}@example.test"
    # As in a realm that has not always taken addresses for user names.
    with witness.realm_with(loginWithEmailAllowed=False, duplicateEmailsAllowed=True):
        for _ in range(2):
            make_person(email=shared)
    require_done(kestra.request_code(shared))
    settled()
    assert mailbox.count(shared) == 0


def test_within_the_pause_there_is_no_second_mail_and_the_first_code_works(
    kestra: Kestra, person: Person, letters: KestraLetters, mailbox: Mailbox, settled: Settled
) -> None:
    for _ in range(3):
        require_done(kestra.request_code(person.email))
    settled()
    assert mailbox.count(person.email) == 1
    tokens(kestra.login(person.email, letters.code(person)))


def test_after_the_pause_a_newer_code_voids_the_older_one(
    kestra: Kestra, person: Person, letters: KestraLetters, end_pause: Callable[[str], None]
) -> None:
    kestra.request_code(person.email)
    old = letters.code(person)
    end_pause(person.id)
    kestra.request_code(person.email)
    new = letters.code(person, 2)
    if old != new:
        refusal(kestra.login(person.email, old), 401)
    tokens(kestra.login(person.email, new))


def test_a_pause_after_a_link_is_none_for_codes(kestra: Kestra, person: Person, letters: KestraLetters) -> None:
    kestra.forgot(person.email)
    letters.token(person)
    require_done(kestra.request_code(person.email))
    assert letters.code(person, 2)


def test_life_and_pause_are_as_set(
    kestra: Kestra, person: Person, letters: KestraLetters, store: redis.Redis, kestra_variables: Mapping[str, str]
) -> None:
    kestra.request_code(person.email)
    letters.code(person)
    prefix = kestra_variables["GATEWAY_REDIS__PREFIX"]
    pause = only_key(store, f"{prefix}*:pause:*:{person.id}")
    code = only_key(store, f"{prefix}*{person.id}*:code:sign-in")
    assert 0 < store.ttl(pause) <= 60
    assert 500 < store.ttl(code) <= 600


@pytest.mark.parametrize("name", ["known", "nobody"])
def test_too_many_requests_of_a_client_are_a_429_whatever_the_address(
    kestra_apart: Apart, person: Person, name: str
) -> None:
    with served_gateway(kestra_apart(KESTRA__CODE_MAX_REQUESTS="2")) as served, served.client() as client:
        kestra = Kestra(client)
        email = person.email if name == "known" else _RAW
        for _ in range(2):
            require_done(kestra.request_code(email))
        assert 3000 < refusal(kestra.request_code(email), 429)["retryAfter"] <= 3600
        require_done(kestra.forgot(email))


@pytest.mark.parametrize("settings", [{"KESTRA__PASSWORDLESS": "false"}, {}])
def test_where_nobody_signs_in_by_a_code_there_is_nothing(
    kestra_apart: Apart, apart: Apart, person: Person, mailbox: Mailbox, settings: dict[str, str]
) -> None:
    variables = kestra_apart(**settings) if settings else apart(KESTRA__PASSWORDLESS="true")
    with served_gateway(variables) as served, served.client() as client:
        for email in (person.email, _RAW):
            refusal(Kestra(client).request_code(email), 404)
    assert mailbox.count(person.email) == 0


def test_what_was_asked_is_told_without_the_address(
    kestra: Kestra, kestra_gateway: ServedGateway, person: Person, letters: KestraLetters
) -> None:
    answer = kestra.request_code(person.email)
    (told,) = told_of(kestra_gateway, answer, "code_asked")
    assert (told["outcome"], told["surface"]) == ("done", "kestra")
    assert letters.code(person)
    assert person.email not in kestra_gateway.log
