"""A signal to stop while people are being served and mails are under way: nothing is lost (security R12)."""

import os
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

import pytest

from tests.conftest import Mailbox, Stack
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.counted import total
from tests.surfaces.outages import wired_gateway
from tests.surfaces.toan.answers import require_done, tokens
from tests.surfaces.toan.client import Toan
from tests.surfaces.wire import Moment, Wire, wire_to

_IN_FLIGHT = 20
_PATIENCE = 20.0
_MAILING = "/execute-actions-email"


def _stop(served: ServedGateway) -> None:
    """Tell it to stop, and wait until it has taken notice."""
    os.kill(served.pid, signal.SIGTERM)
    until(lambda: "draining" in {each["event"] for each in served.events})


def test_sign_ins_in_flight_are_all_answered(apart: Apart, stack: Stack, make_person: PersonMaker) -> None:
    people = [make_person() for _ in range(_IN_FLIGHT)]
    settings = {"KEYCLOAK__MAX_PASSWORD_CHECKS": str(_IN_FLIGHT), "KEYCLOAK__TIMEOUT": "5", "SERVER__DEADLINE": "5"}
    with wired_gateway(apart, stack, Toan, **settings) as wired, ThreadPoolExecutor(_IN_FLIGHT) as pool:
        with wired.keycloak.frozen(Moment("/token HTTP", "asked")) as frozen:
            futures = [pool.submit(wired.client.login, each.username, each.password) for each in people]
            assert frozen.wait(_PATIENCE)
            until(lambda: total(wired.served, "gateway_requests_in_flight") == _IN_FLIGHT)
            _stop(wired.served)
            assert not [each for each in futures if each.done()]
        for future in futures:
            tokens(future.result())


@pytest.fixture
def keycloak(stack: Stack) -> Iterator[tuple[Wire, str]]:
    """A wire to Keycloak, and the address that leads there through it."""
    with wire_to(stack.keycloak_url) as wire:
        yield wire


@pytest.mark.parametrize("stage", ["asked", "done"])
def test_a_mail_that_is_being_sent_is_sent_once(
    apart: Apart,
    keycloak: tuple[Wire, str],
    make_person: PersonMaker,
    mailbox: Mailbox,
    stage: Literal["asked", "done"],
) -> None:
    person, (wire, url) = make_person(), keycloak
    variables = apart(KEYCLOAK__URL=url, KEYCLOAK__TIMEOUT="5")
    with wire.frozen(Moment(_MAILING, stage)) as frozen, served_gateway(variables) as first:
        _ask(first, person)
        assert frozen.wait(_PATIENCE)
        _stop(first)
        wire.mend()
    _require_one_mail(variables, person, mailbox)


def test_a_mail_that_could_not_be_sent_any_more_is_sent_by_the_next(
    apart: Apart, keycloak: tuple[Wire, str], make_person: PersonMaker, mailbox: Mailbox
) -> None:
    person, (wire, url) = make_person(), keycloak
    variables = apart(KEYCLOAK__URL=url, KEYCLOAK__TIMEOUT="5")
    with wire.cut(Moment(_MAILING, "asked")) as cut, served_gateway(variables) as first:
        _ask(first, person)
        assert cut.wait(_PATIENCE)
        _stop(first)
    assert mailbox.count(person.email) == 0
    _require_one_mail(variables, person, mailbox)


def _ask(served: ServedGateway, person: Person) -> None:
    with served.client() as client:
        require_done(Toan(client).reset(person.username))


def _require_one_mail(variables: Mapping[str, str], person: Person, mailbox: Mailbox) -> None:
    """Demand that the mail has come once all that was left behind is done."""
    with served_gateway(variables) as later:
        mailbox.wait_for(person.email, 3 * _PATIENCE)
        until(lambda: total(later, "gateway_outbox_depth") == 0)
    assert mailbox.count(person.email) == 1
