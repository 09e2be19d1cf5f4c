"""Sent codes as secondary passwords: from a pending session to a full one (contract section 8)."""

import re

import pytest
import redis

from gateway.state.keys import Keys
from tests.servers.people import Person, PersonMaker
from tests.surfaces.backchannel_logout.wire_shapes import PATH
from tests.surfaces.cyclos.asking import Asking, told_list
from tests.surfaces.cyclos.client import (
    DATA,
    JSON,
    SESSION,
    Cyclos,
    basic,
    halves_of,
    refusal,
    require_empty,
    token_of,
    told,
)
from tests.surfaces.cyclos.further import (
    ACTIVATE,
    ODD_PASSWORDS,
    OTP,
    OTP_TYPE,
    SECOND,
    CyclosLetters,
    ask_for_code,
    by_client,
    give,
    require_proof,
    sent,
    undelivered,
)
from tests.surfaces.logged import awaited, events_of
from tests.surfaces.witness import Witness


def test_a_pending_session_becomes_a_full_one_by_the_code_that_was_mailed(
    asking: Asking, person: Person, letters: CyclosLetters, witness: Witness
) -> None:
    login = asking.cyclos.login(person.username, person.password)
    said = told(login)
    assert said["secondaryPasswordType"] == {**OTP_TYPE, "global": False, "mode": "otp"}
    assert said["pendingSecondaryPassword"] is True
    assert witness.sessions(person.id) == set()
    pending = asking.cyclos.by_session(token_of(login))
    assert told_list(ask_for_code(pending)) == [person.email]
    require_empty(give(pending, letters.code(person)), 204)
    full = told(pending.auth())
    assert full["pendingSecondaryPassword"] is False
    assert full["sessionToken"] == token_of(login)
    assert full["principal"] == person.username
    assert len(witness.sessions(person.id)) == 1
    require_empty(pending.logout(), 200)
    assert witness.sessions(person.id) == set()


def test_a_session_that_a_code_has_completed_ends_at_once_when_keycloak_tells_of_it(
    asking: Asking, person: Person, letters: CyclosLetters, witness: Witness
) -> None:
    with witness.client_with("gateway-verified", backchannel__logout__url=f"{asking.served.url}{PATH}"):
        pending = asking.pending(person)
        ask_for_code(pending)
        require_empty(give(pending, letters.code(person)), 204)
        (session_id,) = witness.sessions(person.id)
        told_so_far = len(events_of(asking.served, "sessions_ended", person.id))
        witness.end_session(session_id)
        awaited(asking.served, "sessions_ended", person.id, told_so_far + 1)
        refusal(pending.auth(), 401, code="loggedOut")


def test_a_session_awaits_its_code_for_ten_minutes_and_lasts_as_any_other_then(
    asking: Asking, person: Person, letters: CyclosLetters, store: redis.Redis
) -> None:
    pending = asking.pending(person)
    key = Keys(asking.variables["GATEWAY_REDIS__PREFIX"]).opaque_session(pending.default["Session-Token"])
    ask_for_code(pending)
    told(pending.auth())
    assert 500_000 < store.pttl(key) <= 600_000
    require_empty(give(pending, letters.code(person)), 204)
    assert 1_700_000 < store.pttl(key) <= 1_800_000


def test_a_split_token_becomes_full_as_well(asking: Asking, person: Person, letters: CyclosLetters) -> None:
    first, second = halves_of(asking.cyclos.login(person.username, person.password, cookie=True))
    asking.cyclos.http.cookies.clear()
    split = asking.cyclos.by(Session__Token=first, Cookie=f"Session-Token={second}")
    ask_for_code(split)
    require_empty(give(split, letters.code(person)), 204)
    assert told(split.auth())["sessionToken"] == first


def test_the_password_input_tells_what_is_asked_for(
    asking: Asking, make_person: PersonMaker, letters: CyclosLetters
) -> None:
    number = asking.provider.number()
    for person, media in ((make_person(), ["email"]), (make_person(phone=number), ["email", "sms"])):
        pending = asking.pending(person)
        expected = {
            **OTP_TYPE,
            "inputMethod": "textBox",
            "mode": "otp",
            "hasActivePassword": False,
            "confirmationPasswordOncePerSession": False,
            "minLength": 6,
            "maxLength": 6,
            "otpSendMediums": media,
        }
        assert told(pending.call("GET", SECOND)) == expected
        ask_for_code(pending)
        assert told(pending.call("GET", SECOND)) == {**expected, "hasActivePassword": True}
        assert told(asking.pending(person).call("GET", SECOND)) == expected
        require_empty(give(pending, letters.code(person)), 204)
        assert told(pending.call("GET", SECOND)) == expected


def test_a_pending_session_may_do_nothing_else(asking: Asking, person: Person) -> None:
    pending = asking.pending(person)
    assert told(pending.auth())["pendingSecondaryPassword"] is True
    assert told(pending.auth())["permissions"]["myProfile"] == {"editProfile": False}
    require_empty(pending.call("GET", DATA), 204)
    refusal(pending.call("POST", ACTIVATE, query={"code": "X"}), 403, code="illegalAction")
    require_empty(pending.logout(), 200)
    refusal(pending.auth(), 401, code="loggedOut")


def test_basic_is_not_enough_for_anything_but_a_login(asking: Asking, person: Person) -> None:
    for method, path in (("GET", "/api/auth"), ("GET", DATA), ("POST", ACTIVATE), ("POST", OTP)):
        query = {"code": "X", "medium": "email"}
        answer = asking.cyclos.call(method, path, basic(person.username, person.password), query)
        refusal(answer, 401, code="invalidChannelUsage")


def test_secondary_passwords_are_for_sessions_only(asking: Asking, person: Person) -> None:
    for headers in ({}, basic(person.username, person.password), {"authorization": "Basic Og=="}):
        for method in ("GET", "POST"):
            refusal(asking.cyclos.call(method, SECOND, headers), 401, code="missingAuthorization")
    for method in ("GET", "POST"):
        refusal(by_client(asking.cyclos, "made-up").call(method, SECOND), 401, code="missingAuthorization")
        refusal(asking.cyclos.by_session("x" * 64).call(method, SECOND), 401, code="loggedOut")


@pytest.mark.parametrize(
    ("kind", "written"),
    [
        ("application/json", '"{}"'),
        ("application/json", "{}"),
        ("application/json; charset=utf-8", ' "{}" \r\n'),
        ("text/plain", "{}"),
        ("text/plain; charset=utf-8", "\t{}\n"),
        ("text/plain", '"{}"'),
        ("", '" {} "'),
        ("image/png", "{}"),
    ],
)
def test_a_code_is_read_however_it_is_sent(
    asking: Asking, make_person: PersonMaker, letters: CyclosLetters, kind: str, written: str
) -> None:
    person = make_person()
    pending = asking.pending(person)
    ask_for_code(pending)
    body = written.replace("{}", letters.code(person)).encode()
    headers = {**JSON, **pending.default, "content-type": kind}
    answer = pending.http.post(SECOND, content=body, headers=headers if kind else _without_type(headers))
    require_empty(answer, 204)


def _without_type(headers: dict[str, str]) -> dict[str, str]:
    return {name: each for name, each in headers.items() if name != "content-type"}


@pytest.mark.parametrize("body", [b"", b" \n", b'""', b'"  "'])
def test_an_empty_password_is_a_missing_one(asking: Asking, person: Person, body: bytes) -> None:
    pending = asking.pending(person)
    answer = pending.http.post(SECOND, content=body, headers={**JSON, **pending.default})
    refusal(answer, 422, code="missingParameter", name="password")


def test_a_password_is_short_and_a_text(asking: Asking, person: Person, make_person: PersonMaker) -> None:
    pending = asking.pending(person)
    for content, status in ((b"9" * 4097, 413), (b"\xff\xfe", 400), (b"9" * 70_000, 413)):
        answer = pending.http.post(SECOND, content=content, headers={**JSON, **pending.default})
        refusal(answer, status)
    for odd in ODD_PASSWORDS:
        fresh = asking.pending(make_person())
        answer = fresh.http.post(SECOND, content=odd.encode(), headers={**JSON, **fresh.default})
        require_proof(answer, OTP_TYPE)


def test_a_code_that_was_not_delivered_is_none(asking: Asking, make_person: PersonMaker) -> None:
    number = asking.provider.number(500)
    pending = asking.pending(make_person(phone=number))
    heard = len(asking.provider.heard)
    undelivered(ask_for_code(pending, "sms"), code="errorSendingSms", smsStatus="unexpected")
    (message,) = [each.decode() for each in asking.provider.heard[heard:] if number in each.decode()]
    (code,) = re.findall(r"(?<![0-9+])[0-9]{6}(?![0-9])", message)
    assert told(pending.call("GET", SECOND))["hasActivePassword"] is False
    require_proof(give(pending, code), OTP_TYPE)


def test_who_cannot_be_reached_has_no_secondary_password(asking: Asking, make_person: PersonMaker) -> None:
    person = make_person(email="")
    answer = asking.cyclos.login(person.username, person.password)
    whole = {**OTP_TYPE, "global": False, "mode": "otp"}
    refusal(answer, 401, code="login", missingSecondaryPassword=whole)
    refusal(asking.cyclos.login(person.username, "Wr0ng!word"), 401, code="login")


def test_an_enrolled_generator_is_not_skipped(asking: Asking, make_person: PersonMaker) -> None:
    person = make_person(totp="a-key-of-twenty-char")
    refusal(asking.cyclos.login(person.username, person.password), 401, code="login")


def test_a_person_who_is_gone_completes_nothing(
    asking: Asking, make_person: PersonMaker, letters: CyclosLetters, witness: Witness
) -> None:
    disabled, busy = make_person(), make_person()
    waiting = {person.id: asking.pending(person) for person in (disabled, busy)}
    for pending in waiting.values():
        ask_for_code(pending)
    codes = [letters.code(person) for person in (disabled, busy)]
    witness.admin.update_user(disabled.id, {"enabled": False})
    witness.admin.update_user(busy.id, {"requiredActions": ["UPDATE_PROFILE"]})
    refusal(give(waiting[disabled.id], codes[0]), 401, code="loggedOut")
    refusal(give(waiting[busy.id], codes[1]), 401, code="login", userStatus="pending")
    witness.admin.update_user(busy.id, {"requiredActions": []})
    require_empty(give(waiting[busy.id], codes[1]), 204)


def test_another_body_than_the_one_that_is_asked_for_is_of_no_concern_to_others(asking: Asking, person: Person) -> None:
    answer = sent(asking.cyclos, "POST", SESSION, "012345")
    refusal(answer, 401, code="missingAuthorization")


def test_without_a_secondary_password_nothing_of_it_is_possible(cyclos: Cyclos, person: Person) -> None:
    full = cyclos.by_session(token_of(cyclos.login(person.username, person.password)))
    refusal(full.call("GET", SECOND), 403, code="illegalAction")
    refusal(give(full, "012345"), 403, code="illegalAction")
    assert "secondaryPasswordType" not in told(full.auth())
