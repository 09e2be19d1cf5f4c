"""Codes as secondary passwords, tried: once, too often, too late, at once (contract section 8)."""

from functools import partial

import httpx
import redis

from tests.conftest import Stack
from tests.servers.gateway import watched_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.sms_provider import sms_provider
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.asking import Asking, told_list
from tests.surfaces.cyclos.client import (
    Cyclos,
    refusal,
    require_empty,
    token_of,
    told,
)
from tests.surfaces.cyclos.further import (
    OTP_TYPE,
    SECOND,
    CyclosLetters,
    ask_for_code,
    give,
    lose,
    mailing_and_texting,
    require_proof,
)
from tests.surfaces.logged import events_of
from tests.surfaces.mailing import mailing_through
from tests.surfaces.parallel import at_once, undisturbed
from tests.surfaces.witness import Witness


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def _given_at_once(
    asking: Asking, make_person: PersonMaker, letters: CyclosLetters, times: int, *, wrong_before: int = 0
) -> tuple[list[int], Person, Cyclos]:
    """Have somebody give a right code so many times at once; return the statuses, who that is, and the session."""
    logins = []

    def race() -> list[httpx.Response]:
        person = make_person()
        pending = asking.pending(person)
        logins.append((person, pending))
        ask_for_code(pending)
        code = letters.code(person)
        for _ in range(wrong_before):
            require_proof(give(pending, _wrong(code)), OTP_TYPE)
        return at_once([partial(give, pending, code)] * times)

    statuses = sorted(each.status_code for each in undisturbed(race))
    return statuses, *logins[-1]


def test_a_code_is_good_once_and_in_its_own_session_only(
    asking: Asking, person: Person, letters: CyclosLetters
) -> None:
    one, other = asking.pending(person), asking.pending(person)
    require_proof(give(one, "000000"), OTP_TYPE)
    ask_for_code(one)
    code = letters.code(person)
    require_proof(give(other, code), OTP_TYPE)
    require_empty(give(one, code), 204)
    require_proof(give(other, code), OTP_TYPE)
    refusal(give(one, code), 403, code="illegalAction")


def test_a_code_of_somebody_else_is_wrong(
    asking: Asking, person: Person, make_person: PersonMaker, letters: CyclosLetters
) -> None:
    other = make_person()
    one, another = asking.pending(person), asking.pending(other)
    ask_for_code(one)
    ask_for_code(another)
    require_proof(give(another, letters.code(person)), OTP_TYPE)
    require_empty(give(another, letters.code(other)), 204)


def test_a_newer_code_replaces_an_older_one_of_any_medium(
    asking: Asking, make_person: PersonMaker, letters: CyclosLetters
) -> None:
    number = asking.provider.number()
    person = make_person(phone=number)
    pending = asking.pending(person)
    ask_for_code(pending)
    mailed = letters.code(person)
    assert told_list(ask_for_code(pending, "sms")) == [number]
    texted = asking.provider.code_to(number)
    if mailed != texted:
        require_proof(give(pending, mailed), OTP_TYPE)
    require_empty(give(pending, texted), 204)


def test_the_fifth_wrong_code_ends_the_session(
    asking: Asking, person: Person, letters: CyclosLetters, witness: Witness
) -> None:
    pending = asking.pending(person)
    ask_for_code(pending)
    wrong = _wrong(letters.code(person))
    for _ in range(4):
        require_proof(give(pending, wrong), OTP_TYPE)
    require_proof(give(pending, wrong), OTP_TYPE, blocked=True)
    for again in (give(pending, wrong), pending.auth(), pending.logout()):
        refusal(again, 401, code="loggedOut")
    assert witness.sessions(person.id) == set()
    assert events_of(asking.served, "account_locked", person.id)
    refusal(asking.cyclos.login(person.username, person.password), 401, code="login")


def test_a_new_code_gives_no_new_tries(asking: Asking, person: Person, letters: CyclosLetters) -> None:
    pending = asking.pending(person)
    for tries in range(4):
        ask_for_code(pending)
        require_proof(give(pending, _wrong(letters.code(person, tries + 1))), OTP_TYPE)
    ask_for_code(pending)
    require_proof(give(pending, _wrong(letters.code(person, 5))), OTP_TYPE, blocked=True)


def test_a_complete_login_forgets_the_wrong_codes_of_others(
    asking: Asking, person: Person, letters: CyclosLetters
) -> None:
    for count in (1, 2, 3):
        pending = asking.pending(person)
        ask_for_code(pending)
        code = letters.code(person, count)
        for _ in range(3):
            require_proof(give(pending, _wrong(code)), OTP_TYPE)
        require_empty(give(pending, code), 204)


def test_codes_that_follow_one_another_pass_keycloak_s_own_detection(
    cyclos_apart: Apart, stack: Stack, person: Person, letters: CyclosLetters, witness: Witness
) -> None:
    variables = cyclos_apart(CYCLOS__SECONDARY_PASSWORD="otp", **mailing_through(stack))
    with witness.own_detection(), watched_gateway(variables) as served, served.client() as client:
        cyclos = Cyclos(client)
        for count in range(1, 5):
            pending = cyclos.by_session(token_of(cyclos.login(person.username, person.password)))
            ask_for_code(pending)
            require_empty(give(pending, letters.code(person, count)), 204)


def test_of_two_at_once_one_completes_the_login(
    asking: Asking, make_person: PersonMaker, letters: CyclosLetters, witness: Witness
) -> None:
    statuses, person, pending = _given_at_once(asking, make_person, letters, 4)
    assert statuses == [204, 403, 403, 403]
    assert len(witness.sessions(person.id)) == 1
    assert told(pending.auth())["pendingSecondaryPassword"] is False


def test_the_last_try_completes_the_login_also_when_it_comes_twice(
    asking: Asking, make_person: PersonMaker, letters: CyclosLetters, witness: Witness
) -> None:
    statuses, person, pending = _given_at_once(asking, make_person, letters, 2, wrong_before=4)
    assert statuses == [204, 403]
    assert told(pending.auth())["pendingSecondaryPassword"] is False
    assert len(witness.sessions(person.id)) == 1


def test_a_right_code_uses_up_no_try_while_something_else_is_due(
    asking: Asking, person: Person, letters: CyclosLetters, witness: Witness
) -> None:
    pending = asking.pending(person)
    ask_for_code(pending)
    code = letters.code(person)
    witness.admin.update_user(person.id, {"requiredActions": ["UPDATE_PROFILE"]})
    for _ in range(6):
        refusal(give(pending, code), 401, code="login", userStatus="pending")
    witness.admin.update_user(person.id, {"requiredActions": []})
    require_empty(give(pending, code), 204)


def test_of_twenty_wrong_ones_at_once_five_are_evaluated(
    asking: Asking, person: Person, letters: CyclosLetters
) -> None:
    pending = asking.pending(person)
    ask_for_code(pending)
    wrong = _wrong(letters.code(person))
    answers = at_once([lambda: give(pending, wrong)] * 20)
    codes = [each.json()["code"] for each in answers]
    assert codes.count("invalidPassword") == 4
    assert set(codes) <= {"invalidPassword", "temporarilyBlocked", "loggedOut"}
    refusal(pending.auth(), 401, code="loggedOut")


def test_a_code_that_has_expired_is_wrong(
    cyclos_apart: Apart, stack: Stack, person: Person, letters: CyclosLetters
) -> None:
    with sms_provider() as provider:
        settings = {**mailing_and_texting(stack, provider), "CYCLOS__CODE_TTL": "1"}
        variables = cyclos_apart(CYCLOS__SECONDARY_PASSWORD="otp", **settings)
        with watched_gateway(variables) as served, served.client() as client:
            cyclos = Cyclos(client)
            pending = cyclos.by_session(token_of(cyclos.login(person.username, person.password)))
            ask_for_code(pending)
            code = letters.code(person)
            _until_expired(pending)
            require_proof(give(pending, code), OTP_TYPE)


def _until_expired(pending: Cyclos) -> None:
    until(lambda: told(pending.call("GET", SECOND))["hasActivePassword"] is False)


def test_what_waits_is_lost_with_redis(
    asking: Asking, person: Person, letters: CyclosLetters, store: redis.Redis
) -> None:
    pending = asking.pending(person)
    ask_for_code(pending)
    code = letters.code(person)
    lose(store, asking.variables)
    refusal(give(pending, code), 401, code="loggedOut")
    require_proof(give(asking.pending(person), code), OTP_TYPE)
