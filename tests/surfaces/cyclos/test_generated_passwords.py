"""New passwords that are made and mailed (contract section 10, generated mode)."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial

import pytest
import redis

from gateway.state.keys import Keys
from tests.conftest import Stack
from tests.keycloak.changing import realm_changed
from tests.keycloak.people import RealmUnderTest
from tests.servers.gateway import watched_gateway
from tests.servers.people import Person
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.further import CHANGE, DATA_FOR_CHANGE, REQUEST, CyclosLetters, sent
from tests.surfaces.logged import awaited
from tests.surfaces.mailing import mailing_through
from tests.surfaces.outages import FINISHED_WITHIN, PROMPT, Replica, recovered, wired_gateway
from tests.surfaces.parallel import at_once
from tests.surfaces.wire import Moment
from tests.surfaces.witness import Witness


@pytest.fixture(scope="module")
def generating(cyclos_apart: Apart, stack: Stack) -> Iterator[Cyclos]:
    variables = cyclos_apart(CYCLOS__PASSWORD_MODE="generated", **mailing_through(stack))
    with watched_gateway(variables) as served, served.client() as client:
        yield Cyclos(client)


def _key(cyclos: Cyclos, person: Person, letters: CyclosLetters) -> str:
    require_empty(sent(cyclos, "POST", REQUEST, {"user": person.email}), 204)
    return letters.key(person)


def test_a_password_is_made_and_mailed(generating: Cyclos, person: Person, letters: CyclosLetters) -> None:
    key = _key(generating, person, letters)
    assert told(generating.call("GET", DATA_FOR_CHANGE, query={"key": key})) == {"generated": True}
    chosen = "Ch0sen!by-somebody"
    require_empty(sent(generating, "POST", CHANGE, {"key": key, "newPassword": chosen}), 204)
    letters.mailbox.wait_for_count(person.email, 3)
    made = letters.password(person)
    assert len(made) >= 16
    for refused in (chosen, person.password):
        refusal(generating.login(person.username, refused), 401, code="login")
    token_of(generating.login(person.username, made))
    refusal(sent(generating, "POST", CHANGE, {"key": key}), 404, entityType="ForgottenPasswordRequest")


def test_a_password_and_its_confirmation_are_of_no_concern(
    generating: Cyclos, person: Person, letters: CyclosLetters
) -> None:
    refusal(sent(generating, "POST", CHANGE, {"key": "made-up"}), 404, entityType="ForgottenPasswordRequest")
    body = {"key": _key(generating, person, letters), "checkConfirmation": True, "newPasswordConfirmation": "x"}
    require_empty(sent(generating, "POST", CHANGE, body), 204)


def test_of_two_at_once_one_is_made(generating: Cyclos, person: Person, letters: CyclosLetters) -> None:
    key = _key(generating, person, letters)
    answers = at_once([lambda: sent(generating, "POST", CHANGE, {"key": key})] * 4)
    assert sorted(each.status_code for each in answers) == [204, 404, 404, 404]
    letters.mailbox.wait_for_count(person.email, 3)
    token_of(generating.login(person.username, letters.password(person)))


def test_a_password_is_mailed_although_redis_is_lost_when_it_was_set(
    cyclos_apart: Apart, stack: Stack, person: Person, letters: CyclosLetters
) -> None:
    settings = {"CYCLOS__PASSWORD_MODE": "generated", **mailing_through(stack)}
    with wired_gateway(cyclos_apart, stack, Cyclos, **settings) as wired, ThreadPoolExecutor(1) as pool:
        key = _key(wired.client, person, letters)
        with ExitStack() as broken:
            with wired.keycloak.frozen(Moment("/reset-password ", "done")) as held:
                changing = pool.submit(sent, wired.client, "POST", CHANGE, {"key": key})
                assert held.wait(PROMPT)
                broken.enter_context(wired.redis.cut())
            assert changing.result().status_code in (204, 503)
        until(lambda: letters.passwords(person) != [])
        token_of(recovered(partial(wired.client.login, person.username, letters.password(person))))
        assert [each["outcome"] for each in awaited(wired.served, "password_mail", person.id)] == ["done"]


def test_a_password_that_another_one_has_replaced_is_not_mailed(
    cyclos_apart: Apart, stack: Stack, person: Person, letters: CyclosLetters, witness: Witness, store: redis.Redis
) -> None:
    variables = cyclos_apart(CYCLOS__PASSWORD_MODE="generated", **mailing_through(stack))
    outbox = Keys(variables["GATEWAY_REDIS__PREFIX"]).outbox
    with wired_gateway(Replica(variables), stack, Cyclos) as wired:
        key = _key(wired.client, person, letters)
        with wired.keycloak.cut(Moment("/reset-password ", "asked")) as cut:
            refusal(sent(wired.client, "POST", CHANGE, {"key": key}), 503)
            assert cut.is_set()
        witness.admin.set_user_password(person.id, "Ch0sen!elsewhere", temporary=False)
        until(lambda: store.xlen(outbox) == 0, within=FINISHED_WITHIN)
    assert letters.passwords(person) == []


def test_people_are_told_that_passwords_are_made(generating: Cyclos, person: Person) -> None:
    assert told(generating.data_for_login())["loginPasswordInput"]["mode"] == "generated"
    assert told(generating.auth())["passwordType"]["mode"] == "generated"
    assert told(generating.login(person.username, person.password))["passwordType"]["mode"] == "generated"


@pytest.mark.parametrize(
    "policy",
    ["length(30) and upperCase(4) and digits(6) and specialChars(5)", "maxLength(12) and notUsername(undefined)", ""],
)
def test_a_password_fits_the_realm_s_policy(
    cyclos_apart: Apart, stack: Stack, realm: RealmUnderTest, person: Person, letters: CyclosLetters, policy: str
) -> None:
    with realm_changed(realm, passwordPolicy=policy):
        variables = cyclos_apart(CYCLOS__PASSWORD_MODE="generated", **mailing_through(stack))
        with watched_gateway(variables) as served, served.client() as client:
            cyclos = Cyclos(client)
            require_empty(sent(cyclos, "POST", CHANGE, {"key": _key(cyclos, person, letters)}), 204)
            until(lambda: letters.mailbox.count(person.email) >= 3)
