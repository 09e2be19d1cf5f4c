"""Guesses at once get no more evaluated than guesses one by one (security S1, S3, S5)."""

import secrets
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.parallel import TOO_SLOW, at_once, undisturbed
from tests.surfaces.toan.answers import refusal
from tests.surfaces.toan.client import Toan
from tests.surfaces.witness import Witness

_WRONG = "Wr0ng!word"
_MOST = 5


@pytest.fixture(scope="module")
def replica(quick_variables: dict[str, str]) -> Iterator[Toan]:
    """A second gateway beside the shared one, on the same Redis."""
    with served_gateway(quick_variables) as served, served.client() as client:
        yield Toan(client)


def test_eighty_wrong_guesses_at_once_are_five_for_keycloak(
    toan: Toan, replica: Toan, make_person: PersonMaker, witness: Witness
) -> None:
    people = []

    def race() -> list[httpx.Response]:
        person = make_person()
        people.append(person)
        answers = at_once([partial(each.login, person.username, _WRONG) for each in (toan, replica) for _ in range(40)])
        assert witness.failed_sign_ins(person.id) <= _MOST
        return answers

    with witness.realm_with(eventsEnabled=True):
        answers = undisturbed(race)
        person = people[-1]
        assert witness.failed_sign_ins(person.id) == _MOST
    assert {each.status_code for each in answers} <= {401, 429}
    refusal(toan.login(person.username, person.password), 401)


def test_right_guess_among_eighty_at_once_is_found_by_luck_only(
    toan: Toan, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person()
    guesses = [f"Gu3ss!{number}" for number in range(79)]
    guesses.insert(40, person.password)
    with witness.realm_with(eventsEnabled=True):
        answers = at_once([partial(toan.login, person.username, each) for each in guesses])
        evaluated = witness.failed_sign_ins(person.id)
    found = sum(each.status_code == 200 for each in answers)
    assert found <= 1
    # A right one clears the count, so that as many may follow as came before it.
    assert evaluated <= _MOST + found * (_MOST - 1)


def test_guesses_at_an_unknown_name_are_told_nothing_else(toan: Toan) -> None:
    nobody = f"nobody-{secrets.token_hex(4)}"
    answers = at_once([lambda: toan.login(nobody, _WRONG)] * 40)
    assert {each.status_code for each in answers} <= {401, 429, 503}


def test_twelve_right_sign_ins_at_once_all_pass(toan: Toan, make_person: PersonMaker, witness: Witness) -> None:
    people = []

    def race() -> list[httpx.Response]:
        person = make_person()
        people.append(person)
        return at_once([lambda: toan.login(person.username, person.password)] * 12)

    assert [each.status_code for each in undisturbed(race, by=TOO_SLOW)] == [200] * 12
    assert len(witness.sessions(people[-1].id)) == 12


def test_right_sign_ins_pass_beside_wrong_ones_of_others(toan: Toan, make_person: PersonMaker) -> None:
    def race() -> list[httpx.Response]:
        victim, *others = [make_person() for _ in range(7)]
        calls = [partial(toan.login, victim.username, _WRONG)] * 20
        return at_once(calls + [partial(toan.login, each.username, each.password) for each in others])

    assert [each.status_code for each in undisturbed(race)[20:]] == [200] * 6


def test_keycloaks_own_lock_is_told_in_the_same_words(toan: Toan, make_person: PersonMaker, witness: Witness) -> None:
    person, other = make_person(), make_person()
    wrong = toan.login(other.username, _WRONG)
    with witness.own_detection():
        witness.lock(person.username)
        answer = toan.login(person.username, person.password)
    refusal(answer, 401)
    assert answer.content == wrong.content


def test_right_sign_ins_at_once_pass_with_keycloaks_own_detection(
    apart: Apart, make_person: PersonMaker, witness: Witness
) -> None:
    with witness.own_detection(), served_gateway(apart()) as served, served.client() as client:

        def race() -> list[httpx.Response]:
            person = make_person()
            return at_once([lambda: Toan(client).login(person.username, person.password)] * 8)

        answers = undisturbed(race, by=TOO_SLOW)
    assert [each.status_code for each in answers] == [200] * 8
