"""When CAPTCHA is asked for: after the request itself, before anything is looked up or counted (sections 6, 8, 10)."""

from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Mailbox, Stack
from tests.servers.bad_verdicts import REFUSING, UNCLEAR
from tests.servers.people import PersonMaker
from tests.servers.siteverify import Siteverify
from tests.surfaces.conftest import Apart
from tests.surfaces.outages import Wired, wired_gateway
from tests.surfaces.pipeshub.client import AUTHENTICATE, CHANGE, CODE, FORGOT, Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.guarded import NEW, Asker, solution
from tests.surfaces.pipeshub.people import BOTH, Letters, Members
from tests.surfaces.pipeshub.people import CODE as CODES
from tests.surfaces.witness import Witness

_WRONG = "Wr0ng!word"
_TRIES = 8
"""More than lock an account, and more than the limits of codes and links."""


@pytest.fixture
def asker(guarded: Pipeshub, make_person: PersonMaker, witness: Witness) -> Asker:
    """Somebody new."""
    person = make_person()
    return Asker(guarded, person, str(witness.verified(person.username)["access_token"]))


def _refused(answer: httpx.Response) -> None:
    refusal(answer, 401, "INVALID_CAPTCHA")


def _by_password(guarded: Pipeshub, token: str, password: str, captcha: str) -> httpx.Response:
    return guarded.authenticate(token, "password", {"password": password}, **solution(captcha))


def test_no_password_is_evaluated_for_a_refused_captcha(
    asker: Asker, verifier: Siteverify, witness: Witness, mailbox: Mailbox
) -> None:
    guarded, person = asker.pipeshub, asker.person
    token, before = guarded.begun(person.email), witness.sessions(person.id)
    with witness.realm_with(eventsEnabled=True):
        for way in (REFUSING["no"], UNCLEAR["hung up"]):
            for password in (_WRONG, person.password) * (_TRIES // 2):
                _refused(_by_password(guarded, token, password, verifier.misbehaving(way)))
        assert witness.failed_sign_ins(person.id) == 0
        refusal(_by_password(guarded, token, _WRONG, verifier.solved()), 401, "INVALID_CREDENTIALS")
        assert witness.failed_sign_ins(person.id) == 1
    assert witness.sessions(person.id) == before
    assert mailbox.count(person.email) == 0
    fully(_by_password(guarded, token, person.password, verifier.solved()))


def test_a_refused_captcha_is_not_counted_as_a_wrong_password(asker: Asker, verifier: Siteverify) -> None:
    guarded, person = asker.pipeshub, asker.person
    token = guarded.begun(person.email)
    for _ in range(4):
        refusal(_by_password(guarded, token, _WRONG, verifier.solved()), 401, "INVALID_CREDENTIALS")
    for _ in range(_TRIES):
        _refused(_by_password(guarded, token, _WRONG, "made up"))
    fully(_by_password(guarded, token, person.password, verifier.solved()))


def test_no_current_password_is_evaluated_for_a_refused_captcha(
    asker: Asker, verifier: Siteverify, witness: Witness
) -> None:
    signed_in = asker.pipeshub.bearing(asker.access_token)

    def change(current: str, captcha: str) -> httpx.Response:
        return signed_in.post(CHANGE, {"currentPassword": current, "newPassword": NEW, **solution(captcha)})

    with witness.realm_with(eventsEnabled=True):
        for current in (_WRONG, asker.person.password) * (_TRIES // 2):
            _refused(change(current, "made up"))
        assert witness.failed_sign_ins(asker.person.id) == 0
    assert witness.password_is(asker.person.username, asker.person.password)
    refusal(change(_WRONG, verifier.solved()), 401, "INVALID_CREDENTIALS")
    assert change(asker.person.password, verifier.solved()).status_code == 200


@pytest.mark.parametrize("path", [CODE, FORGOT])
def test_a_refused_captcha_uses_no_limit_up_and_is_refused_beyond_it_too(
    guarded: Pipeshub, members: Members, verifier: Siteverify, letters: Letters, path: str
) -> None:
    person = members(CODES)

    def ask(captcha: str) -> httpx.Response:
        return guarded.post(path, {"email": person.email, **solution(captcha)})

    for _ in range(_TRIES):
        _refused(ask("made up"))
    assert [ask(verifier.solved()).status_code for _ in range(6)] == [200] * 5 + [429]
    _refused(ask("made up"))
    letters.mailbox.wait_for_count(person.email, 5)
    assert letters.mailbox.count(person.email) == 5


def test_a_refused_captcha_leaves_the_code_on_its_way_as_it_is(
    guarded: Pipeshub, members: Members, verifier: Siteverify, letters: Letters
) -> None:
    person = members(CODES)
    assert guarded.post(CODE, {"email": person.email, **solution(verifier.solved())}).status_code == 200
    code = letters.code(person)
    _refused(guarded.ask_code(person.email))
    fully(guarded.by_code(guarded.begun(person.email), code))


def test_nobody_is_told_apart_by_a_refused_captcha(
    guarded: Pipeshub, make_person: PersonMaker, verifier: Siteverify
) -> None:
    emails = [make_person().email, make_person(enabled=False).email, "nobody@example.test"]
    for path in (CODE, FORGOT):
        told = [guarded.post(path, {"email": email, **solution("made up")}) for email in emails]
        assert {(each.status_code, each.text) for each in told} == {(401, told[0].text)}
    refusal(guarded.post(CODE, {"email": emails[2], **solution(verifier.solved())}), 404, "USER_NOT_FOUND")


@pytest.fixture(scope="module")
def wired(guarded_apart: Apart, stack: Stack) -> Iterator[Wired[Pipeshub]]:
    """A gateway with CAPTCHA, behind wires."""
    with wired_gateway(guarded_apart, stack, Pipeshub) as served:
        yield served


def test_neither_keycloak_nor_redis_is_asked_for_a_refused_captcha(
    wired: Wired[Pipeshub], make_person: PersonMaker, verifier: Siteverify
) -> None:
    pipeshub = wired.client
    person = make_person()
    token = pipeshub.begun(person.email)
    with wired.keycloak.cut():
        _refused(_by_password(pipeshub, token, person.password, "made up"))
        refusal(_by_password(pipeshub, token, person.password, verifier.solved()), 503, "UNAVAILABLE")
        with wired.redis.cut():
            for path in (CODE, FORGOT):
                _refused(pipeshub.post(path, {"email": person.email, **solution("made up")}))
                answer = pipeshub.post(path, {"email": person.email, **solution(verifier.solved())})
                refusal(answer, 503, "UNAVAILABLE")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (CODE, {"email": "nobody"}),
        (CODE, {}),
        (FORGOT, {"email": ["a@b.cd"]}),
        (FORGOT, {}),
        (CHANGE, {"currentPassword": "x"}),
        (CHANGE, {"currentPassword": 1, "newPassword": NEW}),
    ],
)
def test_the_shape_is_judged_first(asker: Asker, verifier: Siteverify, path: str, body: dict[str, object]) -> None:
    token = verifier.solved()
    answer = asker.pipeshub.bearing(asker.access_token).post(path, {**body, **solution(token)})
    refusal(answer, 400, "VALIDATION_ERROR")
    assert verifier.asked_about(token) == []


def test_a_step_is_judged_first(guarded: Pipeshub, members: Members, verifier: Siteverify) -> None:
    person, captcha = members(BOTH), solution(verifier.solved())
    good = {"method": "password", "credentials": {"password": person.password}, **captcha}
    token = guarded.begun(person.email)
    for body, status, identifier in (
        ({**good, "email": "other@example.test"}, 400, "VALIDATION_ERROR"),
        ({**good, "method": "otp", "credentials": {"otp": "000000"}}, 400, "METHOD_NOT_ALLOWED"),
        ({**good, "credentials": {"password": ""}}, 400, "VALIDATION_ERROR"),
        ({**good, "credentials": "text"}, 400, "VALIDATION_ERROR"),
    ):
        refusal(guarded.post(AUTHENTICATE, body, {"x-session-token": token}), status, identifier)
    refusal(guarded.post(AUTHENTICATE, good), 401, "INVALID_TOKEN")
    refusal(guarded.post(AUTHENTICATE, good, {"x-session-token": "unknown"}), 404, "SESSION_EXPIRED")
    next_step(guarded.post(AUTHENTICATE, good, {"x-session-token": token}))
    refusal(guarded.post(AUTHENTICATE, good, {"x-session-token": token}), 400, "METHOD_NOT_ALLOWED")
    assert len(verifier.asked_about(str(captcha["cf-turnstile-response"]))) == 1


def test_a_bearer_is_judged_first(guarded: Pipeshub, verifier: Siteverify) -> None:
    token = verifier.solved()
    body = {"currentPassword": "x", "newPassword": NEW, **solution(token)}
    refusal(guarded.bearing("nonsense").post(CHANGE, body), 401, "INVALID_TOKEN")
    assert verifier.asked_about(token) == []


def test_the_other_operations_ask_for_none(
    guarded: Pipeshub, members: Members, verifier: Siteverify, letters: Letters
) -> None:
    person = members(CODES)
    assert guarded.post(CODE, {"email": person.email, **solution(verifier.solved())}).is_success
    code, before = letters.code(person), len(verifier.asked)
    tokens = fully(guarded.by_code(guarded.begun(person.email), code))
    assert guarded.refresh(tokens["refreshToken"]).status_code == 200
    assert guarded.bearing(tokens["accessToken"]).logout().status_code == 200
    assert len(verifier.asked) == before


def test_a_mailed_link_needs_no_second_captcha(
    guarded: Pipeshub, make_person: PersonMaker, verifier: Siteverify, letters: Letters
) -> None:
    person = make_person()
    assert guarded.post(FORGOT, {"email": person.email, **solution(verifier.solved())}).is_success
    assert guarded.reset(letters.token(person), NEW).status_code == 200


def test_a_lock_is_told_after_the_captcha(guarded: Pipeshub, make_person: PersonMaker, verifier: Siteverify) -> None:
    person = make_person()
    token = guarded.begun(person.email)
    for _ in range(5):
        _by_password(guarded, token, _WRONG, verifier.solved())
    _refused(_by_password(guarded, token, person.password, "made up"))
    refusal(_by_password(guarded, token, person.password, verifier.solved()), 403, "ACCOUNT_BLOCKED")
