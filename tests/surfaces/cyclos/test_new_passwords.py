"""Two replicas: a new password while a login awaits its second proof, and single uses at both (security S8, S21)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import httpx
import pytest

from tests.conftest import Mailbox, Stack
from tests.servers.gateway import served_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.further import (
    CHANGE,
    REQUEST,
    CyclosLetters,
    activated_by_session,
    activation_code,
    ask_for_code,
    give,
    sent,
)
from tests.surfaces.mailing import mailing_through
from tests.surfaces.outages import PROMPT, Replica, Wired, wired_gateway
from tests.surfaces.parallel import at_once, undisturbed
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness

_NEW = "N3w!password"


@dataclass(frozen=True, slots=True)
class Replicas:
    """Two replicas that ask for a sent code beside the password.

    Attributes:
        wired: the one behind wires.
        other: speaks to the other one.
        variables: their settings, without the wires.
    """

    wired: Wired[Cyclos]
    other: Cyclos
    letters: CyclosLetters
    variables: Mapping[str, str]

    def pending(self, person: Person) -> tuple[Cyclos, str]:
        """Log in at the one behind wires, and have a code sent."""
        pending = self.wired.client.by_session(token_of(self.wired.client.login(person.username, person.password)))
        ask_for_code(pending)
        return pending, self.letters.code(person)

    def both(self, token: str) -> tuple[Cyclos, Cyclos]:
        """Come by a session to each of them."""
        return self.wired.client.by_session(token), self.other.by_session(token)

    def key(self, person: Person, count: int = 2) -> str:
        """Have a key mailed."""
        require_empty(sent(self.other, "POST", REQUEST, {"user": person.username}), 204)
        return self.letters.key(person, count)

    def change(self, key: str) -> None:
        """Set a new password."""
        require_empty(sent(self.other, "POST", CHANGE, {"key": key, "newPassword": _NEW}), 204)

    def overtaken(self, call: Callable[[], httpx.Response], at: Moment, key: str) -> httpx.Response:
        """Hold a call at a moment until a new password is set."""
        with ThreadPoolExecutor(1) as pool, self.wired.keycloak.frozen(at) as held:
            answer = pool.submit(call)
            if held.wait(PROMPT):
                self.change(key)
                self.wired.keycloak.mend()
            return answer.result()


@pytest.fixture(scope="module")
def replicas(cyclos_apart: Apart, stack: Stack, mailbox: Mailbox) -> Iterator[Replicas]:
    variables = cyclos_apart(CYCLOS__SECONDARY_PASSWORD="otp", **mailing_through(stack))
    with (
        wired_gateway(Replica(variables), stack, Cyclos, KEYCLOAK__TIMEOUT="5") as wired,
        served_gateway(variables) as other,
        other.client() as client,
    ):
        yield Replicas(wired, Cyclos(client), CyclosLetters(mailbox), variables)


def test_a_login_that_awaits_its_code_ends(replicas: Replicas, person: Person, witness: Witness) -> None:
    pending, code = replicas.pending(person)
    replicas.change(replicas.key(person))
    refusal(give(pending, code), 401, code="loggedOut")
    assert witness.sessions(person.id) == set()
    token_of(replicas.other.login(person.username, _NEW))


def test_a_login_whose_code_is_being_judged_ends(
    replicas: Replicas, make_person: PersonMaker, witness: Witness
) -> None:
    grant = Moment(f"POST /realms/{witness.realm}/protocol/openid-connect/token ", "asked")

    def race() -> list[httpx.Response]:
        person = make_person()
        pending, code = replicas.pending(person)
        answer = replicas.overtaken(partial(give, pending, code), grant, replicas.key(person))
        until(lambda: witness.sessions(person.id) == set())
        refusal(pending.auth(), 401, code="loggedOut")
        return [answer]

    (answer,) = undisturbed(race)
    refusal(answer, 401, code="loggedOut")


def test_a_login_whose_old_password_was_just_found_right_ends(replicas: Replicas, make_person: PersonMaker) -> None:
    def race() -> list[httpx.Response]:
        person = make_person()
        login = partial(replicas.wired.client.login, person.username, person.password)
        return [replicas.overtaken(login, Moment(f"/users/{person.id} ", "asked"), replicas.key(person, 1))]

    (answer,) = undisturbed(race)
    pending = replicas.wired.client.by_session(token_of(answer))
    refusal(pending.auth(), 401, code="loggedOut")
    refusal(ask_for_code(pending), 401, code="loggedOut")


def test_a_login_that_was_begun_afterwards_goes_on(replicas: Replicas, person: Person) -> None:
    replicas.other.login(person.username, person.password)
    replicas.change(replicas.key(person, 1))
    replicas.letters.text(person, 2)  # the notice of it
    pending = replicas.other.by_session(token_of(replicas.other.login(person.username, _NEW)))
    ask_for_code(pending)
    require_empty(give(pending, replicas.letters.code(person, 3)), 204)
    assert told(pending.auth())["pendingSecondaryPassword"] is False


def test_what_is_used_at_both_at_once_is_used_once(replicas: Replicas, person: Person, witness: Witness) -> None:
    pending, code = replicas.pending(person)
    both = replicas.both(pending.default["Session-Token"])
    assert _statuses(at_once([partial(give, each, code) for each in both])) == [204, 403]
    assert len(witness.sessions(person.id)) == 1

    activation = activation_code(replicas.variables, person)
    assert _statuses(at_once([partial(activated_by_session, each, activation) for each in both])) == [200, 404]
    assert len(witness.offline_sessions(person.id, "gateway-verified")) == 1

    body = {"key": replicas.key(person), "newPassword": _NEW}
    changes = [partial(sent, each, "POST", CHANGE, body) for each in both]
    assert _statuses(at_once(changes)) == [204, 404]


def _statuses(answers: Iterable[httpx.Response]) -> list[int]:
    return sorted(each.status_code for each in answers)
