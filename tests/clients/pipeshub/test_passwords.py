"""New passwords with the published client."""

from tests.clients.pipeshub.sdk import Sdk, refusal
from tests.servers.people import PersonMaker
from tests.surfaces.pipeshub.people import BOTH, Letters, Members

_NEW = "An0ther!word"


def test_a_password_is_changed_with_the_current_one(sdk: Sdk, make_person: PersonMaker) -> None:
    person = make_person()
    tokens = sdk.sign_in(person.email, person.password)
    assert sdk.bearing(tokens["accessToken"]).change(person.password, _NEW).answer is not None
    refusal(sdk.refresh(tokens["refreshToken"]), 401, "INVALID_TOKEN")
    refusal(sdk.by_password(sdk.begun(person.email), person.password), 401, "INVALID_CREDENTIALS")
    assert sdk.sign_in(person.email, _NEW)["message"] == "Fully authenticated"


def test_the_new_client_goes_on_with_the_token_of_the_change(new_sdk: Sdk, make_person: PersonMaker) -> None:
    person = make_person()
    signed_in = new_sdk.bearing(new_sdk.sign_in(person.email, person.password)["accessToken"])
    answer = signed_in.change(person.password, _NEW).answer
    assert answer["data"] == "password reset"
    assert new_sdk.bearing(answer["accessToken"]).change(_NEW, person.password).answer["data"] == "password reset"


def test_a_change_with_a_wrong_password_or_a_weak_one_is_refused(sdk: Sdk, make_person: PersonMaker) -> None:
    person = make_person()
    signed_in = sdk.bearing(sdk.sign_in(person.email, person.password)["accessToken"])
    refusal(signed_in.change("Wr0ng!word", _NEW), 401, "INVALID_CREDENTIALS")
    assert "at least 8" in refusal(signed_in.change(person.password, "weak"), 400, "VALIDATION_ERROR")
    refusal(sdk.change(person.password, _NEW), 401, "INVALID_TOKEN")
    refusal(sdk.bearing("nonsense").change(person.password, _NEW), 401, "INVALID_TOKEN")


def test_the_old_client_sets_a_password_by_a_mailed_link_once(
    old_sdk: Sdk, make_person: PersonMaker, letters: Letters
) -> None:
    person = make_person()
    assert old_sdk.call("forgot_password", email=person.email).answer.keys() == {"message"}
    token = letters.token(person)
    refusal(old_sdk.reset(token, "weak"), 400, "VALIDATION_ERROR")
    answer = old_sdk.reset(token, _NEW).answer
    assert answer["data"] == "password reset"
    assert "message" in old_sdk.bearing(answer["accessToken"]).call("logout").answer
    refusal(old_sdk.reset(token, person.password), 401, "INVALID_TOKEN")
    assert old_sdk.sign_in(person.email, _NEW)["message"] == "Fully authenticated"


def test_a_mailed_link_skips_no_second_step(old_sdk: Sdk, members: Members, letters: Letters) -> None:
    person = members(BOTH)
    old_sdk.call("forgot_password", email=person.email)
    assert old_sdk.reset(letters.token(person), _NEW).answer == {"data": "password reset"}


def test_the_old_client_learns_nothing_of_who_has_an_account(old_sdk: Sdk, make_person: PersonMaker) -> None:
    told = [old_sdk.call("forgot_password", email=each).answer for each in (make_person().email, "no@example.test")]
    assert told[0] == told[1]
