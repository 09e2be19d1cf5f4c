"""A mail server that is away or slow: mails come later, or it is told that they never will (security R10)."""

import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import httpx
import pytest
import redis

from devstack.children import free_port
from gateway.state.keys import Keys
from tests.conftest import Mailbox, Stack
from tests.mail.servers import Process, mail_process
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import PersonMaker
from tests.servers.stored import only_key
from tests.servers.waiting import until
from tests.surfaces import counted
from tests.surfaces.conftest import Apart
from tests.surfaces.parallel import at_once
from tests.surfaces.pipeshub.client import Pipeshub, fully, refusal
from tests.surfaces.pipeshub.people import CODE, Letters, Members, other_than

_NEW = "An0ther!word"
_GIVEN_UP = "gateway_outbox_given_up_total"
_LINK = "reset_link"
_SECONDS = 10.0


@pytest.fixture
def down(mailing_apart: Apart) -> Mapping[str, str]:
    """The variables of a gateway whose mail server is down."""
    return mailing_apart(MAIL__PORT=str(free_port()))


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[Process]:
    """A mail server that a test may freeze."""
    with mail_process(tmp_path) as process:
        yield process


def _up(variables: Mapping[str, str], stack: Stack) -> dict[str, str]:
    return {**variables, "GATEWAY_MAIL__PORT": str(stack.smtp_port)}


def _told(gateway: ServedGateway, event: str) -> list[str]:
    return [each["kind"] for each in gateway.events if each["event"] == event]


def test_mails_that_a_gateway_owed_when_it_ended_are_sent_once_by_the_next_one(
    down: Mapping[str, str],
    make_person: PersonMaker,
    letters: Letters,
    mailbox: Mailbox,
    store: redis.Redis,
    stack: Stack,
) -> None:
    forgetful, locked = make_person(), make_person()
    with served_gateway(down) as served, served.client() as client:
        assert Pipeshub(client).forgot(forgetful.email).status_code == 200
        token = Pipeshub(client).begun(locked.email)
        for _ in range(5):
            Pipeshub(client).by_password(token, "wrong")
        until(lambda: {_LINK, "notice"} <= set(_told(served, "delivery_failed")))
    assert mailbox.count(forgetful.email) + mailbox.count(locked.email) == 0
    with served_gateway(_up(down, stack)) as served, served.client() as client:
        until(lambda: store.xlen(Keys(down["GATEWAY_REDIS__PREFIX"]).outbox) == 0)
        assert Pipeshub(client).reset(letters.token(forgetful), _NEW).status_code == 200
        assert "Too many wrong passwords or codes" in letters.text(locked)
        until(lambda: store.xlen(Keys(down["GATEWAY_REDIS__PREFIX"]).outbox) == 0)
        assert counted.total(served, _GIVEN_UP) == 0
    assert mailbox.count(locked.email) == 1
    # The link, and the notice of the new password.
    assert [str(each["subject"]).count("was changed") for each in mailbox.all_to(forgetful.email)] == [0, 1]


def test_a_mail_whose_time_was_over_before_the_next_gateway_came_is_told_and_counted(
    down: Mapping[str, str], make_person: PersonMaker, mailbox: Mailbox, stack: Stack
) -> None:
    person, lifetime = make_person(), 16
    brief = {**down, "GATEWAY_PIPESHUB__RESET_TTL": str(lifetime)}
    with served_gateway(brief) as served, served.client() as client:
        assert Pipeshub(client).forgot(person.email).status_code == 200
        until(lambda: _LINK in _told(served, "delivery_failed"))
        assert _told(served, "delivery_given_up") == []
    time.sleep(lifetime)
    with served_gateway(_up(brief, stack)) as served:
        until(lambda: counted.total(served, _GIVEN_UP, kind=_LINK) == 1)
        assert _told(served, "parcel_given_up") == [_LINK]
    assert mailbox.count(person.email) == 0


def test_a_mail_that_finds_no_server_in_its_time_is_given_up_told_and_counted(
    down: Mapping[str, str], make_person: PersonMaker
) -> None:
    with served_gateway({**down, "GATEWAY_PIPESHUB__RESET_TTL": "2"}) as served, served.client() as client:
        assert counted.total(served, _GIVEN_UP) == 0
        assert Pipeshub(client).forgot(make_person().email).status_code == 200
        until(lambda: counted.total(served, _GIVEN_UP, kind=_LINK) == 1)
        (told,) = [each for each in served.events if each["event"] == "delivery_given_up"]
        assert (told["kind"], told["reason"], told["level"]) == (_LINK, "Unavailable", "error")
        assert told["attempts"] >= 1
        assert counted.total(served, "gateway_outbox_depth") == 0


def test_an_owner_is_told_of_a_lock_once_there_is_room_again_in_a_mailbox_that_somebody_has_filled(
    mailing_apart: Apart, members: Members, letters: Letters, mailbox: Mailbox, store: redis.Redis
) -> None:
    person, variables = members(CODE), mailing_apart()
    with served_gateway(variables) as served, served.client() as client:
        pipeshub = Pipeshub(client)
        for _ in range(5):
            assert pipeshub.ask_code(person.email).status_code == 200
        token, wrong = pipeshub.begun(person.email), other_than(letters.code(person, 5))
        for _ in range(5):
            refusal(pipeshub.by_code(token, wrong), 401, "INVALID_CREDENTIALS")
        refusal(pipeshub.init(person.email), 403, "ACCOUNT_BLOCKED")
        until(lambda: "notice" in _told(served, "delivery_failed"))
        assert mailbox.count(person.email) == 5
        window = only_key(store, f"{variables['GATEWAY_REDIS__PREFIX']}*:limit:mails:*")
        store.delete(window)
        until(lambda: store.xlen(Keys(variables["GATEWAY_REDIS__PREFIX"]).outbox) == 0)
        assert "Too many wrong passwords or codes" in letters.text(person, 6)
    assert mailbox.count(person.email) == 6


def test_a_frozen_mail_server_keeps_nobody_waiting_and_mails_come_after_it(
    mailing_apart: Apart, own_server: Process, make_person: PersonMaker, members: Members
) -> None:
    person, coded, mailbox = make_person(), members(CODE), Mailbox(own_server.mails)
    with served_gateway(mailing_apart(MAIL__PORT=str(own_server.port))) as served, served.client() as client:
        pipeshub, letters = Pipeshub(client), Letters(mailbox)
        own_server.child.freeze()
        calls: list[Callable[[], httpx.Response]] = [
            lambda: pipeshub.ask_code(coded.email),
            lambda: pipeshub.forgot(person.email),
            lambda: pipeshub.by_password(pipeshub.begun(person.email), person.password),
        ]
        code, *others = at_once(calls)
        refusal(code, 503, "UNAVAILABLE")
        assert [each.status_code for each in others] == [200, 200]
        assert code.elapsed.total_seconds() < _SECONDS
        refusal(pipeshub.by_code(pipeshub.begun(coded.email), "000000"), 401, "INVALID_CREDENTIALS")
        own_server.child.thaw()
        until(lambda: mailbox.count(person.email) == 1)
        assert pipeshub.reset(letters.token(person), _NEW).status_code == 200
        assert pipeshub.ask_code(coded.email).status_code == 200
        fully(pipeshub.by_code(pipeshub.begun(coded.email), letters.code(coded)))


def test_a_mail_server_that_is_slow_but_in_time_sends_codes(
    mailing_apart: Apart, own_server: Process, members: Members
) -> None:
    person = members(CODE)
    patient = {"MAIL__CONNECT_TIMEOUT": "4.5", "MAIL__TIMEOUT": "4.5", "SERVER__DEADLINE": "5"}
    variables = mailing_apart(MAIL__PORT=str(own_server.port), **patient)

    def thaw() -> None:
        time.sleep(1)
        own_server.child.thaw()

    with served_gateway(variables) as served, served.client() as client:
        pipeshub = Pipeshub(client)
        own_server.child.freeze()
        calls: list[Callable[[], httpx.Response | None]] = [lambda: pipeshub.ask_code(person.email), thaw]
        answer = at_once(calls)[0]
        assert answer is not None
        assert (answer.status_code, answer.elapsed.total_seconds() > 0.5) == (200, True)
        fully(pipeshub.by_code(pipeshub.begun(person.email), Letters(Mailbox(own_server.mails)).code(person)))
