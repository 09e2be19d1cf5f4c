"""Sign-ins that were proven before the password changed, and would have their tokens afterwards (security S21)."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.gateway import served_gateway
from tests.servers.people import Person
from tests.servers.waiting import until
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.people import BOTH, CODE, Letters, Members
from tests.surfaces.wire import Moment, Wire, wire_to
from tests.surfaces.witness import Witness, claims

_NEW = "An0ther!word"
_TOKENS = Moment("/protocol/openid-connect/token", "asked")


@pytest.fixture(scope="module")
def slow(mailing: Mapping[str, str], stack: Stack) -> Iterator[tuple[Wire, Pipeshub]]:
    """A replica of the shared gateway, whose way to Keycloak can be held up; it waits as long as it may."""
    with wire_to(stack.keycloak_url) as (keycloak, url):
        patient = {"GATEWAY_KEYCLOAK__URL": url, "GATEWAY_KEYCLOAK__TIMEOUT": "5"}
        with served_gateway({**mailing, **patient}) as served, served.client() as client:
            yield keycloak, Pipeshub(client)


@contextmanager
def _held(keycloak: Wire, pipeshub: Pipeshub, token: str, code: str) -> Iterator[list[httpx.Response]]:
    """Prove the last step by a code, and hold it up from before it asks for the tokens until the block ends."""
    answers: list[httpx.Response] = []
    with ThreadPoolExecutor(1) as pool:
        with keycloak.frozen(_TOKENS) as reached:
            proving = pool.submit(pipeshub.by_code, token, code)
            assert reached.wait(5)
            yield answers
        answers.append(proving.result())


def _asked(pipeshub: Pipeshub, letters: Letters, person: Person) -> tuple[str, str]:
    """Ask for a code and for a link; return both."""
    assert pipeshub.ask_code(person.email).status_code == 200
    code = letters.code(person)
    assert pipeshub.forgot(person.email).status_code == 200
    return code, letters.token(person, 2)


def test_a_code_proven_before_a_new_password_leaves_no_session(
    slow: tuple[Wire, Pipeshub], pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness
) -> None:
    keycloak, replica = slow
    person = members(CODE)
    code, link = _asked(pipeshub, letters, person)
    with _held(keycloak, replica, replica.begun(person.email), code) as answers:
        reset = pipeshub.reset(link, _NEW)
    assert reset.status_code == 200, reset.text
    refusal(answers[0], 401, "INVALID_CREDENTIALS")
    until(lambda: witness.sessions(person.id) == {claims(reset.json()["accessToken"])["sid"]})


def test_a_last_step_proven_before_a_new_password_leaves_no_session(
    slow: tuple[Wire, Pipeshub], pipeshub: Pipeshub, members: Members, letters: Letters, witness: Witness
) -> None:
    keycloak, replica = slow
    person = members(BOTH)
    code, link = _asked(pipeshub, letters, person)
    token = replica.begun(person.email)
    next_step(replica.by_password(token, person.password))
    with _held(keycloak, replica, token, code) as answers:
        assert pipeshub.reset(link, _NEW).status_code == 200
    refusal(answers[0], 401, "INVALID_CREDENTIALS")
    until(lambda: witness.sessions(person.id) == set())
    refusal(replica.by_code(token, code), 404, "SESSION_EXPIRED")


def test_a_sign_in_after_a_new_password_is_complete(pipeshub: Pipeshub, members: Members, letters: Letters) -> None:
    person = members(CODE)
    _, link = _asked(pipeshub, letters, person)
    assert pipeshub.reset(link, _NEW).status_code == 200
    assert "password" in letters.text(person, 3)
    assert pipeshub.ask_code(person.email).status_code == 200
    fully(pipeshub.by_code(pipeshub.begun(person.email), letters.code(person, 4)))
