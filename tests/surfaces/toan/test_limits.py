"""Limits by client address and by mailbox (security S10, S11), on gateways whose limits are low."""

import secrets
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from gateway.state.keys import Keys
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.logged import told_of
from tests.surfaces.parallel import at_once
from tests.surfaces.post import Post
from tests.surfaces.toan.answers import refusal, require_done
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.low_limits import FAILURES, MAILS, PER_MAILBOX, WRONG, an_address, fail, require_blocked
from tests.surfaces.toan.people import Members


@pytest.fixture(scope="module")
def its_post(trusting: dict[str, str], post: Post) -> Post:
    """What it has mailed."""
    return replace(post, outbox=Keys(trusting["GATEWAY_REDIS__PREFIX"]).outbox)


def test_failures_of_an_address_block_right_passwords_too(proxied: Toan, make_person: PersonMaker) -> None:
    person, toan = make_person(), proxied.sending(x_forwarded_for=an_address())
    fail(toan, FAILURES)
    require_blocked(toan, person)


@pytest.fixture(scope="module")
def locking(apart: Apart) -> Iterator[Toan]:
    """A gateway behind a proxy that locks after two tries, and blocks an address after five."""
    low = {"LIMITS__FAILURES_PER_ADDRESS": "5", "LOCKOUT__MAX_FAILURES": "2", "SERVER__TRUSTED_PROXIES": "127.0.0.0/8"}
    with served_gateway(apart(**low)) as served, served.client() as client:
        yield Toan(client)


@pytest.mark.parametrize("known", [False, True])
def test_a_block_does_not_tell_that_two_names_are_one_persons(
    locking: Toan, make_person: PersonMaker, *, known: bool
) -> None:
    name = f"person-{secrets.token_hex(5)}"
    if known:
        make_person(username=name)
    toan = locking.sending(x_forwarded_for=an_address())
    for each in (name, name, name, f"{name}@example.test", f"{name}@example.test", f"{name}@example.test"):
        refusal(toan.login(each, WRONG), 401)
    refusal(toan.login(f"nobody-{secrets.token_hex(4)}", WRONG), 401)
    refusal(toan.login(f"nobody-{secrets.token_hex(4)}", WRONG), 429)


def test_who_keeps_trying_at_a_lock_blocks_nobody_beside_him(locking: Toan, make_person: PersonMaker) -> None:
    locked, other = make_person(), make_person()
    toan = locking.sending(x_forwarded_for=an_address())
    for _ in range(12):
        refusal(toan.login(locked.username, locked.password + "x"), 401)
    assert toan.login(other.username, other.password).status_code == 200


def test_a_block_is_told_of_when_it_begins_and_when_it_refuses(apart: Apart, make_person: PersonMaker) -> None:
    person = make_person()
    with served_gateway(apart(LIMITS__FAILURES_PER_ADDRESS="2")) as served, served.client() as client:
        toan = Toan(client)
        first, last = (toan.login(f"nobody-{secrets.token_hex(4)}", WRONG) for _ in range(2))
        refused = toan.login(person.username, person.password)
        refusal(refused, 429)
        told = [[each["outcome"] for each in told_of(served, it, "address_blocked")] for it in (first, last, refused)]
    assert told == [[], ["done"], ["refused"]]


def test_failures_of_an_address_are_counted_over_different_accounts(proxied: Toan, make_person: PersonMaker) -> None:
    toan = proxied.sending(x_forwarded_for=an_address())
    for _ in range(FAILURES):
        refusal(toan.login(make_person().username, WRONG), 401)
    require_blocked(toan, make_person())


def test_failures_below_the_limit_block_nobody(proxied: Toan, make_person: PersonMaker) -> None:
    person, toan = make_person(), proxied.sending(x_forwarded_for=an_address())
    fail(toan, FAILURES - 1)
    toan.sign_in(person.username, person.password)


def test_failures_of_an_address_are_not_forgotten_by_a_right_password(proxied: Toan, make_person: PersonMaker) -> None:
    person, toan = make_person(), proxied.sending(x_forwarded_for=an_address())
    fail(toan, FAILURES - 1)
    toan.sign_in(person.username, person.password)
    fail(toan, 1)
    require_blocked(toan, person)


def test_failures_of_one_address_leave_others_alone(proxied: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    fail(proxied.sending(x_forwarded_for=an_address()), FAILURES)
    proxied.sending(x_forwarded_for=an_address()).sign_in(person.username, person.password)


def test_wrong_current_passwords_are_failures_of_the_address_too(proxied: Toan, members: Members) -> None:
    member, toan = members.plain(), proxied.sending(x_forwarded_for=an_address())
    caller = toan.bearing(member.tokens.access_token)
    for _ in range(FAILURES):
        refusal(caller.change(WRONG, "N3w!password", org=member.org.alias), 400)
    refusal(caller.change(member.person.password, "N3w!password", org=member.org.alias), 429)
    require_blocked(toan, member.person)


def test_blocked_address_may_refresh(proxied: Toan, make_person: PersonMaker) -> None:
    person, toan = make_person(), proxied.sending(x_forwarded_for=an_address())
    token = toan.sign_in(person.username, person.password).refresh_token
    fail(toan, FAILURES)
    assert toan.refresh(token).status_code == 200


def test_failures_at_once_block_the_address(proxied: Toan, make_person: PersonMaker) -> None:
    toan = proxied.sending(x_forwarded_for=an_address())
    people = [make_person() for _ in range(4)]
    answers = at_once([partial(toan.login, each.username, WRONG) for each in people * 8])
    assert {each.status_code for each in answers} <= {401, 429}
    require_blocked(toan, make_person())


def test_mail_request_beyond_the_limit_is_told_when_to_come_back(proxied: Toan) -> None:
    toan = proxied.sending(x_forwarded_for=an_address())
    for number in range(MAILS):
        require_done(toan.reset(f"nobody-{number}"))
    answer = toan.reset("nobody-else")
    refusal(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 3600


def test_other_addresses_may_ask_for_mail_on(proxied: Toan) -> None:
    toan = proxied.sending(x_forwarded_for=an_address())
    for number in range(MAILS + 1):
        toan.reset(f"nobody-{number}")
    require_done(proxied.sending(x_forwarded_for=an_address()).reset("nobody-else"))


def test_mailbox_gets_no_more_whatever_name_is_asked_for(
    proxied: Toan, make_person: PersonMaker, its_post: Post
) -> None:
    person, before = make_person(), its_post.settled()
    names = [person.username, person.email] * 3
    answers = [proxied.sending(x_forwarded_for=an_address()).reset(each) for each in names]
    assert {(each.status_code, each.content) for each in answers} == {(200, b"{}")}
    assert its_post.settled() - before == {person.email: PER_MAILBOX}


def test_mailbox_gets_no_more_by_asking_at_once(proxied: Toan, make_person: PersonMaker, its_post: Post) -> None:
    person, before = make_person(), its_post.settled()
    callers = [proxied.sending(x_forwarded_for=an_address()) for _ in range(16)]
    at_once([partial(each.reset, person.username) for each in callers])
    assert its_post.settled() - before == {person.email: PER_MAILBOX}
