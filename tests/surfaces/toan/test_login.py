"""Sign in with a user name or an address and a password (contract section 3.1)."""

from collections.abc import Callable

import httpx
import pytest

from tests.servers.people import Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.toan.answers import refusal, tokens
from tests.surfaces.toan.client import Toan
from tests.surfaces.witness import Witness, claims


def test_user_name_and_password_give_the_seven_members(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    told = tokens(toan.login(person.username, person.password))
    access = claims(told.access_token)
    assert (access["sub"], access["typ"], access["azp"]) == (person.id, "Bearer", "gateway")
    assert claims(told.refresh_token)["typ"] == "Refresh"
    assert told.session_state == access["sid"]
    assert told.token_type == "Bearer"
    assert "openid" in told.scope.split()
    assert 0 < told.expires_in <= 3600
    assert told.expires_in <= told.refresh_expires_in <= 7 * 86400


@pytest.mark.parametrize("spelled", [str.upper, str.title, lambda name: f" {name} "])
def test_user_name_is_taken_in_any_case(toan: Toan, make_person: PersonMaker, spelled: Callable[[str], str]) -> None:
    person = make_person()
    told = toan.sign_in(spelled(person.username), person.password)
    assert claims(told.access_token)["sub"] == person.id


@pytest.mark.parametrize("spelled", [str, str.upper])
def test_email_address_is_taken_as_the_user_name(
    toan: Toan, make_person: PersonMaker, spelled: Callable[[str], str]
) -> None:
    person = make_person()
    told = toan.sign_in(spelled(person.email), person.password)
    assert claims(told.access_token)["sub"] == person.id


def test_tokens_are_not_to_be_stored(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    assert toan.login(person.username, person.password).headers["cache-control"] == "no-store"


def test_each_sign_in_is_a_session_of_its_own(toan: Toan, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person()
    first, second = (toan.sign_in(person.username, person.password) for _ in range(2))
    assert witness.sessions(person.id) == {first.session_state, second.session_state}
    assert first.session_state != second.session_state


@pytest.mark.parametrize("bearer", ["garbage", "a.b.c", "bearer x y", "Bearer Bearer", "Basic dTpw"])
def test_bearer_has_no_influence(toan: Toan, make_person: PersonMaker, bearer: str) -> None:
    person = make_person()
    told = toan.bearing(bearer).sign_in(person.username, person.password)
    assert claims(told.access_token)["sub"] == person.id


def test_bearer_of_somebody_else_has_no_influence(toan: Toan, make_person: PersonMaker) -> None:
    person, other = make_person(), make_person()
    held = toan.sign_in(other.username, other.password)
    told = toan.bearing(held.access_token).sign_in(person.username, person.password)
    assert claims(told.access_token)["sub"] == person.id
    tokens(toan.refresh(held.refresh_token))


def test_expired_bearer_has_no_influence(toan: Toan, make_person: PersonMaker, expired: str) -> None:
    person = make_person()
    told = toan.bearing(expired).sign_in(person.username, person.password)
    assert claims(told.access_token)["sub"] == person.id


@pytest.fixture(scope="module")
def wrong_password(toan: Toan) -> httpx.Response:
    """What everybody else is to be told, too."""
    return toan.login("nobody-of-this-name", "Passw0rd!x")


@pytest.fixture
def refused(make_person: PersonMaker) -> dict[str, tuple[str, str]]:
    """Reason → user name and password."""
    person, disabled = make_person(), make_person(enabled=False)
    nopassword, otto = make_person(password=None), make_person(totp="a-key-of-twenty-char")
    keyed, listed = make_person(factors=["webauthn"]), make_person(factors=["recovery-authn-codes"])
    return {
        "wrong password": (person.username, person.password + "x"),
        "password in another case": (person.username, person.password.swapcase()),
        "empty password": (person.username, ""),
        "empty name": ("", person.password),
        "disabled, right password": (disabled.username, disabled.password),
        "disabled, wrong password": (disabled.username, "Wr0ng!word"),
        "no password": (nopassword.username, "Passw0rd!x"),
        "second factor enrolled": (otto.username, otto.password),
        "second factor enrolled, wrong password": (otto.username, "Wr0ng!word"),
        "security key enrolled": (keyed.username, keyed.password),
        "recovery codes enrolled": (listed.username, listed.password),
        "overlong name": ("n" * 300, person.password),
    }


def test_every_refusal_is_told_in_the_same_words(
    toan: Toan, refused: dict[str, tuple[str, str]], wrong_password: httpx.Response
) -> None:
    refusal(wrong_password, 401)
    answers = {reason: toan.login(*credentials) for reason, credentials in refused.items()}
    told = {reason: (answer.status_code, answer.content) for reason, answer in answers.items()}
    assert told == dict.fromkeys(refused, (401, wrong_password.content))
    names = {reason: sorted(answer.headers) for reason, answer in answers.items()}
    assert names == dict.fromkeys(refused, sorted(wrong_password.headers))


def test_refusal_names_neither_part_nor_keycloak(wrong_password: httpx.Response) -> None:
    detail = refusal(wrong_password, 401).lower()
    assert not any(word in detail for word in ("invalid_grant", "keycloak", "not found", "locked", "disabled"))


@pytest.mark.parametrize("factor", ["webauthn", "recovery-authn-codes"])
@pytest.mark.parametrize("remember_me", [False, True])
def test_no_second_factor_is_skipped_that_keycloak_would_not_ask_for_here(
    toan: Toan, make_person: PersonMaker, witness: Witness, factor: str, *, remember_me: bool
) -> None:
    person = make_person(factors=[factor])
    refusal(toan.login(person.username, person.password, remember_me=remember_me), 401)
    until(lambda: witness.sessions(person.id) | witness.offline_sessions(person.id) == set())


def test_a_passkey_is_no_second_factor(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person(factors=["webauthn-passwordless"])
    assert toan.login(person.username, person.password).status_code == 200


def test_refusal_leaves_no_session_behind(toan: Toan, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person()
    refusal(toan.login(person.username, "Wr0ng!word"), 401)
    assert witness.sessions(person.id) == set()


@pytest.fixture(params=["UPDATE_PASSWORD", "VERIFY_EMAIL", "CONFIGURE_TOTP", "UPDATE_PROFILE"])
def unready(request: pytest.FixtureRequest, make_person: PersonMaker) -> Person:
    """Somebody with an action to do."""
    return make_person(required_actions=[request.param])


def test_right_password_of_an_account_that_is_not_ready_is_told(toan: Toan, unready: Person, witness: Witness) -> None:
    assert refusal(toan.login(unready.username, unready.password), 403)
    assert witness.sessions(unready.id) == set()


def test_wrong_password_of_an_account_that_is_not_ready_is_not(toan: Toan, unready: Person) -> None:
    refusal(toan.login(unready.username, "Wr0ng!word"), 401)


def test_temporary_password_is_told(toan: Toan, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person()
    witness.admin.set_user_password(person.id, "Tempor4ry!", temporary=True)
    refusal(toan.login(person.username, "Tempor4ry!"), 403)


def test_remember_me_gives_an_offline_token(toan: Toan, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person()
    told = toan.sign_in(person.username, person.password, remember_me=True)
    assert claims(told.refresh_token)["typ"] == "Offline"
    assert "offline_access" in told.scope.split()
    assert witness.offline_sessions(person.id) == {told.session_state}


@pytest.mark.parametrize("remember_me", [False, None])
def test_remember_me_false_or_absent_gives_an_ordinary_session(
    toan: Toan, make_person: PersonMaker, witness: Witness, *, remember_me: bool | None
) -> None:
    person = make_person()
    told = tokens(toan.login(person.username, person.password, remember_me=remember_me))
    assert claims(told.refresh_token)["typ"] == "Refresh"
    assert witness.offline_sessions(person.id) == set()


def test_remember_me_null_is_false(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    body = {"user": person.username, "password": person.password, "remember_me": None}
    assert claims(tokens(toan.post("/api/iam/login", body)).refresh_token)["typ"] == "Refresh"


def test_unlimited_offline_session_expires_in_zero_seconds(
    toan: Toan, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person()
    with witness.realm_with(offlineSessionMaxLifespanEnabled=False):
        told = toan.sign_in(person.username, person.password, remember_me=True)
    assert told.refresh_expires_in == 0


def test_remember_me_of_a_person_without_the_role_gives_an_ordinary_session(
    toan: Toan, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person()
    witness.take_default_roles(person.id)
    told = toan.sign_in(person.username, person.password, remember_me=True)
    assert claims(told.refresh_token)["typ"] == "Refresh"
    assert witness.sessions(person.id) == {told.session_state}


def test_remember_me_at_a_client_without_the_scope_gives_an_ordinary_session(
    toan: Toan, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person()
    with witness.client_without_scope("gateway", "offline_access"):
        told = toan.sign_in(person.username, person.password, remember_me=True)
    assert claims(told.refresh_token)["typ"] == "Refresh"
    assert witness.sessions(person.id) == {told.session_state}


def test_remember_me_with_a_wrong_password_is_refused_as_ever(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    answer = toan.login(person.username, "Wr0ng!word", remember_me=True)
    assert answer.content == toan.login(person.username, "Wr0ng!word").content
    refusal(answer, 401)


def test_unverified_address_is_an_action_where_the_realm_wants_it_verified(
    toan: Toan, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person(email_verified=False)
    with witness.realm_with(verifyEmail=True):
        refusal(toan.login(person.username, person.password), 403)
    assert witness.sessions(person.id) == set()


@pytest.mark.parametrize("factors", [["webauthn"], []])
def test_action_is_told_only_of_accounts_without_a_second_factor(
    toan: Toan, make_person: PersonMaker, factors: list[str]
) -> None:
    person = make_person(factors=factors, required_actions=["UPDATE_PASSWORD"])
    refusal(toan.login(person.username, person.password), 401 if factors else 403)
