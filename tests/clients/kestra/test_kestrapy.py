"""What Kestra's published client makes of the gateway (contract sections 0 and 1)."""

import time

import pytest

from devstack.children import free_port
from tests.clients.kestra.sdk import Sdk, refusal
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.witness import Witness, claims

_NEW = "An0ther!word"
_WRONG = "Wr0ng!word"
_AT_ONCE = 15.0
"""Seconds, of a client that has not waited, on a busy machine."""


def test_the_ways_to_sign_in_fit_the_client_s_strict_model(sdk: Sdk) -> None:
    told = sdk.index().told
    assert told["model"] == "AuthControllerAuth"
    expected = {"loginPassword": True, "mailsEnabled": True, "passwordless": True}
    assert told["answer"] == {**expected, "oauths": told["answer"]["oauths"]}


def test_a_forgotten_password_is_mended_by_mail(
    sdk: Sdk, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    person = make_person()
    signed_in = sdk.login_by_form(person.username, person.password).answer
    assert sdk.forgot(person.email).answer == {}
    token = letters.token(person)
    assert refusal(sdk.reset(token, "weak"), 422)["_embedded"]["errors"][0]["path"] == "password"
    assert sdk.reset(token, _NEW).answer == {}
    refusal(sdk.reset(token, "Y3t!another"), 404)
    assert witness.sessions(person.id) == set()
    assert not witness.refreshes(signed_in["refresh_token"])
    refusal(sdk.login_by_form(person.username, person.password), 401)
    assert sdk.login_by_form(person.username, _NEW).answer["username"] == person.username


def test_a_lock_is_lifted_by_it(sdk: Sdk, make_person: PersonMaker, letters: KestraLetters) -> None:
    person = make_person()
    for _ in range(5):
        refusal(sdk.login_by_form(person.username, _WRONG), 401)
    assert letters.text(person)  # the notice of it
    sdk.forgot(person.username)
    refusal(sdk.login_by_form(person.username, person.password), 401)
    assert sdk.reset(letters.token(person, 2), _NEW).answer == {}
    assert "access_token" in sdk.login_by_form(person.username, _NEW).answer


@pytest.mark.parametrize("local", ["", "a+b-", "a/b-"])
def test_a_mailed_code_signs_in_once(sdk: Sdk, make_person: PersonMaker, letters: KestraLetters, local: str) -> None:
    person = make_person(email=f"{local}{make_person().email}" if local else None)
    assert sdk.request_code(person.email).answer == {}
    code = letters.code(person)
    answer = sdk.login_by_form(person.email, code).answer
    assert (claims(answer["access_token"])["sub"], answer["token_type"]) == (person.id, "Bearer")
    refusal(sdk.login_by_form(person.email, code), 401)


def test_known_and_unknown_names_are_told_alike(sdk: Sdk, make_person: PersonMaker) -> None:
    person = make_person()
    for ask in (sdk.forgot, sdk.request_code):
        assert ask(person.email).told == ask(f"no-{person.email}").told
    errors = [sdk.login_by_form(name, _WRONG).error for name in (person.email, f"no-{person.email}")]
    assert errors[0] == errors[1]


def test_a_sign_in_that_sends_nothing_is_a_422(sdk: Sdk, make_person: PersonMaker) -> None:
    person = make_person()
    refusal(sdk.login(person.username, person.password), 422)


def test_what_is_missing_in_a_reset_is_named(sdk: Sdk) -> None:
    errors = refusal(sdk.reset(None, None), 422)["_embedded"]["errors"]
    assert {each["path"] for each in errors} == {"token", "password"}


def test_too_many_requests_are_told_at_once(sdk: Sdk, apart: Apart) -> None:
    with served_gateway(apart(KESTRA__RESET_MAX_REQUESTS="1")) as served:
        limited = sdk.at(served.url)
        assert limited.forgot("nobody").answer == {}
        began = time.monotonic()
        assert refusal(limited.forgot("nobody"), 429)["retryAfter"] > 3000
        assert time.monotonic() - began < _AT_ONCE
        until(lambda: _statuses(served) == [200, 429])


def test_an_outage_is_told_at_once(sdk: Sdk, apart: Apart) -> None:
    variables = apart(REDIS__URL=f"redis://127.0.0.1:{free_port()}/0")
    with served_gateway(variables, wait_ready=False) as served:
        began = time.monotonic()
        refusal(sdk.at(served.url).forgot("nobody"), 503)
        assert time.monotonic() - began < _AT_ONCE
        until(lambda: _statuses(served) == [503])


def _statuses(served: ServedGateway) -> list[int]:
    return [each["status"] for each in served.events if each.get("operation") == "forgotten_password"]


def test_a_feature_that_is_off_is_not_found(sdk: Sdk, apart: Apart) -> None:
    with served_gateway(apart(KESTRA__PASSWORDLESS="false")) as served:
        refusal(sdk.at(served.url).request_code("nobody@example.test"), 404)


def test_a_post_on_a_connection_that_was_idle_for_a_while_is_answered(sdk: Sdk, make_person: PersonMaker) -> None:
    person = make_person()
    sdk.index()
    time.sleep(6)
    assert "access_token" in sdk.login_by_form(person.username, person.password).answer
