"""Whose failures they are that come through proxies (security S10)."""

import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.toan.answers import refusal
from tests.surfaces.toan.client import LOGIN, Toan
from tests.surfaces.toan.low_limits import FAILURES, LOW, WRONG, an_address, fail, require_blocked


def test_stranger_invents_addresses_in_vain(direct: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    for number in range(FAILURES):
        fail(direct.sending(x_forwarded_for=f"198.51.100.{number}", x_real_ip=f"198.51.100.{number}"), 1)
    require_blocked(direct.sending(x_forwarded_for="198.51.100.99"), person)
    require_blocked(direct, person)


@pytest.mark.parametrize("header", ["x-real-ip", "forwarded", "cf-connecting-ip", "true-client-ip", "x-client-ip"])
def test_other_forwarding_headers_are_not_looked_at(proxied: Toan, make_person: PersonMaker, header: str) -> None:
    person, address = make_person(), an_address()
    sending = {"x-forwarded-for": address, header: "for=198.51.100.7" if header == "forwarded" else "198.51.100.7"}
    toan = Toan(proxied.http, headers=sending)
    fail(toan, FAILURES)
    require_blocked(proxied.sending(x_forwarded_for=address), person)


def test_entries_left_of_the_client_are_its_own_invention(proxied: Toan, make_person: PersonMaker) -> None:
    person, address = make_person(), an_address()
    for number in range(FAILURES):
        fail(proxied.sending(x_forwarded_for=f"198.51.100.{number}, {address}"), 1)
    require_blocked(proxied.sending(x_forwarded_for=f"{address}"), person)


def test_trusted_proxies_right_of_the_client_are_skipped(proxied: Toan, make_person: PersonMaker) -> None:
    person, address = make_person(), an_address()
    for number in range(FAILURES):
        fail(proxied.sending(x_forwarded_for=f"{address},10.0.0.{number}, fd00::{number}"), 1)
    require_blocked(proxied.sending(x_forwarded_for=address), person)


def test_forwarding_header_sent_twice_is_one_list(proxied: Toan, make_person: PersonMaker) -> None:
    person, address = make_person(), an_address()
    body = {"user": "nobody-of-this-name", "password": WRONG}
    for number in range(FAILURES):
        twice = [("x-forwarded-for", f"198.51.100.{number}"), ("x-forwarded-for", address)]
        refusal(proxied.http.post(LOGIN, json=body, headers=twice), 401)
    require_blocked(proxied.sending(x_forwarded_for=address), person)


def test_ipv6_counts_by_its_network(proxied: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    for number in range(FAILURES):
        fail(proxied.sending(x_forwarded_for=f"2001:db8:1:2:{number:x}::{number:x}"), 1)
    require_blocked(proxied.sending(x_forwarded_for="2001:db8:1:2:ffff::1"), person)
    proxied.sending(x_forwarded_for="2001:db8:1:3::1").sign_in(person.username, person.password)


def test_ipv4_inside_ipv6_is_the_same_address(proxied: Toan, make_person: PersonMaker) -> None:
    person, address = make_person(), an_address()
    fail(proxied.sending(x_forwarded_for=f"::ffff:{address}"), FAILURES)
    require_blocked(proxied.sending(x_forwarded_for=address), person)


def test_entry_that_is_no_address_makes_the_peer_the_client(apart: Apart, make_person: PersonMaker) -> None:
    person = make_person()
    trusting = apart(**LOW, SERVER__TRUSTED_PROXIES="127.0.0.1")
    with served_gateway(trusting) as served, served.client() as client:
        toan = Toan(client)
        odd = ["garbage", "1.2.3", "1.2.3.4:5", "[::1", "1.2.3.4, unknown", "192.0.2.1%eth0", "0x7f.1"]
        for each in odd[:FAILURES]:
            fail(toan.sending(x_forwarded_for=each), 1)
        require_blocked(toan, person)
        require_blocked(toan.sending(x_forwarded_for=odd[-1]), person)
        toan.sending(x_forwarded_for="198.51.100.1").sign_in(person.username, person.password)
