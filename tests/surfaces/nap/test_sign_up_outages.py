"""Keycloak, Redis or the mail server out of reach: nobody is left half made (security R1, R3, R15)."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass

import httpx
import pytest
import redis

from tests.conftest import Stack
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.patience import BY_DEFAULT
from tests.servers.people import Organization, PersonMaker
from tests.servers.stored import only_key
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting
from tests.surfaces.logged import awaited
from tests.surfaces.nap.client import Nap, refusal, succeeded, user_id
from tests.surfaces.nap.newcomers import Letters, Newcomer, a_domain, newcomer
from tests.surfaces.outages import FINISHED_WITHIN, PROMPT, in_time, recovered, until_nobody
from tests.surfaces.parallel import at_once
from tests.surfaces.wire import Moment, Wire, wire_to
from tests.surfaces.witness import Witness

_AGAIN = (httpx.codes.INTERNAL_SERVER_ERROR, httpx.codes.UNAUTHORIZED)


Invited = tuple[Newcomer, str]
"""Somebody, and the invitation."""
Mailed = tuple[str, str]
"""An address, and the token of a link that was mailed to it."""


@dataclass(frozen=True, slots=True)
class Running:
    """A gateway behind wires, and the command that invites for it."""

    served: ServedGateway
    nap: Nap
    inviting: Inviting
    wires: Mapping[str, Wire]


@pytest.fixture(scope="module")
def running(nap_apart: Apart, stack: Stack) -> Iterator[Running]:
    """One for people who sign in to organizations; the wires are open at first."""
    with (
        wire_to(stack.keycloak_url) as (keycloak, keycloak_url),
        wire_to(stack.redis_url) as (redis, redis_url),
        wire_to(f"smtp://{stack.smtp_host}:{stack.smtp_port}") as (smtp, _),
    ):
        plain = nap_apart(NAP__MULTITENANCY="true", LIMITS__MAILS_PER_MAILBOX="3", **BY_DEFAULT)
        urls = {"GATEWAY_KEYCLOAK__URL": keycloak_url, "GATEWAY_REDIS__URL": redis_url}
        mailing = {"GATEWAY_MAIL__HOST": "127.0.0.1", "GATEWAY_MAIL__PORT": str(smtp.port)}
        with served_gateway({**plain, **urls, **mailing}) as served, served.client() as client:
            wires = {"keycloak": keycloak, "redis": redis, "smtp": smtp}
            yield Running(served, Nap(client), Inviting(plain), wires)


@pytest.fixture
def invited(running: Running, acme: Organization) -> Invited:
    """Somebody who is to administer it."""
    somebody = newcomer()
    return somebody, running.inviting.token(somebody.email, acme.alias, "--role", "admin")


@pytest.fixture
def mailed(running: Running, letters: Letters, make_person: PersonMaker) -> Mailed:
    """Somebody who can prove an address."""
    person = make_person(email_verified=False)
    succeeded(_recovered(lambda: running.nap.send(person.email)))
    return person.email, letters.token(person.email)


def _recovered(call: Callable[[], httpx.Response]) -> httpx.Response:
    """Repeat a call until everything is there again, and what was claimed is given back."""
    return recovered(call, again=_AGAIN, within=FINISHED_WITHIN)


@pytest.mark.parametrize("dependency", ["keycloak", "redis"])
@pytest.mark.parametrize("way", ["cut", "frozen"])
def test_an_outage_is_a_500_in_time_and_makes_nobody(
    running: Running, invited: Invited, mailed: Mailed, witness: Witness, dependency: str, way: str
) -> None:
    (somebody, token), (address, link) = invited, mailed
    calls: list[Callable[[], httpx.Response]] = [
        lambda: running.nap.signup(somebody.body(inviteToken=token)),
        lambda: running.nap.send(address),
        lambda: running.nap.verify(link),
    ]
    with getattr(running.wires[dependency], way)():
        for answer in at_once(calls):
            refusal(in_time(answer), 500)
            assert "retry-after" not in answer.headers
    succeeded(_recovered(lambda: running.nap.verify(link)))
    until_nobody(witness, somebody.email)
    user_id(_recovered(lambda: running.nap.signup(somebody.body(inviteToken=token))))


@pytest.mark.parametrize("dependency", ["keycloak", "smtp"])
@pytest.mark.parametrize("way", ["cut", "frozen"])
def test_a_mail_that_an_outage_kept_back_counts_for_nobody(
    running: Running, make_person: PersonMaker, store: redis.Redis, dependency: str, way: str
) -> None:
    person = make_person(email_verified=False)
    succeeded(_recovered(lambda: running.nap.send(person.email)))
    asked = _mails_asked(running, store)
    with getattr(running.wires[dependency], way)():
        for answer in at_once([lambda: running.nap.send(person.email)] * 2):
            refusal(answer, 500)
    until(lambda: _mails_asked(running, store) == asked)
    for _ in range(2):
        succeeded(_recovered(lambda: running.nap.send(person.email)))
    refusal(running.nap.send(person.email), 429)


def _mails_asked(running: Running, store: redis.Redis) -> int:
    """Count the mails that the tests have asked that gateway for within an hour."""
    counter = only_key(store, f"{running.inviting.variables['GATEWAY_REDIS__PREFIX']}*:limit:mail-requests:*")
    return int(store.get(counter) or 0)


@pytest.mark.parametrize(
    "moment",
    [
        Moment("POST /admin/realms/{}/users ", "asked"),
        Moment("POST /admin/realms/{}/users ", "done"),
        Moment("POST /admin/realms/{}/users ", "answered"),
        Moment("/members ", "asked"),
        Moment("/members ", "done"),
        Moment("/groups?", "asked"),
        Moment("/groups/", "asked"),
        Moment("/groups/", "done"),
    ],
    ids=lambda moment: f"{moment.request.split('/')[-1].strip()} {moment.stage}",
)
def test_a_sign_up_that_breaks_off_leaves_nobody_and_a_good_invitation(
    running: Running, invited: Invited, witness: Witness, acme: Organization, moment: Moment
) -> None:
    somebody, token = invited
    at = Moment(moment.request.format(witness.realm), moment.stage)
    with running.wires["keycloak"].cut(at) as sprung:
        refusal(running.nap.signup(somebody.body(inviteToken=token)), 500)
        assert sprung.is_set()
    until_nobody(witness, somebody.email)
    made = user_id(_recovered(lambda: running.nap.signup(somebody.body(inviteToken=token))))
    assert witness.organizations(made) == {acme.alias}
    assert witness.organization_groups(made, acme.id) == {"admins"}
    time.sleep(1)
    assert [each["id"] for each in witness.accounts(somebody.email)] == [made]


@pytest.mark.parametrize(
    "moment",
    [Moment("/members ", "asked"), Moment("/members ", "done"), Moment("PUT /admin/realms/{}/users/", "asked")],
    ids=["before it joins", "once it has joined", "before it is verified"],
)
def test_a_verification_that_breaks_off_leaves_the_link_and_nobody_verified_who_has_not_joined(
    running: Running, letters: Letters, witness: Witness, acme: Organization, moment: Moment
) -> None:
    domain = a_domain()
    witness.give_domain(acme.id, domain)
    somebody = newcomer(domain)
    made = user_id(_recovered(lambda: running.nap.signup(somebody.body())))
    succeeded(_recovered(lambda: running.nap.send(somebody.email)))
    link = letters.token(somebody.email)
    with running.wires["keycloak"].cut(Moment(moment.request.format(witness.realm), moment.stage)) as sprung:
        refusal(running.nap.verify(link), 500)
        assert sprung.is_set()
    assert not witness.admin.get_user(made)["emailVerified"]
    succeeded(_recovered(lambda: running.nap.verify(link)))
    assert witness.admin.get_user(made)["emailVerified"]
    assert witness.organizations(made) == {acme.alias}


def test_an_organization_that_goes_meanwhile_is_a_500_and_makes_nobody(
    running: Running, invited: Invited, witness: Witness, acme: Organization
) -> None:
    somebody, token = invited
    with ThreadPoolExecutor(1) as pool:
        with running.wires["keycloak"].frozen(Moment("/members ", "asked")) as sprung:
            answer = pool.submit(running.nap.signup, somebody.body(inviteToken=token))
            assert sprung.wait(PROMPT)
            witness.admin.delete_organization(acme.id)
        refusal(answer.result(), 500)
    until_nobody(witness, somebody.email)
    refusal(running.nap.signup(somebody.body(inviteToken=token)), 401)
    assert witness.accounts(somebody.email) == []


def test_an_account_that_nobody_has_heard_of_is_unmade_later(
    running: Running, invited: Invited, witness: Witness
) -> None:
    somebody, token = invited
    with running.wires["keycloak"].cut(Moment(f"POST /admin/realms/{witness.realm}/users ", "done")):
        refusal(running.nap.signup(somebody.body(inviteToken=token)), 500)
        (made,) = witness.accounts(somebody.email)
    until_nobody(witness, somebody.email)
    (told,) = awaited(running.served, "account_unmade", made["id"])
    assert told["outcome"] == "done"


def test_a_sign_up_that_takes_too_long_leaves_nobody(running: Running, invited: Invited, witness: Witness) -> None:
    somebody, token = invited
    with running.wires["keycloak"].frozen(Moment("/members ", "done")):
        refusal(in_time(running.nap.signup(somebody.body(inviteToken=token))), 500)
    until_nobody(witness, somebody.email)
    user_id(_recovered(lambda: running.nap.signup(somebody.body(inviteToken=token))))


def test_a_sign_up_whose_redis_goes_away_meanwhile_leaves_nobody(
    running: Running, invited: Invited, witness: Witness
) -> None:
    somebody, token = invited
    with ExitStack() as broken, ThreadPoolExecutor(1) as pool:
        with running.wires["keycloak"].frozen(Moment("/groups/", "asked")) as sprung:
            answer = pool.submit(running.nap.signup, somebody.body(inviteToken=token))
            assert sprung.wait(PROMPT)
            broken.enter_context(running.wires["redis"].cut())
        refusal(answer.result(), 500)
    until_nobody(witness, somebody.email)
    user_id(_recovered(lambda: running.nap.signup(somebody.body(inviteToken=token))))
