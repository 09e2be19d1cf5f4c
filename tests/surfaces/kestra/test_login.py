"""Signing in with a password or a mailed code (contract section 1.4)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
import redis

from tests.servers.gateway import served_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.stored import expire, only_key
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.client import Kestra, refusal, tokens
from tests.surfaces.kestra.letters import KestraLetters, another, asked_code
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.client import Toan
from tests.surfaces.witness import Witness, claims

_WRONG = "Wr0ng!word"


@pytest.mark.parametrize("by", ["username", "email"])
@pytest.mark.parametrize("login", [Kestra.login, Kestra.login_by_form])
def test_a_password_signs_in(
    kestra: Kestra, person: Person, witness: Witness, by: str, login: Callable[[Kestra, str, str], Any]
) -> None:
    told = tokens(login(kestra, getattr(person, by), person.password))
    said = claims(told["access_token"])
    assert (said["sub"], said["azp"]) == (person.id, "gateway")
    assert told["username"] == person.username
    assert told["roles"] == sorted(said["realm_access"]["roles"])
    assert told["roles"]
    assert witness.sessions(person.id) == {said["sid"]}
    assert witness.refreshes(told["refresh_token"])


def test_a_code_signs_in_once(kestra: Kestra, person: Person, letters: KestraLetters, witness: Witness) -> None:
    code = asked_code(kestra, letters, person)
    told = tokens(kestra.login(person.email, code))
    said = claims(told["access_token"])
    assert (said["sub"], said["azp"], told["username"]) == (person.id, "gateway-verified", person.username)
    assert witness.sessions(person.id) == {said["sid"]}
    assert Toan(kestra.http).refresh(told["refresh_token"]).status_code == 200
    refusal(kestra.login(person.email, code), 401)


def test_a_code_signs_in_by_user_name_and_by_form(kestra: Kestra, person: Person, letters: KestraLetters) -> None:
    tokens(kestra.login_by_form(person.username, asked_code(kestra, letters, person)))


def test_a_pending_code_leaves_the_password_as_good_as_ever(
    kestra: Kestra, person: Person, letters: KestraLetters
) -> None:
    code = asked_code(kestra, letters, person)
    tokens(kestra.login(person.email, person.password))
    tokens(kestra.login(person.email, code))


def test_six_digits_may_be_a_password_whether_a_code_is_pending_or_not(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    with witness.realm_with(passwordPolicy="hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"):
        person = make_person(password="123456")
    tokens(kestra.login(person.email, "123456"))
    code = asked_code(kestra, letters, person)
    tokens(kestra.login(person.email, "123456"))
    if code != "123456":
        tokens(kestra.login(person.email, code))


def test_a_guess_without_a_pending_code_is_a_guess_at_the_password(
    kestra: Kestra, person: Person, witness: Witness
) -> None:
    with witness.realm_with(eventsEnabled=True):
        refusal(kestra.login(person.email, "000000"), 401)
        assert witness.failed_sign_ins(person.id) == 1


def test_an_expired_code_and_another_s_are_wrong(
    kestra: Kestra,
    make_person: PersonMaker,
    letters: KestraLetters,
    store: redis.Redis,
    kestra_variables: Mapping[str, str],
) -> None:
    one, other = make_person(), make_person()
    mine, theirs = asked_code(kestra, letters, one), asked_code(kestra, letters, other)
    if mine != theirs:
        refusal(kestra.login(one.email, theirs), 401)
    kept = only_key(store, f"{kestra_variables['GATEWAY_REDIS__PREFIX']}*{one.id}*:code:sign-in")
    expire(store, kept)
    refusal(kestra.login(one.email, mine), 401)
    tokens(kestra.login(other.email, theirs))


@pytest.mark.parametrize("spelled", [" {}", "{} ", "{}0", "+{}", "{}\u0660"])
def test_a_code_is_six_digits_and_nothing_else(
    kestra: Kestra, person: Person, letters: KestraLetters, spelled: str
) -> None:
    code = asked_code(kestra, letters, person)
    refusal(kestra.login(person.email, spelled.format(code)), 401)
    tokens(kestra.login(person.email, code))


def test_of_many_uses_of_a_code_at_once_one_signs_in(
    kestra: Kestra, person: Person, letters: KestraLetters, witness: Witness
) -> None:
    code = asked_code(kestra, letters, person)
    answers = at_once([partial(kestra.login, person.email, code)] * 5)
    assert sorted(each.status_code for each in answers) == [200] + [401] * 4
    assert len(witness.sessions(person.id)) == 1


def test_every_refusal_says_the_same(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    locked, coded = make_person(), make_person()
    for _ in range(5):
        refusal(kestra.login(locked.username, _WRONG), 401)
    code = asked_code(kestra, letters, coded)
    disabled = make_person(enabled=False)
    calls = {
        "wrong": partial(kestra.login, make_person().username, _WRONG),
        "unknown": partial(kestra.login, "nobody-at-all", _WRONG),
        "unknown code": partial(kestra.login, "nobody@example.test", "123456"),
        "no name": partial(kestra.login, "", _WRONG),
        "no password": partial(kestra.login, make_person().username, ""),
        "none set": partial(kestra.login, make_person(password=None).username, _WRONG),
        "disabled": partial(kestra.login, disabled.username, disabled.password),
        "locked": partial(kestra.login, locked.username, locked.password),
        "second factor": partial(kestra.login, make_person(totp="a-key-of-twenty-char").username, "Passw0rd!x"),
        "key": partial(kestra.login, make_person(factors=["webauthn"]).username, "Passw0rd!x"),
        "action": partial(kestra.login, make_person(required_actions=["UPDATE_PASSWORD"]).username, "Passw0rd!x"),
        "wrong code": partial(kestra.login, coded.email, another(code)),
        "too long": partial(kestra.login, coded.email, "x" * 5000),
        "control": partial(kestra.login, "a\u202eb", _WRONG),
    }
    answers = {reason: call() for reason, call in calls.items()}
    for answer in answers.values():
        refusal(answer, 401)
    said = {(each.content, tuple(sorted(each.headers))) for each in answers.values()}
    assert len(said) == 1
    assert witness.sessions(disabled.id) == set()


@pytest.mark.parametrize("factor", [{"totp": "a-key-of-twenty-char"}, {"factors": ["webauthn"]}], ids=["otp", "key"])
def test_neither_secret_skips_a_factor_enrolled_in_keycloak(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness, factor: dict[str, Any]
) -> None:
    person = make_person(**factor)
    refusal(kestra.login(person.email, person.password), 401)
    refusal(kestra.login(person.email, asked_code(kestra, letters, person)), 401)
    assert witness.sessions(person.id) == set()


def test_a_code_skips_no_required_action(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    person = make_person(required_actions=["UPDATE_PROFILE"])
    refusal(kestra.login(person.email, asked_code(kestra, letters, person)), 401)
    assert witness.sessions(person.id) == set()


def test_a_code_to_an_unverified_address_takes_the_account_from_the_stranger(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness, listed_provider: str
) -> None:
    person = make_person(email_verified=False, factors=["webauthn-passwordless"])
    witness.admin.add_user_social_login(person.id, listed_provider, "sub-of-a-stranger", "stranger")
    strangers = tokens(kestra.login(person.username, person.password))
    told = tokens(kestra.login(person.email, asked_code(kestra, letters, person)))
    assert not witness.refreshes(strangers["refresh_token"])
    assert not witness.password_is(person.username, person.password)
    assert witness.admin.get_credentials(person.id) == []
    assert witness.admin.get_user_social_logins(person.id) == []
    assert witness.admin.get_user(person.id)["emailVerified"]
    assert witness.sessions(person.id) == {claims(told["access_token"])["sid"]}


def test_a_passkey_and_a_password_of_a_verified_account_outlast_a_code(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    person = make_person(factors=["webauthn-passwordless"])
    tokens(kestra.login(person.email, asked_code(kestra, letters, person)))
    assert {each["type"] for each in witness.admin.get_credentials(person.id)} == {"password", "webauthn-passwordless"}


def test_a_code_proves_the_address_that_the_realm_wants_verified(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    person = make_person(email_verified=False)
    with witness.realm_with(verifyEmail=True):
        refusal(kestra.login(person.email, person.password), 401)
        assert witness.admin.get_user(person.id)["requiredActions"] == ["VERIFY_EMAIL"]
        tokens(kestra.login(person.email, asked_code(kestra, letters, person)))
    account = witness.admin.get_user(person.id)
    assert (account["emailVerified"], account["requiredActions"]) == (True, [])


def test_a_code_that_proves_the_address_skips_no_other_action(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    person = make_person(email_verified=False, required_actions=["VERIFY_EMAIL", "UPDATE_PROFILE"])
    refusal(kestra.login(person.email, asked_code(kestra, letters, person)), 401)
    assert not witness.admin.get_user(person.id)["emailVerified"]


def test_a_disabled_account_is_let_in_by_no_code(
    kestra: Kestra, person: Person, letters: KestraLetters, witness: Witness
) -> None:
    code = asked_code(kestra, letters, person)
    witness.admin.update_user(person.id, {**witness.admin.get_user(person.id), "enabled": False})
    refusal(kestra.login(person.email, code), 401)
    assert witness.sessions(person.id) == set()


def test_a_code_takes_nothing_from_a_disabled_account(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    person = make_person(email_verified=False)
    code = asked_code(kestra, letters, person)
    witness.admin.update_user(person.id, {**witness.admin.get_user(person.id), "enabled": False})
    refusal(kestra.login(person.email, code), 401)
    account = witness.admin.get_user(person.id)
    assert not account["emailVerified"]
    witness.admin.update_user(person.id, {**account, "enabled": True})
    assert witness.password_is(person.username, person.password)


def test_where_addresses_are_no_names_a_code_goes_with_the_user_name(
    kestra_apart: Apart, person: Person, letters: KestraLetters, witness: Witness
) -> None:
    with (
        witness.realm_with(loginWithEmailAllowed=False),
        served_gateway(kestra_apart()) as served,
        served.client() as client,
    ):
        kestra = Kestra(client)
        code = asked_code(kestra, letters, person)
        for secret in (code, person.password):
            refusal(kestra.login(person.email, secret), 401)
        tokens(kestra.login(person.username, code))


def test_where_passwords_are_no_way_in_only_codes_are(
    kestra_apart: Apart, person: Person, letters: KestraLetters
) -> None:
    with served_gateway(kestra_apart(SIGN_IN__STEPS='[["otp"]]')) as served, served.client() as client:
        kestra = Kestra(client)
        refusal(kestra.login(person.email, person.password), 401)
        tokens(kestra.login(person.email, asked_code(kestra, letters, person)))


def test_where_codes_are_no_way_in_none_is_looked_at(
    kestra: Kestra, kestra_variables: Mapping[str, str], person: Person, letters: KestraLetters
) -> None:
    code = asked_code(kestra, letters, person)
    without = {**kestra_variables, "GATEWAY_KESTRA__PASSWORDLESS": "false"}
    with served_gateway(without) as served, served.client() as client:
        refusal(Kestra(client).login(person.email, code), 401)
    tokens(kestra.login(person.email, code))
