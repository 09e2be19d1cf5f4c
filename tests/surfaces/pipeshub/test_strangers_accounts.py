"""Accounts that a stranger may have registered with somebody else's address (security S18)."""

from tests.servers.people import Person
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.people import BOTH, CODE, Letters, Members
from tests.surfaces.witness import Witness

NEW = "An0ther!word"
KEY = "stranger-totp-key-20"


def _link(witness: Witness, person: Person, provider: str) -> None:
    subject = f"sub-{person.username}"
    witness.admin.add_user_social_login(person.id, provider, subject, "stranger")
    assert len(_links(witness, person)) == 1


def _links(witness: Witness, person: Person) -> list[object]:
    return list(witness.admin.get_user_social_logins(person.id))


def _is_verified(witness: Witness, person: Person) -> bool:
    return bool(witness.admin.get_user(person.id)["emailVerified"])


def test_a_code_to_an_unverified_address_takes_the_account_from_the_stranger(
    pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness, listed_provider: str
) -> None:
    person = members(CODE, email_verified=False)
    _link(witness, person, listed_provider)
    strangers = witness.tokens("gateway", grant_type="password", username=person.username, password=person.password)
    pipeshub.ask_code(person.email)
    tokens = fully(pipeshub.by_code(pipeshub.begun(person.email), letters.code(person)))
    assert not witness.password_is(person.username, person.password)
    assert not witness.refreshes(strangers["refresh_token"])
    assert pipeshub.refresh(strangers["refresh_token"]).status_code == 401
    assert _links(witness, person) == []
    assert _is_verified(witness, person)
    assert pipeshub.refresh(tokens["refreshToken"]).status_code == 200
    assert witness.admin.get_user(person.id)["firstName"] == "Test"
    assert "Somebody has just signed in" in letters.text(person, 2)
    assert pipeshub.forgot(person.email).status_code == 200
    assert letters.token(person, 3)
    assert letters.mailbox.count(person.email) == 3


def test_a_code_proves_the_address_that_the_realm_wants_verified(
    pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness
) -> None:
    person = members(CODE, email_verified=False)
    with witness.realm_with(verifyEmail=True):
        form = {"grant_type": "password", "username": person.username, "password": person.password}
        assert not witness.grant("gateway-check", **form).is_success
        assert witness.admin.get_user(person.id)["requiredActions"] == ["VERIFY_EMAIL"]
        pipeshub.ask_code(person.email)
        fully(pipeshub.by_code(pipeshub.begun(person.email), letters.code(person)))
    assert _is_verified(witness, person)


def test_a_code_to_a_verified_address_takes_nothing(
    pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness, listed_provider: str
) -> None:
    person = members(CODE)
    _link(witness, person, listed_provider)
    pipeshub.ask_code(person.email)
    fully(pipeshub.by_code(pipeshub.begun(person.email), letters.code(person)))
    assert witness.password_is(person.username, person.password)
    assert len(_links(witness, person)) == 1


def test_a_wrong_code_takes_nothing(pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness) -> None:
    person = members(CODE, email_verified=False)
    pipeshub.ask_code(person.email)
    wrong = "000000" if letters.code(person) != "000000" else "000001"
    refusal(pipeshub.by_code(pipeshub.begun(person.email), wrong), 401, "INVALID_CREDENTIALS")
    assert witness.password_is(person.username, person.password)
    assert not _is_verified(witness, person)


def test_an_enrolled_second_factor_is_not_dropped_either(
    pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness
) -> None:
    person = members(CODE, email_verified=False, totp=KEY)
    pipeshub.ask_code(person.email)
    refusal(pipeshub.by_code(pipeshub.begun(person.email), letters.code(person)), 403, "ACCOUNT_NOT_READY")
    assert {each["type"] for each in witness.admin.get_credentials(person.id)} == {"password", "otp"}


def test_who_knows_the_password_as_well_keeps_it(
    pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness
) -> None:
    person = members(BOTH, email_verified=False)
    token = pipeshub.begun(person.email)
    assert next_step(pipeshub.by_password(token, person.password)) == (1, ["otp"])
    pipeshub.ask_code(person.email)
    fully(pipeshub.by_code(token, letters.code(person)))
    assert witness.password_is(person.username, person.password)


def test_a_password_set_by_a_mailed_link_leaves_the_stranger_no_way_in(
    pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness, listed_provider: str
) -> None:
    person = members(email_verified=False)
    _link(witness, person, listed_provider)
    pipeshub.forgot(person.email)
    answer = pipeshub.reset(letters.token(person), NEW)
    assert answer.status_code == 200, answer.text
    assert _links(witness, person) == []
    assert _is_verified(witness, person)
    assert witness.password_is(person.username, NEW)


def test_a_password_that_is_refused_takes_nothing(
    pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness, listed_provider: str
) -> None:
    person = members(email_verified=False)
    _link(witness, person, listed_provider)
    pipeshub.forgot(person.email)
    with witness.realm_with(passwordPolicy="length(30)"):
        refusal(pipeshub.reset(letters.token(person), NEW), 400, "VALIDATION_ERROR")
    assert len(_links(witness, person)) == 1
    assert not _is_verified(witness, person)
    assert witness.password_is(person.username, person.password)
    assert pipeshub.reset(letters.token(person), NEW).status_code == 200
    assert _links(witness, person) == []
