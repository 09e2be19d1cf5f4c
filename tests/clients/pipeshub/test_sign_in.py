"""Signing in with the published client."""

from collections.abc import Mapping

import pytest
import redis

from tests.clients.pipeshub.sdk import Sdk, refusal
from tests.conftest import Realm
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import PersonMaker
from tests.servers.stored import expire, only_key
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.pipeshub.people import BOTH, CODE, Letters, Members
from tests.surfaces.witness import claims

_WRONG = "Wr0ng!word"


def test_a_password_signs_in(sdk: Sdk, make_person: PersonMaker, realm: Realm) -> None:
    person = make_person()
    begun = sdk.init_auth(person.email).answer
    offered = {"currentStep": 0, "allowedMethods": ["password"], "message": "Authentication initialized"}
    assert begun["result"] == {**offered, "authProviders": {}} | ({"jitEnabled": False} if sdk.version.is_new else {})
    tokens = sdk.by_password(begun["headers"]["x-session-token"][0], person.password).answer
    assert tokens.keys() == {"message", "accessToken", "refreshToken"}
    said = claims(tokens["accessToken"])
    assert (said["iss"], said["sub"]) == (realm.issuer, person.id)


def test_a_password_then_a_mailed_code_signs_in(sdk: Sdk, page: Pipeshub, members: Members, letters: Letters) -> None:
    person = members(BOTH)
    token = sdk.begun(person.email)
    next_step = {"status": "success", "nextStep": 1, "allowedMethods": ["otp"], "authProviders": {}}
    assert sdk.by_password(token, person.password).answer == next_step
    assert page.ask_code(person.email).status_code == 200
    tokens = sdk.by_code(token, letters.code(person)).answer
    assert claims(tokens["accessToken"])["sub"] == person.id


def test_the_old_client_asks_for_its_code_itself(old_sdk: Sdk, members: Members, letters: Letters) -> None:
    person = members(CODE)
    asked = old_sdk.call("generate_login_otp", email=person.email)
    assert asked.answer == {"message": "A code has been sent to the address"}
    tokens = old_sdk.by_code(old_sdk.begun(person.email), letters.code(person)).answer
    assert claims(tokens["accessToken"])["sub"] == person.id


def test_a_wrong_password_is_the_clients_own_error_with_the_message(
    old_sdk: Sdk, new_sdk: Sdk, make_person: PersonMaker
) -> None:
    person = make_person()
    for sdk, kind in ((old_sdk, "AuthError"), (new_sdk, "ErrorResponse")):
        outcome = sdk.by_password(sdk.begun(person.email), _WRONG)
        message = refusal(outcome, 401, "INVALID_CREDENTIALS")
        assert (outcome.error["kind"], outcome.error["message"]) == (kind, message)


def test_a_wrong_code_is_wrong(sdk: Sdk, members: Members) -> None:
    refusal(sdk.by_code(sdk.begun(members(CODE).email), "000000"), 401, "INVALID_CREDENTIALS")


def test_an_unknown_e_mail_is_not_found(sdk: Sdk) -> None:
    refusal(sdk.init_auth("nobody@example.test"), 404, "USER_NOT_FOUND")


def test_the_old_client_gets_no_code_for_nobody(old_sdk: Sdk) -> None:
    refusal(old_sdk.call("generate_login_otp", email="nobody@example.test"), 404, "USER_NOT_FOUND")


def test_what_is_no_e_mail_is_invalid(sdk: Sdk) -> None:
    refusal(sdk.init_auth("nobody"), 400, "VALIDATION_ERROR")


@pytest.mark.parametrize("arguments", [{}, {"request": {}}])
def test_the_new_client_may_not_leave_the_e_mail_out(new_sdk: Sdk, arguments: dict[str, object]) -> None:
    refusal(new_sdk.call("init_auth", **arguments), 400, "VALIDATION_ERROR")


def test_a_used_up_sign_in_is_not_found(sdk: Sdk, make_person: PersonMaker) -> None:
    person = make_person()
    token = sdk.begun(person.email)
    assert sdk.by_password(token, person.password).answer["message"] == "Fully authenticated"
    refusal(sdk.by_password(token, person.password), 404, "SESSION_EXPIRED")


def test_a_method_of_another_step_is_not_allowed(sdk: Sdk, members: Members) -> None:
    refusal(sdk.by_code(sdk.begun(members(BOTH).email), "000000"), 400, "METHOD_NOT_ALLOWED")


def test_a_locked_account_is_told(sdk: Sdk, make_person: PersonMaker) -> None:
    person = make_person()
    token = sdk.begun(person.email)
    for _ in range(5):
        refusal(sdk.by_password(token, _WRONG), 401, "INVALID_CREDENTIALS")
    refusal(sdk.by_password(token, person.password), 403, "ACCOUNT_BLOCKED")
    refusal(sdk.init_auth(person.email), 403, "ACCOUNT_BLOCKED")


def test_a_code_after_its_time_is_gone(
    sdk: Sdk, page: Pipeshub, members: Members, letters: Letters, store: redis.Redis, variables: Mapping[str, str]
) -> None:
    person = members(CODE)
    page.ask_code(person.email)
    code = letters.code(person)
    kept = only_key(store, f"{variables['GATEWAY_REDIS__PREFIX']}*{person.id}*:code:sign-in")
    expire(store, kept)
    refusal(sdk.by_code(sdk.begun(person.email), code), 410, "OTP_EXPIRED")


def test_a_client_that_tries_again_does_so_when_it_is_told_to(sdk: Sdk, apart: Apart, make_person: PersonMaker) -> None:
    person = make_person()
    blocking = apart(LIMITS__FAILURES_PER_ADDRESS="1", LIMITS__FAILURE_WINDOW="6")
    with served_gateway(blocking) as served:
        retrying = sdk.at(served.url).retrying()
        token = retrying.begun(person.email)
        refusal(retrying.by_password(token, _WRONG), 401, "INVALID_CREDENTIALS")
        assert retrying.by_password(token, person.password).answer["message"] == "Fully authenticated"
        until(lambda: _statuses(served) == [401, 429, 200])


def _statuses(served: ServedGateway) -> list[int]:
    return [each["status"] for each in served.events if each.get("operation") == "authenticate"]
