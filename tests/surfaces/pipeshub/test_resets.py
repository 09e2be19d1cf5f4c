"""New passwords: with the current one, and by a mailed link (contract section 10)."""

from collections.abc import Mapping
from typing import Any

import pytest
import redis

from gateway.state.keys import Keys
from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.stored import only_key
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.logged import told_of
from tests.surfaces.parallel import at_once
from tests.surfaces.pipeshub.client import Pipeshub, refusal
from tests.surfaces.pipeshub.people import BOTH, Letters, Members, asked_link
from tests.surfaces.pipeshub.scoped import minted
from tests.surfaces.witness import Witness, claims

_NEW = "An0ther!word"


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody with a password."""
    return make_person()


def test_a_changed_password_ends_every_session_and_begins_one(
    pipeshub: Pipeshub, person: Person, witness: Witness, letters: Letters
) -> None:
    here, there = (pipeshub.sign_in(person.email, person.password) for _ in range(2))
    answer = pipeshub.bearing(here["accessToken"]).change(person.password, _NEW)
    assert answer.status_code == 200, answer.text
    assert answer.json().keys() == {"data", "accessToken"}
    assert answer.json()["data"] == "password reset"
    new = answer.json()["accessToken"]
    for old in (here, there):
        refusal(pipeshub.refresh(old["refreshToken"]), 401, "INVALID_TOKEN")
        refusal(pipeshub.bearing(old["accessToken"]).logout(), 401, "INVALID_TOKEN")
    assert witness.sessions(person.id) == {claims(new)["sid"]}
    assert pipeshub.bearing(new).logout().status_code == 200
    assert witness.password_is(person.username, _NEW)
    assert _NEW not in letters.text(person)


@pytest.mark.parametrize("body", [{}, {"currentPassword": "x"}, {"currentPassword": 1, "newPassword": "x"}, []])
def test_a_change_of_another_shape_is_invalid(pipeshub: Pipeshub, passer_by: str, body: object) -> None:
    refusal(pipeshub.bearing(passer_by).post("/userAccount/password/reset", body), 400, "VALIDATION_ERROR")


def test_the_token_is_judged_before_the_shape(pipeshub: Pipeshub) -> None:
    for path in ("/userAccount/password/reset", "/userAccount/password/reset/token"):
        refusal(pipeshub.bearing("nonsense").post(path, {}), 401, "INVALID_TOKEN")


def test_who_has_no_password_has_none_to_change(pipeshub: Pipeshub, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person(password=None)
    bearer = str(witness.verified(person.username)["access_token"])
    refusal(pipeshub.bearing(bearer).change("x", _NEW), 404, "USER_NOT_FOUND")


def test_a_mailed_link_sets_a_password_once(
    pipeshub: Pipeshub, person: Person, letters: Letters, witness: Witness
) -> None:
    old = pipeshub.sign_in(person.email, person.password)
    answer = pipeshub.forgot(person.email)
    assert answer.json() == pipeshub.forgot(f"no-{person.email}").json()
    assert answer.json().keys() == {"message", "data"}
    assert letters.link(person).startswith("https://front.example/reset-password#token=")
    token = letters.token(person)
    refusal(pipeshub.reset(token, "weak"), 400, "VALIDATION_ERROR")
    refusal(pipeshub.reset(token, person.password), 400, "VALIDATION_ERROR")
    done = pipeshub.reset(token, _NEW)
    assert done.status_code == 200, done.text
    assert witness.sessions(person.id) == {claims(done.json()["accessToken"])["sid"]}
    refusal(pipeshub.refresh(old["refreshToken"]), 401, "INVALID_TOKEN")
    refusal(pipeshub.reset(token, "Y3t!another"), 401, "INVALID_TOKEN")
    assert witness.password_is(person.username, _NEW)


def test_the_token_of_a_link_says_whom_it_is_about_and_for_how_long(
    pipeshub: Pipeshub, members: Members, letters: Letters
) -> None:
    person = members()
    said = claims(asked_link(pipeshub, letters, person))
    assert said["exp"] - said["iat"] == 1200
    assert (said["scopes"], said["userId"], said["userEmail"]) == (["password:reset"], person.id, person.email)
    assert said["orgId"]


def test_a_link_does_not_skip_the_second_step(
    pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness
) -> None:
    person = members(BOTH)
    answer = pipeshub.reset(asked_link(pipeshub, letters, person), _NEW)
    assert answer.json() == {"data": "password reset"}
    assert witness.sessions(person.id) == set()


@pytest.mark.parametrize("factor", [{"totp": "a-key-of-twenty-char"}, {"factors": ["webauthn"]}], ids=["otp", "key"])
def test_a_link_does_not_skip_a_factor_enrolled_in_keycloak(
    pipeshub: Pipeshub, make_person: PersonMaker, letters: Letters, factor: dict[str, Any], witness: Witness
) -> None:
    person = make_person(**factor)
    assert pipeshub.reset(asked_link(pipeshub, letters, person), _NEW).json() == {"data": "password reset"}
    assert witness.sessions(person.id) == set()


def test_a_newer_link_and_a_changed_password_void_older_links(
    pipeshub: Pipeshub, person: Person, letters: Letters
) -> None:
    first = asked_link(pipeshub, letters, person)
    second = asked_link(pipeshub, letters, person, 2)
    refusal(pipeshub.reset(first, _NEW), 401, "INVALID_TOKEN")
    signed_in = pipeshub.bearing(pipeshub.sign_in(person.email, person.password)["accessToken"])
    assert signed_in.change(person.password, _NEW).status_code == 200
    refusal(pipeshub.reset(second, "Y3t!another"), 401, "INVALID_TOKEN")


def test_a_changed_password_ends_sign_ins_under_way(pipeshub: Pipeshub, members: Members, letters: Letters) -> None:
    person = members(BOTH)
    pipeshub.ask_code(person.email)
    code, token = letters.code(person), pipeshub.begun(person.email)
    assert pipeshub.by_password(token, person.password).status_code == 200
    pipeshub.forgot(person.email)
    assert pipeshub.reset(letters.token(person, 2), _NEW).status_code == 200
    refusal(pipeshub.by_code(token, code), 404, "SESSION_EXPIRED")


def test_a_link_used_twice_at_once_works_once(pipeshub: Pipeshub, person: Person, letters: Letters) -> None:
    token = asked_link(pipeshub, letters, person)
    answers = at_once([lambda: pipeshub.reset(token, _NEW)] * 2)
    assert sorted(each.status_code for each in answers) == [200, 401]


def test_a_link_that_was_used_is_told_with_whose_and_one_that_is_none_without(
    pipeshub: Pipeshub, pipeshub_gateway: ServedGateway, person: Person, letters: Letters
) -> None:
    token = asked_link(pipeshub, letters, person)
    assert pipeshub.reset(token, _NEW).status_code == 200
    for sent, account in ((token, person.id), (f"{token[:-4]}AAAA", "none")):
        answer = pipeshub.reset(sent, _NEW)
        refusal(answer, 401, "INVALID_TOKEN")
        (told,) = told_of(pipeshub_gateway, answer, "password_set")
        assert (told["outcome"], told["reason"], told["account"]) == ("refused", "link", account)


def test_a_link_lifts_a_lock(pipeshub: Pipeshub, person: Person, letters: Letters) -> None:
    token = pipeshub.begun(person.email)
    for _ in range(5):
        pipeshub.by_password(token, "wrong")
    assert letters.text(person)  # the notice of it
    pipeshub.forgot(person.email)
    assert pipeshub.reset(letters.token(person, 2), _NEW).status_code == 200
    pipeshub.sign_in(person.email, _NEW)


def test_a_link_sets_a_first_password(pipeshub: Pipeshub, make_person: PersonMaker, letters: Letters) -> None:
    person = make_person(password=None)
    assert pipeshub.reset(asked_link(pipeshub, letters, person), _NEW).status_code == 200
    pipeshub.sign_in(person.email, _NEW)


def test_an_expired_link_is_no_good(
    pipeshub: Pipeshub, person: Person, letters: Letters, store: redis.Redis, mailing: Mapping[str, str]
) -> None:
    token = asked_link(pipeshub, letters, person)
    good = only_key(store, f"{mailing['GATEWAY_REDIS__PREFIX']}*{person.id}*:links:reset")
    assert 1190 < store.ttl(good) <= 1200
    store.delete(good)
    refusal(pipeshub.reset(token, _NEW), 401, "INVALID_TOKEN")


def test_a_link_of_a_deleted_account_finds_nobody(
    pipeshub: Pipeshub, person: Person, letters: Letters, witness: Witness
) -> None:
    token = asked_link(pipeshub, letters, person)
    witness.admin.delete_user(person.id)
    refusal(pipeshub.reset(token, _NEW), 404, "USER_NOT_FOUND")


def test_a_link_of_an_account_that_was_disabled_meanwhile_finds_nobody_and_waits(
    pipeshub: Pipeshub, person: Person, letters: Letters, witness: Witness
) -> None:
    token = asked_link(pipeshub, letters, person)
    account = witness.admin.get_user(person.id)
    witness.admin.update_user(person.id, {**account, "enabled": False})
    refusal(pipeshub.reset(token, _NEW), 404, "USER_NOT_FOUND")
    witness.admin.update_user(person.id, {**account, "enabled": True})
    assert witness.password_is(person.username, person.password)
    assert pipeshub.reset(token, _NEW).status_code == 200


def test_a_link_is_no_good_once_the_account_has_another_address(
    pipeshub: Pipeshub, person: Person, letters: Letters, witness: Witness
) -> None:
    token = asked_link(pipeshub, letters, person)
    witness.admin.update_user(person.id, {**witness.admin.get_user(person.id), "email": f"new-{person.email}"})
    refusal(pipeshub.reset(token, _NEW), 404, "USER_NOT_FOUND")
    assert witness.password_is(person.username, person.password)


def test_forged_reset_tokens_are_no_good(pipeshub: Pipeshub, person: Person, letters: Letters) -> None:
    good = asked_link(pipeshub, letters, person)
    jti = claims(good)["jti"]
    forged = [
        minted("password:reset", person.id),
        minted("fetch:config", person.id, jti=jti),
        minted("password:reset", person.id, jti=jti, algorithm="none"),
        minted("password:reset", person.id, jti=jti, algorithm="HS512"),
        minted("password:reset", person.id, jti=jti, key="another-key-of-32-bytes-or-more!!"),
        minted("password:reset", person.id, jti=jti, exp=None),
        minted("password:reset", person.id, jti=jti, exp=1),
        minted("password:reset", "00000000-0000-4000-8000-000000000000", jti=jti),
        pipeshub.sign_in(person.email, person.password)["accessToken"],
        f"{good}x",
        "",
    ]
    for token in forged:
        refusal(pipeshub.reset(token, _NEW), 401, "INVALID_TOKEN")
    assert pipeshub.reset(good, _NEW).status_code == 200


def test_the_sixth_link_in_an_hour_is_too_many_for_anybody(pipeshub: Pipeshub, person: Person) -> None:
    for email in (person.email, f"no-{person.email}"):
        answers = [pipeshub.forgot(email) for _ in range(6)]
        assert [each.status_code for each in answers] == [200] * 5 + [429]
        assert 0 < int(answers[-1].headers["retry-after"]) <= 3600


def test_the_disabled_get_no_link(
    mailing_apart: Apart, make_person: PersonMaker, mailbox: Mailbox, store: redis.Redis
) -> None:
    person, disabled, variables = make_person(), make_person(enabled=False), mailing_apart()
    with served_gateway(variables) as served, served.client() as client:
        for each in (disabled, person):
            assert Pipeshub(client).forgot(each.email).status_code == 200
        until(lambda: store.xlen(Keys(variables["GATEWAY_REDIS__PREFIX"]).outbox) == 0)
    assert [mailbox.count(each.email) for each in (disabled, person)] == [0, 1]
