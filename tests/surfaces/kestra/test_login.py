"""Signing in with a password or a mailed code (contract section 1.4)."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import pytest
import redis

from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.client import FORM, LOGIN, Kestra, problems, refusal, require_done, tokens
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.logged import told_of
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.client import Toan
from tests.surfaces.witness import Witness, claims

_WRONG = "Wr0ng!word"


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody with a password."""
    return make_person()


def _code(kestra: Kestra, letters: KestraLetters, person: Person, count: int = 1) -> str:
    require_done(kestra.request_code(person.email))
    return letters.code(person, count)


def _other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


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
    code = _code(kestra, letters, person)
    told = tokens(kestra.login(person.email, code))
    said = claims(told["access_token"])
    assert (said["sub"], said["azp"], told["username"]) == (person.id, "gateway-verified", person.username)
    assert witness.sessions(person.id) == {said["sid"]}
    assert Toan(kestra.http).refresh(told["refresh_token"]).status_code == 200
    refusal(kestra.login(person.email, code), 401)


def test_a_code_signs_in_by_user_name_and_by_form(kestra: Kestra, person: Person, letters: KestraLetters) -> None:
    tokens(kestra.login_by_form(person.username, _code(kestra, letters, person)))


def test_a_pending_code_leaves_the_password_as_good_as_ever(
    kestra: Kestra, person: Person, letters: KestraLetters
) -> None:
    code = _code(kestra, letters, person)
    tokens(kestra.login(person.email, person.password))
    tokens(kestra.login(person.email, code))


def test_six_digits_may_be_a_password_whether_a_code_is_pending_or_not(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    with witness.realm_with(passwordPolicy="hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"):
        person = make_person(password="123456")
    tokens(kestra.login(person.email, "123456"))
    code = _code(kestra, letters, person)
    tokens(kestra.login(person.email, "123456"))
    if code != "123456":
        tokens(kestra.login(person.email, code))


def test_a_guess_without_a_pending_code_is_a_guess_at_the_password(
    kestra: Kestra, person: Person, witness: Witness
) -> None:
    with witness.realm_with(eventsEnabled=True):
        refusal(kestra.login(person.email, "000000"), 401)
        assert witness.failed_sign_ins(person.id) == 1


def test_five_wrong_entries_void_a_code(kestra_apart: Apart, person: Person, letters: KestraLetters) -> None:
    with served_gateway(kestra_apart(LOCKOUT__MAX_FAILURES="50")) as served, served.client() as client:
        kestra = Kestra(client)
        code = _code(kestra, letters, person)
        for _ in range(5):
            refusal(kestra.login(person.email, _other(code)), 401)
        refusal(kestra.login(person.email, code), 401)
        tokens(kestra.login(person.email, person.password))


def test_fewer_entries_void_a_code_where_that_is_set(
    kestra_apart: Apart, person: Person, letters: KestraLetters
) -> None:
    with served_gateway(kestra_apart(KESTRA__CODE_MAX_ATTEMPTS="1")) as served, served.client() as client:
        kestra = Kestra(client)
        code = _code(kestra, letters, person)
        refusal(kestra.login(person.email, _other(code)), 401)
        refusal(kestra.login(person.email, code), 401)


def test_an_expired_code_and_another_s_are_wrong(
    kestra: Kestra,
    make_person: PersonMaker,
    letters: KestraLetters,
    store: redis.Redis,
    kestra_variables: Mapping[str, str],
) -> None:
    one, other = make_person(), make_person()
    mine, theirs = _code(kestra, letters, one), _code(kestra, letters, other)
    if mine != theirs:
        refusal(kestra.login(one.email, theirs), 401)
    (kept,) = store.scan_iter(f"{kestra_variables['GATEWAY_REDIS__PREFIX']}*{one.id}*:code:sign-in")
    store.pexpire(kept, 1)
    while store.exists(kept):
        pass
    refusal(kestra.login(one.email, mine), 401)
    tokens(kestra.login(other.email, theirs))


@pytest.mark.parametrize("spelled", [" {}", "{} ", "{}0", "+{}", "{}\u0660"])
def test_a_code_is_six_digits_and_nothing_else(
    kestra: Kestra, person: Person, letters: KestraLetters, spelled: str
) -> None:
    code = _code(kestra, letters, person)
    refusal(kestra.login(person.email, spelled.format(code)), 401)
    tokens(kestra.login(person.email, code))


def test_of_many_uses_of_a_code_at_once_one_signs_in(
    kestra: Kestra, person: Person, letters: KestraLetters, witness: Witness
) -> None:
    code = _code(kestra, letters, person)
    answers = at_once([partial(kestra.login, person.email, code)] * 5)
    assert sorted(each.status_code for each in answers) == [200] + [401] * 4
    assert len(witness.sessions(person.id)) == 1


def test_every_refusal_says_the_same(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    locked, coded = make_person(), make_person()
    for _ in range(5):
        refusal(kestra.login(locked.username, _WRONG), 401)
    code = _code(kestra, letters, coded)
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
        "wrong code": partial(kestra.login, coded.email, _other(code)),
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
    refusal(kestra.login(person.email, _code(kestra, letters, person)), 401)
    assert witness.sessions(person.id) == set()


def test_a_code_skips_no_required_action(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    person = make_person(required_actions=["UPDATE_PROFILE"])
    refusal(kestra.login(person.email, _code(kestra, letters, person)), 401)
    assert witness.sessions(person.id) == set()


def test_a_code_to_an_unverified_address_takes_the_account_from_the_stranger(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness, provider: str
) -> None:
    person = make_person(email_verified=False)
    witness.admin.add_user_social_login(person.id, provider, "sub-of-a-stranger", "stranger")
    strangers = tokens(kestra.login(person.username, person.password))
    told = tokens(kestra.login(person.email, _code(kestra, letters, person)))
    assert not witness.refreshes(strangers["refresh_token"])
    assert not witness.password_is(person.username, person.password)
    assert witness.admin.get_user_social_logins(person.id) == []
    assert witness.admin.get_user(person.id)["emailVerified"]
    assert witness.sessions(person.id) == {claims(told["access_token"])["sid"]}


def test_a_disabled_account_is_let_in_by_no_code(
    kestra: Kestra, person: Person, letters: KestraLetters, witness: Witness
) -> None:
    code = _code(kestra, letters, person)
    witness.admin.update_user(person.id, {**witness.admin.get_user(person.id), "enabled": False})
    refusal(kestra.login(person.email, code), 401)
    assert witness.sessions(person.id) == set()


def test_wrong_codes_and_passwords_lock_together_and_on_every_surface(
    kestra: Kestra, kestra_gateway: ServedGateway, person: Person, letters: KestraLetters
) -> None:
    code = _code(kestra, letters, person)
    for guess in (_other(code), _WRONG, _other(code)):
        refusal(kestra.login(person.email, guess), 401)
    for _ in range(2):
        assert Toan(kestra.http).login(person.username, _WRONG).status_code == 401
    for secret in (code, person.password):
        answer = kestra.login(person.email, secret)
        refusal(answer, 401)
        (told,) = told_of(kestra_gateway, answer, "sign_in")
        assert told["reason"] == "locked"


def test_a_code_clears_the_counter(kestra: Kestra, person: Person, letters: KestraLetters) -> None:
    for _ in range(4):
        refusal(kestra.login(person.email, _WRONG), 401)
    tokens(kestra.login(person.email, _code(kestra, letters, person)))
    for _ in range(4):
        refusal(kestra.login(person.email, _WRONG), 401)
    tokens(kestra.login(person.email, person.password))


def test_of_many_guesses_at_once_five_are_evaluated(kestra: Kestra, person: Person, witness: Witness) -> None:
    with witness.realm_with(eventsEnabled=True):
        answers = at_once([partial(kestra.login, person.email, _WRONG)] * 30)
        assert {each.status_code for each in answers} == {401}
        assert witness.failed_sign_ins(person.id) == 5
    refusal(kestra.login(person.email, person.password), 401)


def test_a_blocked_address_is_told_when_to_come_again(kestra_apart: Apart, person: Person) -> None:
    with served_gateway(kestra_apart(LIMITS__FAILURES_PER_ADDRESS="2")) as served, served.client() as client:
        kestra = Kestra(client)
        for name in ("nobody-1", "nobody-2"):
            refusal(kestra.login(name, _WRONG), 401)
        assert 0 < refusal(kestra.login(person.username, person.password), 429)["retryAfter"] <= 600


def test_where_passwords_are_no_way_in_only_codes_are(
    kestra_apart: Apart, person: Person, letters: KestraLetters
) -> None:
    with served_gateway(kestra_apart(SIGN_IN__STEPS='[["otp"]]')) as served, served.client() as client:
        kestra = Kestra(client)
        refusal(kestra.login(person.email, person.password), 401)
        tokens(kestra.login(person.email, _code(kestra, letters, person)))


def test_where_codes_are_no_way_in_none_is_looked_at(
    kestra: Kestra, kestra_variables: Mapping[str, str], person: Person, letters: KestraLetters
) -> None:
    code = _code(kestra, letters, person)
    without = {**kestra_variables, "GATEWAY_KESTRA__PASSWORDLESS": "false"}
    with served_gateway(without) as served, served.client() as client:
        refusal(Kestra(client).login(person.email, code), 401)
    tokens(kestra.login(person.email, code))


@pytest.mark.parametrize("headers", [{}, FORM, {"content-type": "application/json"}, {"content-type": "text/plain"}])
def test_an_empty_body_is_a_422(kestra: Kestra, headers: dict[str, str]) -> None:
    problems(kestra.post_raw(LOGIN, b"", headers))


@pytest.mark.parametrize(
    ("form", "missing"),
    [
        (b"username=x", {"password"}),
        (b"password=x", {"username"}),
        (b"identity=a&secret=b", {"username", "password"}),
        (b"username=%ff&password=x", {"body"}),
    ],
)
def test_a_form_that_lacks_something_is_a_422(kestra: Kestra, form: bytes, missing: set[str]) -> None:
    assert problems(kestra.post_raw(LOGIN, form, FORM)).keys() == missing


def test_further_members_sign_nobody_else_in(kestra: Kestra, person: Person, make_person: PersonMaker) -> None:
    other = make_person()
    further = {"identity": other.username, "secret": other.password, "scope": "offline_access", "totp": "000000"}
    told = tokens(kestra.post(LOGIN, {"username": person.username, "password": person.password, **further}))
    said = claims(told["access_token"])
    assert said["sub"] == person.id
    assert "offline_access" not in said["scope"].split()


def test_a_query_gives_no_tokens(kestra: Kestra, person: Person) -> None:
    target = f"{LOGIN}?username={person.username}&password={person.password}"
    problems(kestra.http.post(target, content=b""))
