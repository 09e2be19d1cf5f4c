"""A new password while a login awaits its second proof (contract section 10, security S21)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import pytest

from tests.conftest import Mailbox, Stack
from tests.servers.gateway import served_gateway
from tests.servers.people import Person
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.further import CHANGE, REQUEST, CyclosLetters, ask_for_code, give, sent
from tests.surfaces.mailing import mailing_through
from tests.surfaces.outages import Replica, Wired, wired_gateway
from tests.surfaces.waiting import until
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness

_NEW = "N3w!password"


@dataclass(frozen=True, slots=True)
class Replicas:
    """Two replicas that ask for a sent code beside the password.

    Attributes:
        wired: the one behind wires.
        other: speaks to the other one.
    """

    wired: Wired[Cyclos]
    other: Cyclos
    letters: CyclosLetters

    def pending(self, person: Person) -> tuple[Cyclos, str]:
        """Log in at the one behind wires, and have a code sent."""
        pending = self.wired.client.by_session(token_of(self.wired.client.login(person.username, person.password)))
        ask_for_code(pending)
        return pending, self.letters.code(person)

    def key(self, person: Person) -> str:
        """Have a key mailed."""
        require_empty(sent(self.other, "POST", REQUEST, {"user": person.username}), 204)
        return self.letters.key(person, 2)

    def change(self, key: str) -> None:
        """Set a new password."""
        require_empty(sent(self.other, "POST", CHANGE, {"key": key, "newPassword": _NEW}), 204)


@pytest.fixture(scope="module")
def replicas(cyclos_apart: Apart, stack: Stack, mailbox: Mailbox) -> Iterator[Replicas]:
    variables = cyclos_apart(CYCLOS__SECONDARY_PASSWORD="otp", KEYCLOAK__TIMEOUT="5", **mailing_through(stack))
    with (
        wired_gateway(Replica(variables), stack, Cyclos) as wired,
        served_gateway(variables) as other,
        other.client() as client,
    ):
        yield Replicas(wired, Cyclos(client), CyclosLetters(mailbox))


def test_a_login_that_awaits_its_code_ends(replicas: Replicas, person: Person, witness: Witness) -> None:
    pending, code = replicas.pending(person)
    replicas.change(replicas.key(person))
    refusal(give(pending, code), 401, code="loggedOut")
    assert witness.sessions(person.id) == set()
    token_of(replicas.other.login(person.username, _NEW))


def test_a_login_whose_code_is_being_judged_ends(replicas: Replicas, person: Person, witness: Witness) -> None:
    pending, code = replicas.pending(person)
    key = replicas.key(person)
    grant = Moment(f"POST /realms/{witness.realm}/protocol/openid-connect/token ", "asked")
    with ThreadPoolExecutor(1) as pool, replicas.wired.keycloak.frozen(grant) as held:
        giving = pool.submit(give, pending, code)
        assert held.wait(5)
        replicas.change(key)
        replicas.wired.keycloak.mend()
        refusal(giving.result(), 401, code="loggedOut")
    until(lambda: witness.sessions(person.id) == set())
    refusal(pending.auth(), 401, code="loggedOut")


def test_a_login_whose_old_password_was_just_found_right_ends(replicas: Replicas, person: Person) -> None:
    require_empty(sent(replicas.other, "POST", REQUEST, {"user": person.username}), 204)
    key = replicas.letters.key(person)
    login = partial(replicas.wired.client.login, person.username, person.password)
    with ThreadPoolExecutor(1) as pool, replicas.wired.keycloak.frozen(Moment(f"/users/{person.id} ", "asked")) as held:
        logging_in = pool.submit(login)
        assert held.wait(5)
        replicas.change(key)
        replicas.wired.keycloak.mend()
        pending = replicas.wired.client.by_session(token_of(logging_in.result()))
    refusal(pending.auth(), 401, code="loggedOut")
    refusal(ask_for_code(pending), 401, code="loggedOut")


def test_a_login_that_was_begun_afterwards_goes_on(replicas: Replicas, person: Person) -> None:
    replicas.other.login(person.username, person.password)
    require_empty(sent(replicas.other, "POST", REQUEST, {"user": person.username}), 204)
    replicas.change(replicas.letters.key(person))
    replicas.letters.text(person, 2)  # the notice of it
    pending = replicas.other.by_session(token_of(replicas.other.login(person.username, _NEW)))
    ask_for_code(pending)
    require_empty(give(pending, replicas.letters.code(person, 3)), 204)
    assert told(pending.auth())["pendingSecondaryPassword"] is False
