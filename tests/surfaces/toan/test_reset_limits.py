"""Resets asked for one name, no more than a few (contract section 3.4)."""

import time

import pytest
import redis

from gateway.state.keys import Keys
from tests.conftest import Mailbox
from tests.servers.gateway import served_gateway
from tests.servers.people import PersonMaker
from tests.servers.stored import only_key
from tests.surfaces.conftest import Apart
from tests.surfaces.outages import recovered
from tests.surfaces.parallel import at_once
from tests.surfaces.post import Post
from tests.surfaces.toan.answers import refusal, require_done
from tests.surfaces.toan.client import Toan


@pytest.mark.parametrize("known", [True, False])
def test_fourth_ask_is_told_when_to_come_back(toan: Toan, make_person: PersonMaker, *, known: bool) -> None:
    name = make_person().username if known else f"nobody-{time.monotonic_ns()}"
    for _ in range(3):
        require_done(toan.reset(name))
    answer = toan.reset(name)
    refusal(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 900


def test_spelling_does_not_widen_the_limit(toan: Toan, make_person: PersonMaker) -> None:
    name = make_person().username
    for spelled in (name, name.upper(), f" {name} "):
        require_done(toan.reset(spelled))
    refusal(toan.reset(name.title()), 429)


def test_asks_at_once_do_not_widen_the_limit(toan: Toan, make_person: PersonMaker, post: Post) -> None:
    person, before = make_person(), post.settled()
    answers = at_once([lambda: toan.reset(person.username)] * 12)
    assert sorted(each.status_code for each in answers) == [200] * 3 + [429] * 9
    assert post.settled() - before == {person.email: 3}


def test_limit_of_one_name_concerns_no_other(toan: Toan, make_person: PersonMaker) -> None:
    name, other = make_person().username, make_person().username
    for _ in range(4):
        toan.reset(name)
    require_done(toan.reset(other))


def test_asks_that_an_outage_has_lost_count_for_nothing(
    apart: Apart, make_person: PersonMaker, store: redis.Redis, mailbox: Mailbox
) -> None:
    person, variables = make_person(), apart()
    outbox = Keys(variables["GATEWAY_REDIS__PREFIX"]).outbox
    with served_gateway(variables) as served, served.client() as client:
        toan = Toan(client)
        store.delete(outbox)
        store.set(outbox, "no queue", ex=60)
        for _ in range(4):
            refusal(toan.reset(person.username), 503)
        store.delete(outbox)
        require_done(recovered(lambda: toan.reset(person.username)))
        mailbox.wait_for(person.email, 20)


def test_an_ask_is_no_more_counted_for_its_caller_when_the_count_of_its_name_is_lost(
    apart: Apart, make_person: PersonMaker, store: redis.Redis
) -> None:
    person, variables = make_person(), apart(LIMITS__MAILS_PER_ADDRESS="3")
    with served_gateway(variables) as served, served.client() as client:
        toan = Toan(client)
        require_done(toan.reset(person.username))
        count = only_key(store, f"{variables['GATEWAY_REDIS__PREFIX']}*limit:reset:*")
        store.delete(count)
        store.lpush(count, "no count")
        for _ in range(4):
            refusal(toan.reset(person.username), 503)
        store.delete(count)
        require_done(recovered(lambda: toan.reset(person.username)))
