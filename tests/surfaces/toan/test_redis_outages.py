"""Redis away, frozen or cut off: no limit can be kept, so nothing is guessed (security S12, R3)."""

from collections.abc import Iterator

import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.answers import tokens
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.outages import Wired, closed_port, recovered, require_unavailable


@pytest.fixture(scope="module")
def alone(apart: Apart) -> Iterator[Toan]:
    """A gateway that has never reached Redis."""
    variables = apart(REDIS__URL=f"redis://127.0.0.1:{closed_port()}/0")
    with served_gateway(variables, wait_ready=False) as served, served.client() as client:
        yield Toan(client)


def test_right_password_is_not_evaluated_without_redis(alone: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    require_unavailable(alone.login(person.username, person.password))


def test_reset_is_unavailable_without_redis(alone: Toan, make_person: PersonMaker) -> None:
    require_unavailable(alone.reset(make_person().username))


def test_process_lives_without_redis(alone: Toan) -> None:
    assert alone.http.get("/healthz").status_code == 200


def test_frozen_redis_admits_no_guess_and_makes_none_late(wired: Wired, make_person: PersonMaker) -> None:
    person, toan = make_person(), wired.toan
    with wired.redis.frozen():
        answers = at_once([lambda: toan.login(person.username, person.password)] * 12)
    for each in answers:
        require_unavailable(each)
    tokens(recovered(lambda: toan.login(person.username, person.password)))


def test_sign_in_is_unavailable_until_redis_is_back(wired: Wired, make_person: PersonMaker) -> None:
    person, toan = make_person(), wired.toan
    with wired.redis.cut():
        require_unavailable(toan.login(person.username, person.password))
        require_unavailable(toan.reset(person.username))
    tokens(recovered(lambda: toan.login(person.username, person.password)))
