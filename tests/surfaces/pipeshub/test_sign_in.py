"""Signing in step by step: initAuth and authenticate (contract sections 4 to 6)."""

from functools import partial

import httpx
import pytest
import redis

from gateway.state.keys import Keys
from tests.servers.people import PersonMaker
from tests.servers.waiting import until
from tests.surfaces.parallel import TOO_SLOW, at_once, undisturbed
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.people import BOTH, CODE, Letters, Members
from tests.surfaces.witness import Witness, claims


def test_password_then_mailed_code_signs_in(
    pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness
) -> None:
    person = members(BOTH)
    answer = pipeshub.init(person.email)
    assert answer.json() == {
        "currentStep": 0,
        "allowedMethods": ["password"],
        "message": "Authentication initialized",
        "authProviders": {},
        "jitEnabled": False,
    }
    token = answer.headers["x-session-token"]
    assert token not in answer.text
    assert len(token) >= 22
    assert next_step(pipeshub.by_password(token, person.password)) == (1, ["otp"])
    assert witness.sessions(person.id) == set()
    assert pipeshub.ask_code(person.email).status_code == 200
    tokens = fully(pipeshub.by_code(token, letters.code(person)))
    assert claims(tokens["accessToken"])["sub"] == person.id
    assert witness.sessions(person.id) == {claims(tokens["accessToken"])["sid"]}
    assert witness.refreshes(tokens["refreshToken"], "gateway-verified")


def test_password_alone_signs_in_by_default(pipeshub: Pipeshub, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person()
    tokens = pipeshub.sign_in(person.email, person.password)
    assert claims(tokens["accessToken"])["azp"] == "gateway"
    access, refresh = claims(tokens["accessToken"]), claims(tokens["refreshToken"])
    assert access["exp"] - access["iat"] == 3600
    assert refresh["exp"] - refresh["iat"] == 604800
    assert len(witness.sessions(person.id)) == 1


def test_code_alone_signs_in(pipeshub: Pipeshub, members: Members, letters: Letters) -> None:
    person = members(CODE)
    pipeshub.ask_code(person.email)
    token = pipeshub.begun(person.email)
    assert claims(fully(pipeshub.by_code(token, letters.code(person)))["accessToken"])["sub"] == person.id


def test_either_method_of_a_step_completes_it(pipeshub: Pipeshub, members: Members) -> None:
    person = members([["otp", "password"]])
    assert pipeshub.init(person.email).json()["allowedMethods"] == ["otp", "password"]
    fully(pipeshub.by_password(pipeshub.begun(person.email), person.password))


def test_a_password_as_the_last_step_leaves_one_session(
    pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness
) -> None:
    person = members([["otp"], ["password"]])
    pipeshub.ask_code(person.email)
    token = pipeshub.begun(person.email)
    assert next_step(pipeshub.by_code(token, letters.code(person))) == (1, ["password"])
    fully(pipeshub.by_password(token, person.password))
    assert len(witness.sessions(person.id)) == 1


def test_a_finished_sign_in_is_over(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    person = make_person()
    token = pipeshub.begun(person.email)
    fully(pipeshub.by_password(token, person.password))
    refusal(pipeshub.by_password(token, person.password), 404, "SESSION_EXPIRED")


@pytest.mark.parametrize("token", ["made-up", "%00", "a" * 5000, "ä"])
def test_an_unknown_sign_in_is_not_found(pipeshub: Pipeshub, token: str) -> None:
    answer = pipeshub.http.post(
        "/userAccount/authenticate",
        json={"method": "password", "credentials": {"password": "x"}},
        headers=[(b"x-session-token", token.encode())],
    )
    refusal(answer, 404, "SESSION_EXPIRED")


@pytest.mark.parametrize("token", [None, ""])
def test_no_session_header_is_no_token(pipeshub: Pipeshub, token: str | None) -> None:
    refusal(pipeshub.authenticate(token, "password", {"password": "x"}), 401, "INVALID_TOKEN")


def test_the_session_is_looked_at_before_the_body(pipeshub: Pipeshub) -> None:
    refusal(pipeshub.post("/userAccount/authenticate", {}), 401, "INVALID_TOKEN")
    refusal(pipeshub.post("/userAccount/authenticate", {}, {"x-session-token": "x"}), 404, "SESSION_EXPIRED")
    refusal(pipeshub.post_raw("/userAccount/authenticate", b"{", {}), 400, "VALIDATION_ERROR")


def test_a_failed_attempt_leaves_the_sign_in_where_it_is(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    person = make_person()
    token = pipeshub.begun(person.email)
    refusal(pipeshub.by_password(token, "wrong"), 401, "INVALID_CREDENTIALS")
    fully(pipeshub.by_password(token, person.password))


def test_methods_of_other_steps_are_refused_and_cost_nothing(
    pipeshub: Pipeshub, members: Members, letters: Letters
) -> None:
    person = members(BOTH)
    pipeshub.ask_code(person.email)
    code, token = letters.code(person), pipeshub.begun(person.email)
    for _ in range(6):
        refusal(pipeshub.by_code(token, code), 400, "METHOD_NOT_ALLOWED")
    next_step(pipeshub.by_password(token, person.password))
    refusal(pipeshub.by_password(token, person.password), 400, "METHOD_NOT_ALLOWED")
    fully(pipeshub.by_code(token, code))


@pytest.mark.parametrize("method", ["samlSso", "google", "microsoft", "azureAd", "oauth"])
def test_external_methods_are_not_allowed_without_a_provider(
    pipeshub: Pipeshub, make_person: PersonMaker, method: str
) -> None:
    token = pipeshub.begun(make_person().email)
    refusal(pipeshub.authenticate(token, method, {"accessToken": "x", "idToken": "y"}), 400, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("method", "credentials"),
    [
        ("password", {}),
        ("password", {"password": ""}),
        ("password", {"password": 1}),
        ("password", {"password": None}),
        ("password", {"otp": "123456"}),
        ("password", "Passw0rd!x"),
        ("password", ["x"]),
        ("password", None),
        ("passwort", {"password": "x"}),
        ("", {"password": "x"}),
        (None, {"password": "x"}),
        (1, {"password": "x"}),
    ],
)
def test_credentials_of_another_shape_are_refused_and_cost_nothing(
    pipeshub: Pipeshub, make_person: PersonMaker, method: str, credentials: object
) -> None:
    person = make_person()
    token = pipeshub.begun(person.email)
    for _ in range(6):
        refusal(pipeshub.authenticate(token, method, credentials), 400, "VALIDATION_ERROR")
    fully(pipeshub.by_password(token, person.password))


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "١٢٣٤٥٦", "123 56", "123456\n", "", 123456, None])
def test_a_code_is_six_ascii_digits(pipeshub: Pipeshub, members: Members, code: object) -> None:
    token = pipeshub.begun(members(CODE).email)
    refusal(pipeshub.authenticate(token, "otp", {"otp": code}), 400, "VALIDATION_ERROR")


def test_the_e_mail_must_be_the_one_it_began_with(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    person = make_person()
    token = pipeshub.begun(person.email)
    credentials = {"password": person.password}
    other = pipeshub.authenticate(token, "password", credentials, email="other@example.test")
    refusal(other, 400, "VALIDATION_ERROR")
    fully(pipeshub.authenticate(token, "password", credentials, email=person.email.upper()))


def test_another_spelling_of_the_e_mail_is_the_same_account(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    person = make_person()
    pipeshub.sign_in(person.email.upper(), person.password)


@pytest.mark.parametrize("email", ["nobody@example.test", "nobody@acme.test"])
def test_an_unknown_e_mail_is_not_found(pipeshub: Pipeshub, email: str) -> None:
    refusal(pipeshub.init(email), 404, "USER_NOT_FOUND")


def test_a_disabled_account_is_not_found(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    refusal(pipeshub.init(make_person(enabled=False).email), 404, "USER_NOT_FOUND")


def test_a_user_name_is_no_e_mail(pipeshub: Pipeshub, make_person: PersonMaker) -> None:
    person = make_person(username="somebody-else@example.test", email="somebody@example.test")
    refusal(pipeshub.init(person.username), 404, "USER_NOT_FOUND")


def test_an_account_deleted_meanwhile_is_not_found(
    pipeshub: Pipeshub, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person()
    token = pipeshub.begun(person.email)
    witness.admin.delete_user(person.id)
    refusal(pipeshub.by_password(token, person.password), 404, "USER_NOT_FOUND")


def test_of_many_last_steps_at_once_one_wins(pipeshub: Pipeshub, make_person: PersonMaker, witness: Witness) -> None:
    people = []

    def race() -> list[httpx.Response]:
        person = make_person()
        people.append(person)
        token = pipeshub.begun(person.email)
        return at_once([lambda: pipeshub.by_password(token, person.password)] * 20)

    answers = undisturbed(race, by=TOO_SLOW)
    assert sorted(each.status_code for each in answers) == [200] + [404] * 19
    won = next(each for each in answers if each.status_code == 200)
    until(lambda: len(witness.sessions(people[-1].id)) == 1)
    assert pipeshub.refresh(won.json()["refreshToken"]).status_code == 200


def test_a_sign_in_under_way_is_kept_for_an_hour(
    pipeshub: Pipeshub, make_person: PersonMaker, store: redis.Redis, mailing: dict[str, str]
) -> None:
    key = Keys(mailing["GATEWAY_REDIS__PREFIX"]).sign_in(pipeshub.begun(make_person().email))
    assert 3590 < store.ttl(key) <= 3600


def test_the_same_code_many_times_at_once_wins_once(
    pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness
) -> None:
    people = []

    def race() -> list[httpx.Response]:
        person = members(CODE)
        people.append(person)
        pipeshub.ask_code(person.email)
        # Each in a sign-in of its own, so that nothing but the code itself makes one of them win.
        code, begun = letters.code(person), [pipeshub.begun(person.email) for _ in range(8)]
        return at_once([partial(pipeshub.by_code, token, code) for token in begun])

    answers = undisturbed(race, by=TOO_SLOW)
    assert sorted(each.status_code for each in answers) == [200] + [401] * 7
    assert len(witness.sessions(people[-1].id)) == 1
