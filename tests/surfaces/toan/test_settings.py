"""What an operator has set is what toan does: values that no default has, on one gateway."""

import time
from collections.abc import Iterator
from functools import partial

import pytest

from tests.conftest import Mailbox
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.keycloak_page import lifetime_of, link_in
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.answers import problems, refusal, require_done
from tests.surfaces.toan.client import ALL, LOGIN, Toan

_PATIENCE = 20.0
_WINDOW = 3
_BODY = 2000


@pytest.fixture(scope="module")
def odd(apart: Apart) -> Iterator[Toan]:
    """A gateway with odd settings."""
    of_toan = {"TOAN__MAIL_LIMIT": "1", "TOAN__MAIL_WINDOW": str(_WINDOW), "TOAN__RESET_LINK_LIFETIME": "1234"}
    with served_gateway(apart(**of_toan, SERVER__MAX_BODY=str(_BODY))) as served, served.client() as client:
        yield Toan(client)


def test_link_works_as_long_as_is_set(odd: Toan, make_person: PersonMaker, mailbox: Mailbox) -> None:
    person = make_person()
    require_done(odd.reset(person.username))
    assert lifetime_of(link_in(mailbox.wait_for(person.email, _PATIENCE))) == 1234


def test_limit_of_mails_ends_with_the_window_that_is_set(odd: Toan, make_person: PersonMaker) -> None:
    name = make_person().username
    # At once, so that the window is not over between them.
    done, answer = sorted(at_once([partial(odd.reset, name)] * 2), key=lambda each: each.status_code)
    require_done(done)
    refusal(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= _WINDOW
    time.sleep(int(answer.headers["retry-after"]))
    require_done(odd.reset(name))


@pytest.mark.parametrize("path", ALL)
def test_body_longer_than_is_set_is_refused(odd: Toan, path: str) -> None:
    refusal(odd.post_raw(path, b" " * (_BODY + 1), {}), 413)


def test_body_as_long_as_is_set_is_read(odd: Toan) -> None:
    assert problems(odd.post_raw(LOGIN, b" " * _BODY, {}))
