"""What the ask for a code tells of who has an account, where that is concealed: nothing (contract sections 5 and 8)."""

import time
from collections.abc import Iterable, Mapping

import redis

from devstack.children import free_port
from tests.conftest import Mailbox
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import Pipeshub, refusal
from tests.surfaces.pipeshub.people import BOTH, CODE, PASSWORD, Letters, Members

_CODES_ONLY = {"PIPESHUB__CONCEAL_UNKNOWN_USERS": "true", "SIGN_IN__STEPS": '[["otp"]]'}
_AFTER_THE_ANSWER = 1.0
"""Seconds in which a mail goes out, or does not."""


def _told(pipeshub: Pipeshub, emails: Iterable[str]) -> list[int]:
    """Ask for codes; return the status, of which there should be one, as there should be one body."""
    answers = {(each.status_code, each.text) for each in map(pipeshub.ask_code, emails)}
    return [status for status, _ in answers]


def test_steps_without_a_code_are_answered_like_steps_with_one(
    concealing: Pipeshub, members: Members, make_person: PersonMaker, mailbox: Mailbox, letters: Letters
) -> None:
    invited = members(BOTH)
    others = [members(PASSWORD).email, make_person().email, make_person(enabled=False).email, f"no-{invited.email}"]
    assert _told(concealing, [invited.email, *others]) == [200]
    assert letters.code(invited)
    assert [mailbox.count(email) for email in others] == [0] * len(others)


def test_too_many_wrong_codes_are_told_to_nobody(mailing_apart: Apart, members: Members) -> None:
    person = members(CODE)
    variables = mailing_apart(
        PIPESHUB__CONCEAL_UNKNOWN_USERS="true",
        PIPESHUB__OTP_REQUEST_LIMIT="100",
        SIGN_IN__STEPS='[["otp"]]',
        LIMITS__MAILS_PER_MAILBOX="100",
        LOCKOUT__MAX_FAILURES="50",
    )
    with served_gateway(variables) as served, served.client() as client:
        pipeshub = Pipeshub(client)
        emails = (person.email, f"no-{person.email}")
        for _ in range(5):
            assert _told(pipeshub, emails) == [200]
            for email in emails:
                token = pipeshub.begun(email)
                for _ in range(5):
                    pipeshub.by_code(token, "000000")
        assert _told(pipeshub, emails) == [200]


def test_the_ask_that_is_too_many_is_so_for_anybody(
    mailing_apart: Apart, members: Members, letters: Letters, mailbox: Mailbox
) -> None:
    person = members(CODE)
    variables = mailing_apart(
        PIPESHUB__CONCEAL_UNKNOWN_USERS="true",
        PIPESHUB__OTP_REQUEST_LIMIT="2",
        SIGN_IN__STEPS='[["otp"]]',
        LIMITS__MAILS_PER_MAILBOX="100",
    )
    emails = (person.email, f"no-{person.email}")
    with served_gateway(variables) as served, served.client() as client:
        assert [_told(Pipeshub(client), emails) for _ in range(3)] == [[200], [200], [429]]
        letters.code(person, 2)
    assert mailbox.count(person.email) == 2


def test_neither_the_mail_server_nor_a_full_mailbox_tells_who_is_there(
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


def test_nobody_gets_a_code_that_expires_like_any_other(
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


def test_a_lock_that_keeps_a_code_from_going_out_is_not_told_by_codes_either(
    mailing_apart: Apart, members: Members, letters: Letters, store: redis.Redis
) -> None:
    variables = mailing_apart(**_CODES_ONLY, LOCKOUT__MAX_FAILURES="2")
    person = members(CODE)
    with served_gateway(variables) as served, served.client() as client:
        pipeshub, told = Pipeshub(client), []
        for email in (person.email, f"no-{person.email}"):
            for _ in range(2):
                refusal(pipeshub.by_code(pipeshub.begun(email), "000000"), 401, "INVALID_CREDENTIALS")
            if email == person.email:
                assert letters.text(person)  # the notice
            assert pipeshub.ask_code(email).status_code == 200
            told.append(_told_of_a_code(pipeshub, store, variables, email))
    assert told[0] == told[1]
    assert told[0][0] == 401


def test_a_full_mailbox_that_keeps_a_code_from_going_out_is_not_told_by_codes_either(
    mailing_apart: Apart, members: Members, letters: Letters, store: redis.Redis
) -> None:
    variables = mailing_apart(**_CODES_ONLY, LIMITS__MAILS_PER_MAILBOX="1")
    person = members(CODE)
    with served_gateway(variables) as served, served.client() as client:
        pipeshub, told = Pipeshub(client), []
        for email in (person.email, f"no-{person.email}"):
            pipeshub.ask_code(email)
            until(lambda: bool(_keys(store, variables, "*:code-issued:*")))
            if email == person.email:
                assert letters.text(person)  # the code that fills it
            store.delete(*_keys(store, variables, "*:code:sign-in"))
            assert pipeshub.ask_code(email).status_code == 200
            until(lambda: bool(_keys(store, variables, "*:code:sign-in")))
            told.append(_told_of_a_code(pipeshub, store, variables, email))
    assert told[0] == told[1]
    assert told[0][0] == 410


def _told_of_a_code(
    pipeshub: Pipeshub, store: redis.Redis, variables: Mapping[str, str], email: str
) -> tuple[int, object]:
    """Try a code when the one asked for is over, and no wrong one is remembered; nothing is left for the next."""
    time.sleep(_AFTER_THE_ANSWER)
    for key in (*_keys(store, variables, "*:failures"), *_keys(store, variables, "*:code:sign-in")):
        store.delete(key)
    answer = pipeshub.by_code(pipeshub.begun(email), "111111")
    store.delete(*_keys(store, variables, "*"))
    return answer.status_code, answer.json()


def _keys(store: redis.Redis, variables: Mapping[str, str], pattern: str) -> list[bytes]:
    return list(store.scan_iter(f"{variables['GATEWAY_REDIS__PREFIX']}{pattern}"))
