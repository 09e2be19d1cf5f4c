"""Which kinds of names people log in by, and how pages learn of that (contract section 7)."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import Person
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, basic, refusal, token_of, told
from tests.surfaces.witness import Witness

_PASSWORD = {"id": "login", "name": "Password", "internalName": "login"}
_USERNAME = {"id": "username", "name": "Login name", "internalName": "username", "kind": "username"}
_EMAIL = {"id": "email", "name": "E-mail", "internalName": "email", "kind": "email"}
_PHONE = {"id": "mobilePhone", "name": "Mobile phone", "internalName": "mobilePhone", "kind": "mobilePhone"}


@pytest.fixture(scope="module")
def phoning(cyclos_apart: Apart) -> Iterator[Cyclos]:
    """A gateway where people log in by their phones, and by nothing else than user names besides."""
    settings = {
        "CYCLOS__PRINCIPAL_TYPES": "mobilePhone,username",
        "CYCLOS__DEFAULT_PRINCIPAL_TYPE": "mobilePhone",
        "CYCLOS__PHONE_EXAMPLE": "+49 30 901820",
    }
    with served_gateway(cyclos_apart(**settings)) as served, served.client() as client:
        yield Cyclos(client)


@pytest.fixture
def phone(person: Person, witness: Witness) -> str:
    """Somebody's number."""
    number = f"+4930{int(person.id[:7], 16):09d}"
    whole = witness.admin.get_user(person.id)
    witness.admin.update_user(person.id, {**whole, "attributes": {"phoneNumber": [number]}})
    return number


def test_a_page_is_told_how_to_log_in(cyclos: Cyclos) -> None:
    assert told(cyclos.data_for_login()) == {
        "accessPasswordType": _PASSWORD,
        "principalTypes": [_USERNAME, _EMAIL],
        "loginPasswordInput": {**_PASSWORD, "inputMethod": "textBox", "mode": "manual", "minLength": 8},
    }


def test_a_page_is_told_of_other_kinds_of_names(phoning: Cyclos) -> None:
    said = told(phoning.data_for_login())
    assert said["principalTypes"] == [{**_PHONE, "example": "+49 30 901820"}, _USERNAME]
    assert said["defaultPrincipalType"] == "mobilePhone"
    assert said["extraForgotPasswordPrincipalTypes"] == ["email"]


@pytest.mark.parametrize(
    ("policy", "lengths"),
    [
        ("length(12) and maxLength(64)", {"minLength": 12, "maxLength": 64}),
        ("maxLength(20)", {"maxLength": 20}),
        ("digits(3)", {}),
        ("", {}),
    ],
)
def test_a_page_is_told_how_long_passwords_are(
    cyclos_apart: Apart, witness: Witness, policy: str, lengths: dict[str, int]
) -> None:
    with (
        witness.realm_with(passwordPolicy=policy),
        served_gateway(cyclos_apart()) as served,
        served.client() as client,
    ):
        said: dict[str, Any] = told(Cyclos(client).data_for_login())["loginPasswordInput"]
    assert {name: each for name, each in said.items() if name.endswith("Length")} == lengths


def test_parts_of_it_may_be_chosen(cyclos: Cyclos) -> None:
    assert told(cyclos.data_for_login(fields="principalTypes.id")) == {
        "principalTypes": [{"id": "username"}, {"id": "email"}]
    }
    assert told(cyclos.data_for_login(fields=["-principalTypes", "-accessPasswordType"])).keys() == {
        "loginPasswordInput"
    }


@pytest.mark.parametrize("layout", ["{}", "'{}", " {} ", "{:.3} ({:.0}) "])
def test_a_phone_is_a_name_where_that_is_set(
    phoning: Cyclos, person: Person, phone: str, witness: Witness, layout: str
) -> None:
    typed = layout.format(phone) if layout.count("{") == 1 else f"{phone[:3]} ({phone[3:5]}) {phone[5:9]}-{phone[9:]}"
    said = told(phoning.login(typed, person.password))
    assert said["principalType"] == {"id": "mobilePhone", "name": "Mobile phone", "internalName": "mobilePhone"}
    assert said["user"]["id"] == person.id
    assert len(witness.sessions(person.id)) == 1


def test_it_is_none_where_it_is_not(cyclos: Cyclos, person: Person, phone: str) -> None:
    refusal(cyclos.login(phone, person.password), 401, code="login")


def test_a_phone_that_two_people_have_is_nobody_s(
    phoning: Cyclos, person: Person, phone: str, witness: Witness
) -> None:
    other = witness.admin.create_user(
        {"username": f"{person.username}-2", "enabled": True, "attributes": {"phoneNumber": [phone]}}
    )
    refusal(phoning.login(phone, person.password), 401, code="login")
    witness.admin.delete_user(other)
    token_of(phoning.login(phone, person.password))


@pytest.mark.parametrize(
    "typed", ["+", "+0123456789", "+12", "+1555010000000000", "phoneNumber:+15550100", "+1555x0100"]
)
def test_what_is_no_phone_is_looked_for_by_nobody(phoning: Cyclos, typed: str) -> None:
    refusal(phoning.login(typed, "Passw0rd!x"), 401, code="login")


def test_a_kind_of_name_that_is_not_set_lets_nobody_in(phoning: Cyclos, person: Person, witness: Witness) -> None:
    refusal(phoning.login(person.email, person.password), 401, code="login")
    refusal(phoning.auth(person.email, person.password), 401, code="login")
    headers = {**basic(person.email, person.password), "principal-type": "email"}
    refusal(phoning.call("GET", "/api/auth", headers), 403, code="inaccessiblePrincipal")
    assert witness.sessions(person.id) == set()
    token_of(phoning.login(person.username, person.password))


def test_guesses_by_every_kind_of_name_lock_one_account(cyclos: Cyclos, person: Person, witness: Witness) -> None:
    for name in (person.username, person.email, person.username.upper(), f"'{person.email}", f" {person.username} "):
        refusal(cyclos.login(name, "Wr0ng!word"), 401, code="login")
    refusal(cyclos.login(person.username, person.password), 401, code="login")
    assert witness.sessions(person.id) == set()
