"""New passwords by a mailed link (contract section 1.3)."""

from collections.abc import Iterator, Mapping
from functools import partial

import pytest

from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.kestra.client import Kestra, problems, refusal, require_done, tokens
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.logged import told_of
from tests.surfaces.parallel import at_once
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.witness import Witness

_NEW = "An0ther!word"
_WRONG = "Wr0ng!word"
_WEAK = ["Short1!", "alllower1!", "ALLUPPER1!", "NoDigits!!", "NoSpecial11"]


def test_a_link_sets_a_password_once_and_opens_no_session(
    kestra: Kestra, person: Person, link: str, witness: Witness
) -> None:
    answer = kestra.reset(link, _NEW)
    require_done(answer)
    assert "set-cookie" not in answer.headers
    assert witness.sessions(person.id) == set()
    assert witness.password_is(person.username, _NEW)
    assert witness.admin.get_credentials(person.id)[0]["type"] == "password"
    assert witness.admin.get_user(person.id)["requiredActions"] == []
    refusal(kestra.reset(link, "Y3t!another"), 404)
    assert witness.password_is(person.username, _NEW)


def test_every_session_ends(kestra: Kestra, person: Person, link: str, witness: Witness) -> None:
    here = tokens(kestra.login(person.username, person.password))
    offline = witness.tokens(
        "gateway", grant_type="password", username=person.username, password=person.password, scope="offline_access"
    )
    assert witness.offline_sessions(person.id)
    require_done(kestra.reset(link, _NEW))
    assert (witness.sessions(person.id), witness.offline_sessions(person.id)) == (set(), set())
    assert not witness.refreshes(here["refresh_token"])
    assert not witness.refreshes(offline["refresh_token"])
    # Another surface refuses the access token, which nobody has to ask Keycloak about.
    assert Pipeshub(kestra.http).bearing(here["access_token"]).logout().status_code == 401


def test_a_lock_of_the_gateway_is_lifted(kestra: Kestra, person: Person, link: str) -> None:
    for _ in range(5):
        refusal(kestra.login(person.username, _WRONG), 401)
    refusal(kestra.login(person.username, person.password), 401)
    require_done(kestra.reset(link, _NEW))
    tokens(kestra.login(person.username, _NEW))


def test_a_lock_of_keycloak_is_lifted(kestra: Kestra, person: Person, link: str, witness: Witness) -> None:
    with witness.own_detection():
        witness.lock(person.username)
        require_done(kestra.reset(link, _NEW))
        assert not witness.is_locked(person.id)
        assert witness.password_is(person.username, _NEW)


def test_the_address_is_verified_by_it(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness, listed_provider: str
) -> None:
    person = make_person(email_verified=False, factors=["webauthn-passwordless"])
    witness.admin.add_user_social_login(person.id, listed_provider, "sub-of-a-stranger", "stranger")
    kestra.forgot(person.email)
    require_done(kestra.reset(letters.token(person), _NEW))
    account = witness.admin.get_user(person.id)
    assert (account["emailVerified"], account["firstName"], account["lastName"]) == (True, "Test", "Person")
    assert [each["type"] for each in witness.admin.get_credentials(person.id)] == ["password"]
    assert witness.admin.get_user_social_logins(person.id) == []


def test_codes_are_void(kestra: Kestra, person: Person, link: str, letters: KestraLetters) -> None:
    kestra.request_code(person.email)
    code = letters.code(person, 2)
    require_done(kestra.reset(link, _NEW))
    refusal(kestra.login(person.email, code), 401)


@pytest.mark.parametrize("weak", _WEAK)
def test_a_weak_password_is_refused_and_a_good_one_taken_with_the_same_link(
    kestra: Kestra, kestra_gateway: ServedGateway, person: Person, link: str, witness: Witness, weak: str
) -> None:
    answer = kestra.reset(link, weak)
    assert problems(answer).keys() == {"password"}
    (told,) = told_of(kestra_gateway, answer, "password_set")
    assert (told["outcome"], told["reason"], told["account"]) == ("refused", "policy", person.id)
    assert witness.password_is(person.username, person.password)
    require_done(kestra.reset(link, _NEW))


def test_a_password_may_have_256_characters_and_no_more(
    kestra: Kestra, person: Person, link: str, witness: Witness
) -> None:
    longest = f"Aa1!{'ü' * 252}"
    assert problems(kestra.reset(link, f"{longest}ü")).keys() == {"password"}
    require_done(kestra.reset(link, longest))
    assert witness.password_is(person.username, longest)


@pytest.mark.parametrize(
    "new", [" Sp4ced out! ", "Zoë!Päss1wörd李", "A1!a\u0065\u0301xyz", "Tab\there1!", "Aa1!%00\\x"]
)
def test_a_password_is_kept_exactly(kestra: Kestra, person: Person, link: str, witness: Witness, new: str) -> None:
    require_done(kestra.reset(link, new))
    assert witness.password_is(person.username, new)
    assert not witness.password_is(person.username, new.strip()) or new == new.strip()


def test_the_same_password_may_be_set_again(kestra: Kestra, person: Person, link: str, witness: Witness) -> None:
    require_done(kestra.reset(link, person.password))
    assert witness.password_is(person.username, person.password)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"token": "x"},
        {"password": _NEW},
        {"token": "", "password": _NEW},
        {"token": "x", "password": ""},
        {"token": None, "password": _NEW},
        {"token": "x", "password": None},
    ],
)
def test_what_is_missing_is_named(kestra: Kestra, body: dict[str, object]) -> None:
    expected = {name for name in ("token", "password") if not body.get(name)}
    assert problems(kestra.post("/api/v1/reset-password", body)).keys() == expected


def test_further_members_set_nobody_else_s_password(
    kestra: Kestra, person: Person, link: str, make_person: PersonMaker, witness: Witness
) -> None:
    other = make_person()
    further = {"userId": other.id, "username": other.username, "email": other.email, "emailVerified": False}
    body = {"token": link, "password": _NEW, "roles": ["admin"], "attributes": {"x": ["y"]}, **further}
    require_done(kestra.post("/api/v1/reset-password", body))
    assert witness.password_is(person.username, _NEW)
    assert witness.password_is(other.username, other.password)
    assert witness.admin.get_user(person.id)["username"] == person.username


def test_a_bearer_is_not_looked_at(kestra: Kestra, person: Person, link: str) -> None:
    headers = {"authorization": "Bearer nonsense"}
    answer = kestra.http.post("/api/v1/reset-password", json={"token": link, "password": _NEW}, headers=headers)
    require_done(answer)


@pytest.fixture(scope="module")
def replica(kestra_variables: Mapping[str, str]) -> Iterator[Kestra]:
    """A second gateway that shares everything with the first."""
    with served_gateway(kestra_variables) as served, served.client() as client:
        yield Kestra(client)


def test_of_many_resets_at_once_on_two_replicas_one_wins(
    kestra: Kestra, replica: Kestra, person: Person, link: str, witness: Witness
) -> None:
    passwords = [f"Numb3r!{number:03d}" for number in range(10)]
    served = [kestra, replica]
    calls = [partial(served[number % 2].reset, link, password) for number, password in enumerate(passwords)]
    answers = at_once(calls)
    assert sorted(each.status_code for each in answers) == [200] + [404] * 9
    (winner,) = (password for password, each in zip(passwords, answers, strict=True) if each.status_code == 200)
    assert witness.password_is(person.username, winner)


def test_a_passkey_of_a_verified_account_stays(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    person = make_person(factors=["webauthn-passwordless"])
    kestra.forgot(person.email)
    require_done(kestra.reset(letters.token(person), _NEW))
    assert {each["type"] for each in witness.admin.get_credentials(person.id)} == {"password", "webauthn-passwordless"}


def test_a_second_factor_stays(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    person = make_person(totp="a-key-of-twenty-char")
    kestra.forgot(person.email)
    require_done(kestra.reset(letters.token(person), _NEW))
    assert {each["type"] for each in witness.admin.get_credentials(person.id)} == {"password", "otp"}
    refusal(kestra.login(person.username, _NEW), 401)


def test_the_owner_is_told(kestra: Kestra, person: Person, link: str, letters: KestraLetters) -> None:
    require_done(kestra.reset(link, _NEW))
    text = letters.text(person, 2)
    assert "password" in text
    assert _NEW not in text
