"""Mailed one-time codes (contract section 8)."""

import re
from collections.abc import Mapping

import pytest
import redis

from devstack.children import free_port
from tests.conftest import Mailbox
from tests.servers.gateway import served_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.stored import only_key
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import Pipeshub, fully, refusal
from tests.surfaces.pipeshub.people import BOTH, CODE, Letters, Members, expire_code, other_than


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
    key = only_key(store, f"{mailing['GATEWAY_REDIS__PREFIX']}*{person.id}*:code:sign-in")
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


def test_without_a_mail_server_codes_are_no_method(apart: Apart, members: Members) -> None:
    with served_gateway(apart()) as served, served.client() as client:
        pipeshub = Pipeshub(client)
        refusal(pipeshub.init(members(BOTH).email), 404, "ORG_CONFIG_NOT_FOUND")
        assert pipeshub.init(members([["otp", "password"]]).email).json()["allowedMethods"] == ["password"]
