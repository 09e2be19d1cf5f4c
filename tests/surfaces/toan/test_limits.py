"""Limits by client address and by mailbox (security S10, S11), on gateways whose limits are low."""

import itertools
import secrets
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest

from gateway.state.keys import Keys
from tests.servers.gateway import served_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.parallel import at_once
from tests.surfaces.post import Post
from tests.surfaces.toan.answers import refusal, require_done
from tests.surfaces.toan.client import LOGIN, Toan
from tests.surfaces.toan.people import Members

_WRONG = "Wr0ng!word"
_FAILURES = 6
_MAILS = 4
_PER_MAILBOX = 2
_LOW = {
    "LIMITS__FAILURES_PER_ADDRESS": str(_FAILURES),
    "LIMITS__MAILS_PER_ADDRESS": str(_MAILS),
    "LIMITS__MAILS_PER_MAILBOX": str(_PER_MAILBOX),
    "LOCKOUT__MAX_FAILURES": "100",
    "TOAN__MAIL_LIMIT": "100",
}

_numbers = itertools.count(1)


def _address() -> str:
    """Take an address that no other test has."""
    return f"203.0.113.{next(_numbers)}"


@pytest.fixture
def direct(apart: Apart) -> Iterator[Toan]:
    """A gateway that trusts no proxy, and has counted nothing yet."""
    with served_gateway(apart(**_LOW)) as served, served.client() as client:
        yield Toan(client)


@pytest.fixture(scope="module")
def trusting(apart: Apart) -> dict[str, str]:
    """Variables of a gateway behind proxies on loopback, in 10.0.0.0/8 and in fd00::/8."""
    return apart(**_LOW, SERVER__TRUSTED_PROXIES="127.0.0.0/8,10.0.0.0/8,fd00::/8")


@pytest.fixture(scope="module")
def proxied(trusting: dict[str, str]) -> Iterator[Toan]:
    """That gateway."""
    with served_gateway(trusting) as served, served.client() as client:
        yield Toan(client)


@pytest.fixture(scope="module")
def its_post(trusting: dict[str, str], post: Post) -> Post:
    """What it has mailed."""
    return replace(post, outbox=Keys(trusting["GATEWAY_REDIS__PREFIX"]).outbox)


def _fail(toan: Toan, times: int) -> None:
    for _ in range(times):
        refusal(toan.login(f"nobody-{secrets.token_hex(4)}", _WRONG), 401)


def _require_blocked(toan: Toan, person: Person) -> None:
    answer = toan.login(person.username, person.password)
    refusal(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 600


def test_failures_of_an_address_block_right_passwords_too(proxied: Toan, make_person: PersonMaker) -> None:
    person, toan = make_person(), proxied.sending(x_forwarded_for=_address())
    _fail(toan, _FAILURES)
    _require_blocked(toan, person)


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
    toan = locking.sending(x_forwarded_for=_address())
    for each in (name, name, name, f"{name}@example.test", f"{name}@example.test", f"{name}@example.test"):
        refusal(toan.login(each, _WRONG), 401)
    refusal(toan.login(f"nobody-{secrets.token_hex(4)}", _WRONG), 401)
    refusal(toan.login(f"nobody-{secrets.token_hex(4)}", _WRONG), 429)


def test_who_keeps_trying_at_a_lock_blocks_nobody_beside_him(locking: Toan, make_person: PersonMaker) -> None:
    locked, other = make_person(), make_person()
    toan = locking.sending(x_forwarded_for=_address())
    for _ in range(12):
        refusal(toan.login(locked.username, locked.password + "x"), 401)
    assert toan.login(other.username, other.password).status_code == 200


def test_failures_of_an_address_are_counted_over_different_accounts(proxied: Toan, make_person: PersonMaker) -> None:
    toan = proxied.sending(x_forwarded_for=_address())
    for _ in range(_FAILURES):
        refusal(toan.login(make_person().username, _WRONG), 401)
    _require_blocked(toan, make_person())


def test_failures_below_the_limit_block_nobody(proxied: Toan, make_person: PersonMaker) -> None:
    person, toan = make_person(), proxied.sending(x_forwarded_for=_address())
    _fail(toan, _FAILURES - 1)
    toan.sign_in(person.username, person.password)


def test_failures_of_an_address_are_not_forgotten_by_a_right_password(proxied: Toan, make_person: PersonMaker) -> None:
    person, toan = make_person(), proxied.sending(x_forwarded_for=_address())
    _fail(toan, _FAILURES - 1)
    toan.sign_in(person.username, person.password)
    _fail(toan, 1)
    _require_blocked(toan, person)


def test_failures_of_one_address_leave_others_alone(proxied: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    _fail(proxied.sending(x_forwarded_for=_address()), _FAILURES)
    proxied.sending(x_forwarded_for=_address()).sign_in(person.username, person.password)


def test_wrong_current_passwords_are_failures_of_the_address_too(proxied: Toan, members: Members) -> None:
    member, toan = members.plain(), proxied.sending(x_forwarded_for=_address())
    caller = toan.bearing(member.tokens.access_token)
    for _ in range(_FAILURES):
        refusal(caller.change(_WRONG, "N3w!password", org=member.org.alias), 400)
    refusal(caller.change(member.person.password, "N3w!password", org=member.org.alias), 429)
    _require_blocked(toan, member.person)


def test_blocked_address_may_refresh(proxied: Toan, make_person: PersonMaker) -> None:
    person, toan = make_person(), proxied.sending(x_forwarded_for=_address())
    token = toan.sign_in(person.username, person.password).refresh_token
    _fail(toan, _FAILURES)
    assert toan.refresh(token).status_code == 200


def test_failures_at_once_block_the_address(proxied: Toan, make_person: PersonMaker) -> None:
    toan = proxied.sending(x_forwarded_for=_address())
    people = [make_person() for _ in range(4)]
    answers = at_once([partial(toan.login, each.username, _WRONG) for each in people * 8])
    assert {each.status_code for each in answers} <= {401, 429}
    _require_blocked(toan, make_person())


def test_stranger_invents_addresses_in_vain(direct: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    for number in range(_FAILURES):
        _fail(direct.sending(x_forwarded_for=f"198.51.100.{number}", x_real_ip=f"198.51.100.{number}"), 1)
    _require_blocked(direct.sending(x_forwarded_for="198.51.100.99"), person)
    _require_blocked(direct, person)


@pytest.mark.parametrize("header", ["x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip", "x-client-ip"])
def test_other_forwarding_headers_are_not_looked_at(proxied: Toan, make_person: PersonMaker, header: str) -> None:
    person, address = make_person(), _address()
    sending = {"x-forwarded-for": address, header: "for=198.51.100.7" if header == "forwarded" else "198.51.100.7"}
    toan = Toan(proxied.http, headers=sending)
    _fail(toan, _FAILURES)
    _require_blocked(proxied.sending(x_forwarded_for=address), person)


def test_entries_left_of_the_client_are_its_own_invention(proxied: Toan, make_person: PersonMaker) -> None:
    person, address = make_person(), _address()
    for number in range(_FAILURES):
        _fail(proxied.sending(x_forwarded_for=f"198.51.100.{number}, {address}"), 1)
    _require_blocked(proxied.sending(x_forwarded_for=f"{address}"), person)


def test_trusted_proxies_right_of_the_client_are_skipped(proxied: Toan, make_person: PersonMaker) -> None:
    person, address = make_person(), _address()
    for number in range(_FAILURES):
        _fail(proxied.sending(x_forwarded_for=f"{address},10.0.0.{number}, fd00::{number}"), 1)
    _require_blocked(proxied.sending(x_forwarded_for=address), person)


def test_forwarding_header_sent_twice_is_one_list(proxied: Toan, make_person: PersonMaker) -> None:
    person, address = make_person(), _address()
    body = {"user": "nobody-of-this-name", "password": _WRONG}
    for number in range(_FAILURES):
        twice = [("x-forwarded-for", f"198.51.100.{number}"), ("x-forwarded-for", address)]
        refusal(proxied.http.post(LOGIN, json=body, headers=twice), 401)
    _require_blocked(proxied.sending(x_forwarded_for=address), person)


def test_ipv6_counts_by_its_network(proxied: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    for number in range(_FAILURES):
        _fail(proxied.sending(x_forwarded_for=f"2001:db8:1:2:{number:x}::{number:x}"), 1)
    _require_blocked(proxied.sending(x_forwarded_for="2001:db8:1:2:ffff::1"), person)
    proxied.sending(x_forwarded_for="2001:db8:1:3::1").sign_in(person.username, person.password)


def test_ipv4_inside_ipv6_is_the_same_address(proxied: Toan, make_person: PersonMaker) -> None:
    person, address = make_person(), _address()
    _fail(proxied.sending(x_forwarded_for=f"::ffff:{address}"), _FAILURES)
    _require_blocked(proxied.sending(x_forwarded_for=address), person)


def test_entry_that_is_no_address_makes_the_peer_the_client(apart: Apart, make_person: PersonMaker) -> None:
    person = make_person()
    trusting = apart(**_LOW, SERVER__TRUSTED_PROXIES="127.0.0.1")
    with served_gateway(trusting) as served, served.client() as client:
        toan = Toan(client)
        odd = ["garbage", "1.2.3", "1.2.3.4:5", "[::1", "1.2.3.4, unknown", "192.0.2.1%eth0", "0x7f.1"]
        for each in odd[:_FAILURES]:
            _fail(toan.sending(x_forwarded_for=each), 1)
        _require_blocked(toan, person)
        _require_blocked(toan.sending(x_forwarded_for=odd[-1]), person)
        toan.sending(x_forwarded_for="198.51.100.1").sign_in(person.username, person.password)


def test_mail_request_beyond_the_limit_is_told_when_to_come_back(proxied: Toan) -> None:
    toan = proxied.sending(x_forwarded_for=_address())
    for number in range(_MAILS):
        require_done(toan.reset(f"nobody-{number}"))
    answer = toan.reset("nobody-else")
    refusal(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 3600


def test_other_addresses_may_ask_for_mail_on(proxied: Toan) -> None:
    toan = proxied.sending(x_forwarded_for=_address())
    for number in range(_MAILS + 1):
        toan.reset(f"nobody-{number}")
    require_done(proxied.sending(x_forwarded_for=_address()).reset("nobody-else"))


def test_mailbox_gets_no_more_whatever_name_is_asked_for(
    proxied: Toan, make_person: PersonMaker, its_post: Post
) -> None:
    person, before = make_person(), its_post.settled()
    names = [person.username, person.email] * 3
    answers = [proxied.sending(x_forwarded_for=_address()).reset(each) for each in names]
    assert {(each.status_code, each.content) for each in answers} == {(200, b"{}")}
    assert its_post.settled() - before == {person.email: _PER_MAILBOX}


def test_mailbox_gets_no_more_by_asking_at_once(proxied: Toan, make_person: PersonMaker, its_post: Post) -> None:
    person, before = make_person(), its_post.settled()
    callers = [proxied.sending(x_forwarded_for=_address()) for _ in range(16)]
    at_once([partial(each.reset, person.username) for each in callers])
    assert its_post.settled() - before == {person.email: _PER_MAILBOX}
