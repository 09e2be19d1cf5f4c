"""CAPTCHA at the four operations that ask for one, and whatever its verifier says (contract section 9)."""

from dataclasses import replace
from functools import partial

import httpx
import pytest

from devstack.children import free_port
from tests.conftest import Mailbox
from tests.servers.bad_verdicts import REFUSING, SLOW, UNCLEAR
from tests.servers.gateway import served_gateway
from tests.servers.siteverify import Siteverify, Way
from tests.surfaces.conftest import Apart
from tests.surfaces.parallel import at_once
from tests.surfaces.pipeshub.client import Pipeshub, fully, refusal
from tests.surfaces.pipeshub.guarded import CALLS, EITHER, NEW, Asker, Call, solution
from tests.surfaces.pipeshub.people import Letters, Members
from tests.surfaces.witness import Witness, claims

_NOT_YES = {**REFUSING, **UNCLEAR}
_NESTED = "speakeasy-sdk/python 1.7.0 2.900.0 1.0.0 pipeshub-sdk"


@pytest.fixture
def asker(guarded: Pipeshub, members: Members, witness: Witness) -> Asker:
    """Somebody new."""
    person = members(EITHER)
    return Asker(guarded, person, str(witness.verified(person.username)["access_token"]))


@pytest.fixture(scope="module")
def refused(guarded: Pipeshub, members: Members, witness: Witness) -> Asker:
    """Somebody who is refused all the time, so that nothing ever changes for him."""
    person = members(EITHER)
    return Asker(guarded, person, str(witness.verified(person.username)["access_token"]))


def _refused(answer: httpx.Response) -> None:
    refusal(answer, 401, "INVALID_CAPTCHA")


def test_a_solved_captcha_lets_each_operation_through(
    asker: Asker, verifier: Siteverify, witness: Witness, letters: Letters
) -> None:
    tokens = [verifier.solved() for _ in CALLS]
    answers = [call(asker, **solution(token)) for call, token in zip(CALLS.values(), tokens, strict=True)]
    assert [each.status_code for each in answers] == [200] * 4, [each.text for each in answers]
    fully(answers[0])
    assert letters.text(asker.person, 3)
    assert witness.password_is(asker.person.username, NEW)
    assert witness.sessions(asker.person.id) == {claims(answers[2].json()["accessToken"])["sid"]}
    for token in tokens:
        told = {"secret": verifier.secret, "response": token, "remoteip": "127.0.0.1"}
        assert verifier.asked_about(token) == [told]


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("way", _NOT_YES.values(), ids=_NOT_YES)
def test_whatever_is_no_yes_is_refused(refused: Asker, verifier: Siteverify, call: Call, way: Way) -> None:
    token = verifier.misbehaving(way)
    _refused(call(refused, **solution(token)))
    assert verifier.asked_about(token)
    assert verifier.lost == []


def test_a_verifier_that_takes_too_long_is_not_waited_for(refused: Asker, verifier: Siteverify) -> None:
    tokens = [(call, verifier.misbehaving(way)) for call in CALLS.values() for way in SLOW.values()]
    for answer in at_once([partial(call, refused, **solution(token)) for call, token in tokens]):
        _refused(answer)
    assert all(verifier.asked_about(token) for _, token in tokens)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("captcha", [{}, solution(None), solution("")], ids=["absent", "null", "empty"])
def test_nobody_is_asked_about_no_solution(
    refused: Asker, verifier: Siteverify, call: Call, captcha: dict[str, object]
) -> None:
    before = len(verifier.asked)
    _refused(call(refused, **captcha))
    assert len(verifier.asked) == before


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("captcha", [1, True, ["x"], {"token": "x"}, "x" * 2049], ids=repr)
def test_what_is_no_token_is_invalid(refused: Asker, verifier: Siteverify, call: Call, captcha: object) -> None:
    before = len(verifier.asked)
    refusal(call(refused, **solution(captcha)), 400, "VALIDATION_ERROR")
    assert len(verifier.asked) == before


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_a_token_may_have_2048_characters(refused: Asker, verifier: Siteverify, call: Call) -> None:
    longest = "ü&=%" * 512
    before = len(verifier.asked_about(longest))
    _refused(call(refused, **solution(longest)))
    assert len(verifier.asked_about(longest)) == before + 1


def test_all_these_refusals_have_left_everything_as_it_was(
    refused: Asker, verifier: Siteverify, witness: Witness, mailbox: Mailbox
) -> None:
    assert mailbox.count(refused.person.email) == 0
    assert witness.sessions(refused.person.id) == {claims(refused.access_token)["sid"]}
    assert witness.password_is(refused.person.username, refused.person.password)
    fully(refused.authenticate(**solution(verifier.solved())))


def test_a_solution_lets_one_call_through(asker: Asker, verifier: Siteverify) -> None:
    token = verifier.solved()
    answers = at_once([lambda: asker.generate_otp(**solution(token))] * 4)
    assert sorted(each.status_code for each in answers) == [200, 401, 401, 401]
    _refused(asker.authenticate(**solution(token)))


def test_a_verifier_out_of_reach_lets_nobody_through(guarded_apart: Apart, refused: Asker) -> None:
    variables = guarded_apart(CAPTCHA__VERIFY_URL=f"http://127.0.0.1:{free_port()}/siteverify")
    with served_gateway(variables) as served, served.client() as client:
        there = replace(refused, pipeshub=Pipeshub(client))
        for call in CALLS.values():
            _refused(call(there, **solution("whatever")))


def test_newer_clients_read_the_refusal_in_their_envelope(guarded: Pipeshub) -> None:
    answer = guarded.sending(user_agent=_NESTED).forgot("nobody@example.test")
    assert answer.status_code == 401
    error = answer.json()["error"]
    assert (error["code"], error["metadata"]) == ("HTTP_UNAUTHORIZED", {"code": "INVALID_CAPTCHA"})
