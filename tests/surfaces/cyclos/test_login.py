"""Logging in: what it takes, what it leaves and what it tells (contract sections 3, 4 and 6)."""

import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import DATA, NOBODY, SESSION, Cyclos, basic, refusal, token_of, told
from tests.surfaces.witness import Witness

_WRONG = "Wr0ng!word"
_NONE_ALLOWED = {
    "users": {"search": False, "viewProfile": False, "map": False},
    "myProfile": {"editProfile": False},
    "passwords": {"manage": False, "passwords": []},
    "contacts": {"enable": False},
    "notifications": {"enable": False},
}
_PASSWORD_TYPE = {
    "id": "login",
    "name": "Password",
    "internalName": "login",
    "global": False,
    "mode": "manual",
}
_GUEST = {
    "permissions": _NONE_ALLOWED,
    "passwordType": _PASSWORD_TYPE,
    "configuration": {"id": "default", "version": 1},
}


def _auth(person: Person, principal: str, kind: str, name: str) -> dict[str, object]:
    return {
        "user": {"id": person.id, "display": "Test Person", "shortDisplay": person.username},
        "global": False,
        "role": "member",
        "principalType": {"id": kind, "name": name, "internalName": kind},
        "principal": principal,
        "expiredPassword": False,
        "pendingAgreements": False,
        "expiredSecondaryPassword": False,
        "pendingSecondaryPassword": False,
        **_GUEST,
    }


def test_a_login_tells_who_has_logged_in_and_leaves_one_session(
    cyclos: Cyclos, person: Person, witness: Witness
) -> None:
    answer = cyclos.login(person.username, person.password)
    token = token_of(answer)
    expected = _auth(person, person.username, "username", "Login name")
    assert told(answer) == {**expected, "sessionToken": token}
    assert len(witness.sessions(person.id)) == 1
    assert told(cyclos.by_session(token).auth()) == {**expected, "sessionToken": token}
    assert len(witness.sessions(person.id)) == 1


def test_an_address_is_another_kind_of_name(cyclos: Cyclos, person: Person) -> None:
    said = told(cyclos.login(person.email.upper(), person.password))
    assert said["principalType"] == {"id": "email", "name": "E-mail", "internalName": "email"}
    assert said["principal"] == person.email.upper()


def test_basic_tells_the_same_without_a_session(cyclos: Cyclos, person: Person, witness: Witness) -> None:
    answer = cyclos.auth(person.username, person.password)
    assert told(answer) == _auth(person, person.username, "username", "Login name")
    assert witness.sessions(person.id) == set()


def test_a_guest_is_told_what_there_is_to_tell(cyclos: Cyclos) -> None:
    assert told(cyclos.auth()) == _GUEST
    assert told(cyclos.by(Authorization=NOBODY).auth()) == _GUEST


def test_a_token_that_every_call_carries_is_of_no_concern_to_a_login(
    cyclos: Cyclos, person: Person, witness: Witness
) -> None:
    first = token_of(cyclos.login(person.username, person.password))
    with_default = cyclos.by_session(first)
    second = token_of(with_default.login(person.username, person.password))
    assert second != first
    assert told(with_default.auth())["sessionToken"] == first
    with_default.logout()
    token_of(with_default.login(person.username, person.password))
    refusal(with_default.login(person.username, _WRONG), 401, code="login")
    assert len(witness.sessions(person.id)) == 2


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": NOBODY},
        {"authorization": ""},
        {"authorization": "Bearer x"},
        {"authorization": NOBODY, "session-token": "x" * 64},
        {"session-prefix": "x" * 32},
        {"access-client-token": ""},
    ],
)
def test_a_login_without_a_credential_lacks_one(cyclos: Cyclos, headers: dict[str, str]) -> None:
    refusal(cyclos.call("POST", SESSION, headers), 401, code="missingAuthorization")


@pytest.mark.parametrize("beside", [{}, {"authorization": NOBODY}, {"session-token": "x" * 64}])
def test_nobody_has_an_access_client_yet(cyclos: Cyclos, beside: dict[str, str]) -> None:
    headers = {**beside, "access-client-token": "x" * 100}
    refusal(cyclos.call("POST", SESSION, headers), 401, code="invalidAccessClient")


def test_an_access_client_that_is_no_good_decides_beside_a_good_password(cyclos: Cyclos, person: Person) -> None:
    headers = {**basic(person.username, person.password), "access-client-token": "x"}
    for method, path in (("POST", SESSION), ("GET", "/api/auth"), ("GET", DATA)):
        refusal(cyclos.call(method, path, headers), 401, code="invalidAccessClient")


def test_a_session_that_is_no_good_decides_beside_a_good_password(cyclos: Cyclos, person: Person) -> None:
    headers = {**basic(person.username, person.password), "session-token": "x" * 64}
    for path in ("/api/auth", DATA):
        refusal(cyclos.call("GET", path, headers), 401, code="loggedOut")


@pytest.mark.parametrize("account", ["wrong", "unknown", "no password", "generator", "webauthn"])
def test_a_refused_login_tells_nobody_why(
    cyclos: Cyclos, make_person: PersonMaker, witness: Witness, account: str
) -> None:
    people = {
        "wrong": make_person(),
        "no password": make_person(password=None),
        "generator": make_person(totp="JBSWY3DPEHPK3PXP"),
        "webauthn": make_person(factors=["webauthn"]),
    }
    person = people.get(account)
    password = _WRONG if account in ("wrong", "no password") else "Passw0rd!x"
    name = person.username if person else "nobody-at-all"
    refusal(cyclos.login(name, password), 401, code="login")
    refusal(cyclos.auth(name, password), 401, code="login")
    assert person is None or witness.sessions(person.id) == set()


@pytest.mark.parametrize(
    ("made", "status"),
    [
        ({"enabled": False}, {"userStatus": "disabled"}),
        ({"required_actions": ["UPDATE_PASSWORD"]}, {"passwordStatus": "reset"}),
        ({"required_actions": ["VERIFY_EMAIL", "UPDATE_PASSWORD"]}, {"passwordStatus": "reset"}),
        ({"required_actions": ["VERIFY_EMAIL"]}, {"userStatus": "pending"}),
        ({"required_actions": ["CONFIGURE_TOTP"]}, {"userStatus": "pending"}),
    ],
)
def test_who_has_the_right_password_is_told_what_is_in_the_way(
    cyclos: Cyclos, make_person: PersonMaker, witness: Witness, made: dict[str, object], status: dict[str, str]
) -> None:
    person = make_person(**made)  # type: ignore[arg-type]  # each is one of its options
    for ask in (cyclos.login, cyclos.auth):
        refusal(ask(person.username, person.password), 401, code="login", **status)
        refusal(ask(person.username, _WRONG), 401, code="login")
    assert witness.sessions(person.id) == set()


def test_right_passwords_of_who_is_disabled_count_as_wrong_ones(cyclos: Cyclos, make_person: PersonMaker) -> None:
    person = make_person(enabled=False)
    for _ in range(5):
        refusal(cyclos.login(person.username, person.password), 401, code="login", userStatus="disabled")
    refusal(cyclos.login(person.username, person.password), 401, code="login")


def test_a_temporary_password_has_to_be_reset(cyclos: Cyclos, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person()
    witness.admin.set_user_password(person.id, "T3mporary!x", temporary=True)
    refusal(cyclos.login(person.username, "T3mporary!x"), 401, code="login", passwordStatus="reset")


def test_a_profile_that_lacks_something_is_pending(cyclos: Cyclos, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person(email="")
    required = {"required": {"roles": ["user"]}}
    attributes = [{**each, **required} if each["name"] == "email" else each for each in witness.profile_attributes()]
    with witness.profile_with(attributes):
        refusal(cyclos.login(person.username, person.password), 401, code="login", userStatus="pending")


def test_five_wrong_passwords_lock_and_nobody_is_told(cyclos: Cyclos, person: Person) -> None:
    for _ in range(5):
        refusal(cyclos.auth(person.username, _WRONG), 401, code="login")
    for ask in (cyclos.login, cyclos.auth):
        refusal(ask(person.email, person.password), 401, code="login")


def test_keycloak_s_own_lock_is_told_to_nobody(cyclos_apart: Apart, person: Person, witness: Witness) -> None:
    # The gateway keeps what it was told of the realm for a minute, so it is one that nobody shares.
    with witness.own_detection(), served_gateway(cyclos_apart()) as served, served.client() as client:
        witness.lock(person.username)
        refusal(Cyclos(client).login(person.username, person.password), 401, code="login")


@pytest.mark.parametrize(
    ("role", "told_as"),
    [
        ("cyclos-admin", {"role": "administrator", "systemAdministrator": False}),
        ("cyclos-system-admin", {"role": "administrator", "systemAdministrator": True}),
        ("cyclos-broker", {"role": "broker"}),
        ("cyclos-member", {"role": "member"}),
        ("cyclos-operator", {"role": "operator", "aliasOperator": False}),
    ],
)
def test_roles_of_the_realm_say_what_somebody_is(
    cyclos: Cyclos, person: Person, witness: Witness, role: str, told_as: dict[str, object]
) -> None:
    witness.admin.create_realm_role({"name": role}, skip_exists=True)
    # By way of another role.
    holder = witness.make_role()
    witness.admin.add_composite_realm_roles_to_role(holder, [witness.admin.get_realm_role(role)])
    witness.admin.assign_realm_roles(person.id, [witness.admin.get_realm_role(holder)])
    said = told(cyclos.login(person.username, person.password))
    kept = {"role", "systemAdministrator", "aliasOperator"}
    assert {name: each for name, each in said.items() if name in kept} == told_as


@pytest.mark.parametrize(
    ("roles", "told_as"),
    [
        (("cyclos-broker", "cyclos-admin"), "administrator"),
        (("cyclos-member", "cyclos-broker"), "broker"),
        (("cyclos-operator", "cyclos-broker"), "broker"),
        (("cyclos-operator", "cyclos-member"), "member"),
    ],
)
def test_of_several_roles_the_first_counts(
    cyclos: Cyclos, person: Person, witness: Witness, roles: tuple[str, str], told_as: str
) -> None:
    for role in roles:
        witness.admin.create_realm_role({"name": role}, skip_exists=True)
        witness.admin.assign_realm_roles(person.id, [witness.admin.get_realm_role(role)])
    assert told(cyclos.auth(person.username, person.password))["role"] == told_as
