"""Guesses at a password or a mailed code, counted together (contract section 1.4)."""

from collections.abc import Callable
from functools import partial

import httpx
import redis

from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.client import Kestra, refusal, require_done, tokens
from tests.surfaces.kestra.conftest import settled_at
from tests.surfaces.kestra.letters import KestraLetters, another, asked_code
from tests.surfaces.logged import awaited, told_of
from tests.surfaces.parallel import TOO_SLOW, at_once, undisturbed
from tests.surfaces.toan.client import Toan
from tests.surfaces.witness import Witness

_WRONG = "Wr0ng!word"


def test_five_wrong_entries_void_a_code(kestra_apart: Apart, person: Person, letters: KestraLetters) -> None:
    with served_gateway(kestra_apart(LOCKOUT__MAX_FAILURES="50")) as served, served.client() as client:
        kestra = Kestra(client)
        code = asked_code(kestra, letters, person)
        for _ in range(5):
            refusal(kestra.login(person.email, another(code)), 401)
        refusal(kestra.login(person.email, code), 401)
        tokens(kestra.login(person.email, person.password))


def test_fewer_entries_void_a_code_where_that_is_set(
    kestra_apart: Apart, person: Person, letters: KestraLetters
) -> None:
    with served_gateway(kestra_apart(KESTRA__CODE_MAX_ATTEMPTS="1")) as served, served.client() as client:
        kestra = Kestra(client)
        code = asked_code(kestra, letters, person)
        refusal(kestra.login(person.email, another(code)), 401)
        refusal(kestra.login(person.email, code), 401)


def test_after_twenty_wrong_codes_there_is_none_and_nobody_is_told(
    kestra_apart: Apart,
    person: Person,
    letters: KestraLetters,
    mailbox: Mailbox,
    store: redis.Redis,
    end_pause: Callable[[str], None],
) -> None:
    variables = kestra_apart(LOCKOUT__MAX_FAILURES="50", LIMITS__MAILS_PER_MAILBOX="20")
    with served_gateway(variables) as served, served.client() as client:
        kestra = Kestra(client)
        for count in range(1, 5):
            code = asked_code(kestra, letters, person, count)
            for _ in range(5):
                refusal(kestra.login(person.email, another(code)), 401)
            end_pause(person.id)
        unknown = kestra.login("nobody@example.test", "000000")
        answer = kestra.login(person.email, "000000")
        assert refusal(answer, 401) == refusal(unknown, 401)
        tokens(kestra.login(person.email, person.password))
        require_done(kestra.request_code(person.email))
        (*_, told) = awaited(served, "code_mail", person.id, 5)
        assert (told["outcome"], told["reason"]) == ("refused", "limit")
        settled_at(store, variables)()
    assert mailbox.count(person.email) == 4


def test_wrong_codes_and_passwords_lock_together_and_on_every_surface(
    kestra: Kestra, kestra_gateway: ServedGateway, person: Person, letters: KestraLetters
) -> None:
    code = asked_code(kestra, letters, person)
    for guess in (another(code), _WRONG, another(code)):
        refusal(kestra.login(person.email, guess), 401)
    for _ in range(2):
        assert Toan(kestra.http).login(person.username, _WRONG).status_code == 401
    for secret in (code, person.password):
        answer = kestra.login(person.email, secret)
        refusal(answer, 401)
        (told,) = told_of(kestra_gateway, answer, "sign_in")
        assert told["reason"] == "locked"


def test_a_code_clears_the_counter(kestra: Kestra, person: Person, letters: KestraLetters) -> None:
    for _ in range(4):
        refusal(kestra.login(person.email, _WRONG), 401)
    tokens(kestra.login(person.email, asked_code(kestra, letters, person)))
    for _ in range(4):
        refusal(kestra.login(person.email, _WRONG), 401)
    tokens(kestra.login(person.email, person.password))


def test_of_many_guesses_at_once_five_are_evaluated(kestra: Kestra, make_person: PersonMaker, witness: Witness) -> None:
    people = []

    def race() -> list[httpx.Response]:
        people.append(make_person())
        return at_once([partial(kestra.login, people[-1].email, _WRONG)] * 30)

    with witness.realm_with(eventsEnabled=True):
        answers = undisturbed(race, by=TOO_SLOW)
        assert witness.failed_sign_ins(people[-1].id) == 5
    assert {each.status_code for each in answers} == {401}
    refusal(kestra.login(people[-1].email, people[-1].password), 401)


def test_a_blocked_address_is_told_when_to_come_again(kestra_apart: Apart, person: Person) -> None:
    with served_gateway(kestra_apart(LIMITS__FAILURES_PER_ADDRESS="2")) as served, served.client() as client:
        kestra = Kestra(client)
        for name in ("nobody-1", "nobody-2"):
            refusal(kestra.login(name, _WRONG), 401)
        assert 0 < refusal(kestra.login(person.username, person.password), 429)["retryAfter"] <= 600
