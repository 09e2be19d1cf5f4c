"""One mailbox that everybody asks to have mails sent to, by every surface that sends any (security S11)."""

import re
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial

import httpx
import redis

from gateway.state.keys import Keys
from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.mailbox import text_of
from tests.servers.people import PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.client import Kestra
from tests.surfaces.parallel import at_once
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.toan.client import Toan

_ADDRESSES = 20
_OF_EACH = 2
_PAGES = re.compile(r"https://front\.example/(ui/)?reset-password[#?]token=([\w.-]+)")
_NEW = "An0ther!word"


def _asks(http: httpx.Client, email: str) -> Sequence[Callable[[], httpx.Response]]:
    """Ask each surface, so often."""
    surfaces = (Pipeshub(http).forgot, Kestra(http).forgot, Toan(http).reset)
    return [partial(each, email) for each in surfaces] * _OF_EACH


def _links(mailbox: Mailbox, email: str) -> list[tuple[bool, str]]:
    """Read the links of the gateway's own mails: whether it is Kestra's, and the token."""
    found = [_PAGES.search(text_of(mail)) for mail in mailbox.all_to(email)]
    return [(bool(link[1]), link[2]) for link in found if link is not None]


def _works(served: ServedGateway, link: tuple[bool, str]) -> bool:
    is_kestra, token = link
    with served.client() as http:
        answer = Kestra(http).reset(token, _NEW) if is_kestra else Pipeshub(http).reset(token, _NEW)
    assert answer.status_code in (200, 401, 404), answer.text
    return answer.is_success


def test_of_120_asks_at_once_by_three_surfaces_five_are_mailed_at_most_and_the_newest_link_works(
    mailing_apart: Apart, make_person: PersonMaker, mailbox: Mailbox, store: redis.Redis
) -> None:
    person, variables = make_person(), mailing_apart(SERVER__TRUSTED_PROXIES="127.0.0.0/8")
    with served_gateway(variables) as served, ExitStack() as opened:
        clients = [
            opened.enter_context(served.client(headers={"x-forwarded-for": f"203.0.113.{number}"}))
            for number in range(1, _ADDRESSES + 1)
        ]
        answers = at_once([ask for client in clients for ask in _asks(client, person.email)])
        assert len(answers) == 120
        assert {each.status_code for each in answers} <= {200, 429}
        until(lambda: store.xlen(Keys(variables["GATEWAY_REDIS__PREFIX"]).outbox) == 0)
        assert 1 <= mailbox.count(person.email) <= 5
        links = _links(mailbox, person.email)
        assert [_works(served, each) for each in links].count(True) == 1
