"""Mailed one-time codes (contract section 8)."""

import re
import time
from collections.abc import Mapping

import pytest
import redis

from devstack.children import free_port
from tests.conftest import Mailbox
from tests.servers.gateway import served_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import Pipeshub, fully, refusal
from tests.surfaces.pipeshub.people import BOTH, CODE, Letters, Members, expire_code, other_than
from tests.surfaces.waiting import until

_AFTER_THE_ANSWER = 1.0
"""Seconds in which a mail goes out, or does not."""


@pytest.fixture
def person(members: Members) -> Person:
    """Somebody who signs in by a code."""
    return members(CODE)


def test_the_mail_greets_and_has_one_run_of_six_digits(pipeshub: Pipeshub, person: Person, letters: Letters) -> None:
    answer = pipeshub.ask_code(person.email)
    assert answer.json().keys() == {"message"}
    text = letters.text(person)
    assert "Test Person" in text
    assert "10 minutes" in text
    assert len(re.findall("[0-9]{6}", text)) == 1
    assert letters.code(person) not in answer.text


def test_a_code_is_kept_for_ten_minutes(
    pipeshub: Pipeshub, person: Person, letters: Letters, store: redis.Redis, mailing: Mapping[str, str]
) -> None:
    pipeshub.ask_code(person.email)
    assert letters.code(person)
    (key,) = store.scan_iter(f"{mailing['GATEWAY_REDIS__PREFIX']}*{person.id}*:code:sign-in")
    assert 590 < store.ttl(key) <= 600


def test_a_code_works_once(pipeshub: Pipeshub, person: Person, letters: Letters) -> None:
    pipeshub.ask_code(person.email)
    code = letters.code(person)
    fully(pipeshub.by_code(pipeshub.begun(person.email), code))
    refusal(pipeshub.by_code(pipeshub.begun(person.email), code), 401, "INVALID_CREDENTIALS")


def test_a_new_code_replaces_the_old_one(pipeshub: Pipeshub, person: Person, letters: Letters) -> None:
    pipeshub.ask_code(person.email)
    old = letters.code(person)
    pipeshub.ask_code(person.email)
    new = letters.code(person, 2)
    token = pipeshub.begun(person.email)
    if old != new:
        refusal(pipeshub.by_code(token, old), 401, "INVALID_CREDENTIALS")
    fully(pipeshub.by_code(token, new))


def test_a_code_that_was_never_asked_for_is_wrong(pipeshub: Pipeshub, person: Person) -> None:
    refusal(pipeshub.by_code(pipeshub.begun(person.email), "000000"), 401, "INVALID_CREDENTIALS")


def test_a_code_of_another_account_is_wrong_and_counts_for_whose_sign_in_it_is(
    pipeshub: Pipeshub, members: Members, letters: Letters
) -> None:
    one, other = members(CODE), members(CODE)
    pipeshub.ask_code(other.email)
    code, token = letters.code(other), pipeshub.begun(one.email)
    for _ in range(5):
        refusal(pipeshub.by_code(token, code), 401, "INVALID_CREDENTIALS")
    refusal(pipeshub.by_code(token, code), 403, "ACCOUNT_BLOCKED")
    refusal(pipeshub.init(one.email), 403, "ACCOUNT_BLOCKED")
    fully(pipeshub.by_code(pipeshub.begun(other.email), code))


def test_a_code_after_its_time_is_gone_right_or_wrong(
    pipeshub: Pipeshub, person: Person, letters: Letters, store: redis.Redis, mailing: Mapping[str, str]
) -> None:
    pipeshub.ask_code(person.email)
    code = letters.code(person)
    expire_code(store, mailing["GATEWAY_REDIS__PREFIX"], person)
    token = pipeshub.begun(person.email)
    for each in (code, "000000", code, code, code, code, code):
        refusal(pipeshub.by_code(token, each), 410, "OTP_EXPIRED")


def test_five_wrong_entries_use_a_code_up(pipeshub: Pipeshub, members: Members, letters: Letters) -> None:
    person = members([["otp", "password"]])
    pipeshub.ask_code(person.email)
    code = letters.code(person)
    wrong = other_than(code)
    for times in (3, 2):
        token = pipeshub.begun(person.email)
        for _ in range(times):
            refusal(pipeshub.by_code(token, wrong), 401, "INVALID_CREDENTIALS")
        if times == 3:
            fully(pipeshub.by_password(token, person.password))
    refusal(pipeshub.by_code(pipeshub.begun(person.email), code), 401, "INVALID_CREDENTIALS")


def test_a_sixth_code_in_ten_minutes_is_too_many(
    mailing_apart: Apart, person: Person, letters: Letters, mailbox: Mailbox
) -> None:
    variables = mailing_apart(LIMITS__MAILS_PER_MAILBOX="100")
    with served_gateway(variables) as served, served.client() as client:
        pipeshub = Pipeshub(client)
        for _ in range(5):
            assert pipeshub.ask_code(person.email).status_code == 200
        code = letters.code(person, 5)
        answer = pipeshub.ask_code(person.email)
        refusal(answer, 429, "TOO_MANY_REQUESTS")
        assert 0 < int(answer.headers["retry-after"]) <= 600
        assert mailbox.count(person.email) == 5
        fully(pipeshub.by_code(pipeshub.begun(person.email), code))


def test_asks_that_too_many_wrong_codes_refuse_take_no_room_in_the_mailbox(
    mailing_apart: Apart, person: Person, letters: Letters
) -> None:
    limits = {"LIMITS__MAILS_PER_MAILBOX": "6", "PIPESHUB__OTP_REQUEST_LIMIT": "100"}
    with (
        served_gateway(mailing_apart(LOCKOUT__MAX_FAILURES="50", **limits)) as served,
        served.client() as client,
    ):
        pipeshub = Pipeshub(client)
        for count in range(1, 5):
            assert pipeshub.ask_code(person.email).status_code == 200
            token, wrong = pipeshub.begun(person.email), other_than(letters.code(person, count))
            for _ in range(5):
                refusal(pipeshub.by_code(token, wrong), 401, "INVALID_CREDENTIALS")
        for _ in range(5):
            refusal(pipeshub.ask_code(person.email), 429, "TOO_MANY_REQUESTS")
        assert pipeshub.forgot(person.email).status_code == 200
        assert letters.token(person, 5)


def test_an_organization_without_codes_sends_none(
    pipeshub: Pipeshub, make_person: PersonMaker, mailbox: Mailbox
) -> None:
    person = make_person()
    refusal(pipeshub.ask_code(person.email), 400, "METHOD_NOT_ALLOWED")
    assert mailbox.count(person.email) == 0


@pytest.mark.parametrize("enabled", [True, False])
def test_nobody_and_the_disabled_get_no_code(
    pipeshub: Pipeshub, make_person: PersonMaker, mailbox: Mailbox, *, enabled: bool
) -> None:
    email = "nobody@example.test" if enabled else make_person(enabled=False).email
    refusal(pipeshub.ask_code(email), 404, "USER_NOT_FOUND")
    assert mailbox.count(email) == 0


def test_a_mail_that_cannot_be_handed_over_leaves_no_code(
    mailing_apart: Apart, members: Members, store: redis.Redis
) -> None:
    variables = mailing_apart(MAIL__PORT=str(free_port()))
    person = members(BOTH)
    with served_gateway(variables) as served, served.client() as client:
        refusal(Pipeshub(client).ask_code(person.email), 503, "UNAVAILABLE")
    assert list(store.scan_iter(f"{variables['GATEWAY_REDIS__PREFIX']}*:code:*")) == []


def test_concealed_neither_the_mail_server_nor_a_full_mailbox_tells_who_is_there(
    mailing_apart: Apart, members: Members, make_person: PersonMaker, mailbox: Mailbox, letters: Letters
) -> None:
    known, locked, disabled = members(CODE), members(CODE), make_person(enabled=False)
    emails = [known.email, locked.email, disabled.email, f"no-{known.email}"]
    terms = {
        "PIPESHUB__CONCEAL_UNKNOWN_USERS": "true",
        "SIGN_IN__STEPS": '[["otp"]]',
        "PIPESHUB__OTP_REQUEST_LIMIT": "100",
        "LIMITS__MAILS_PER_MAILBOX": "1",
    }
    for further in ({"MAIL__PORT": str(free_port())}, {}):
        with served_gateway(mailing_apart(**terms, **further)) as served, served.client() as client:
            pipeshub = Pipeshub(client)
            for _ in range(5):
                pipeshub.by_code(pipeshub.begun(locked.email), "000000")
            told = {(each.status_code, each.text) for email in emails * 3 for each in [pipeshub.ask_code(email)]}
            assert len(told) == 1
            assert next(iter(told))[0] == 200
    mailbox.wait_for_count(known.email, 1)
    assert [mailbox.count(email) for email in (known.email, *emails[2:])] == [1, 0, 0]
    assert "Too many wrong passwords or codes" in letters.text(locked)


def test_concealed_nobody_gets_a_code_that_expires_like_any_other(
    mailing_apart: Apart, members: Members, letters: Letters, mailbox: Mailbox, store: redis.Redis
) -> None:
    variables = mailing_apart(PIPESHUB__CONCEAL_UNKNOWN_USERS="true", SIGN_IN__STEPS='[["otp"]]')
    person = members(CODE)
    with served_gateway(variables) as served, served.client() as client:
        pipeshub = Pipeshub(client)
        told = []
        for email in (person.email, f"no-{person.email}"):
            answers = [pipeshub.ask_code(email)]
            if email == person.email:
                letters.code(person)
            for key in store.scan_iter(f"{variables['GATEWAY_REDIS__PREFIX']}*:code:sign-in"):
                store.delete(key)
            answers.append(pipeshub.by_code(pipeshub.begun(email), "000000"))
            told.append([(each.status_code, each.json()) for each in answers])
    assert told[0] == told[1]
    assert [status for status, _ in told[0]] == [200, 410]
    assert letters.code(person)
    assert mailbox.count(f"no-{person.email}") == 0


@pytest.mark.parametrize("hindrance", ["a lock", "a full mailbox"])
def test_concealed_what_keeps_a_code_from_going_out_is_not_told_by_codes_either(
    mailing_apart: Apart, members: Members, letters: Letters, store: redis.Redis, hindrance: str
) -> None:
    low = {"LOCKOUT__MAX_FAILURES": "2"} if hindrance == "a lock" else {"LIMITS__MAILS_PER_MAILBOX": "1"}
    terms = {"PIPESHUB__CONCEAL_UNKNOWN_USERS": "true", "SIGN_IN__STEPS": '[["otp"]]', **low}
    variables = mailing_apart(**terms)
    person = members(CODE)
    with served_gateway(variables) as served, served.client() as client:
        pipeshub, told = Pipeshub(client), []
        for email in (person.email, f"no-{person.email}"):
            if hindrance == "a lock":
                for _ in range(2):
                    refusal(pipeshub.by_code(pipeshub.begun(email), "000000"), 401, "INVALID_CREDENTIALS")
            else:
                pipeshub.ask_code(email)
                until(lambda: bool(_keys(store, variables, "*:code-issued:*")))
            assert pipeshub.ask_code(email).status_code == 200
            time.sleep(_AFTER_THE_ANSWER)
            for pattern in ("*:failures", "*:code:sign-in"):
                for key in _keys(store, variables, pattern):
                    store.delete(key)
            answer = pipeshub.by_code(pipeshub.begun(email), "111111")
            told.append((answer.status_code, answer.json()))
            store.delete(*_keys(store, variables, "*"))
    assert told[0] == told[1]
    assert letters.text(person)


def _keys(store: redis.Redis, variables: Mapping[str, str], pattern: str) -> list[bytes]:
    return list(store.scan_iter(f"{variables['GATEWAY_REDIS__PREFIX']}{pattern}"))


def test_without_a_mail_server_codes_are_no_method(apart: Apart, members: Members) -> None:
    with served_gateway(apart()) as served, served.client() as client:
        pipeshub = Pipeshub(client)
        refusal(pipeshub.init(members(BOTH).email), 404, "ORG_CONFIG_NOT_FOUND")
        assert pipeshub.init(members([["otp", "password"]]).email).json()["allowedMethods"] == ["password"]
