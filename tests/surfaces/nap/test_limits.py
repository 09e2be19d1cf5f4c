"""Limits counted over all surfaces: per account, per mailbox and per client address (security S1, S10, S11)."""

from collections.abc import Iterator, Mapping

import httpx
import pytest

from tests.conftest import Mailbox, Stack
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.generators import KEY, Generator
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting
from tests.surfaces.logged import told_of
from tests.surfaces.nap.client import Nap, flow_id, refusal, succeeded
from tests.surfaces.nap.newcomers import newcomer
from tests.surfaces.nap.people import Members
from tests.surfaces.outages import wired_gateway
from tests.surfaces.pipeshub.client import Pipeshub

_WRONG = "Wr0ng!word"


@pytest.fixture(scope="module")
def sparing_variables(nap_apart: Apart) -> dict[str, str]:
    """The variables of a gateway that sends two mails to a mailbox in ten minutes."""
    return nap_apart(LIMITS__MAILS_PER_MAILBOX="2")


@pytest.fixture(scope="module")
def sparing(sparing_variables: Mapping[str, str]) -> Iterator[Nap]:
    """The document's own client there."""
    with served_gateway(sparing_variables) as served, served.client() as client:
        yield Nap(client)


def test_a_mailbox_that_others_have_filled_is_a_429(
    sparing: Nap, sparing_variables: Mapping[str, str], make_person: PersonMaker, mailbox: Mailbox
) -> None:
    person = make_person(email_verified=False)
    Inviting(sparing_variables).made(person.email)
    assert Pipeshub(sparing.http).forgot(person.email).is_success
    mailbox.wait_for_count(person.email, 2)
    answer = sparing.send(person.email)
    refusal(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 600
    assert mailbox.count(person.email) == 2


def test_verification_mails_fill_a_mailbox_for_invitations(
    sparing: Nap, sparing_variables: Mapping[str, str], make_person: PersonMaker, mailbox: Mailbox
) -> None:
    person = make_person(email_verified=False)
    for _ in range(2):
        succeeded(sparing.send(person.email))
    done = Inviting(sparing_variables)(person.email)
    assert (done.returncode, done.stdout) == (3, "")
    assert mailbox.count(person.email) == 2


def test_a_client_address_that_asks_for_many_mails_is_a_429(nap_apart: Apart, make_person: PersonMaker) -> None:
    with served_gateway(nap_apart(LIMITS__MAILS_PER_ADDRESS="2")) as served, served.client() as client:
        nap = Nap(client)
        for _ in range(2):
            refusal(nap.send(newcomer().email), 400)
        answer = nap.send(make_person(email_verified=False).email)
        refusal(answer, 429)
        assert 0 < int(answer.headers["retry-after"]) <= 3600


def test_a_client_address_that_fails_to_sign_in_is_a_429_however_right_it_is_then(
    nap_apart: Apart, members: Members
) -> None:
    variables = nap_apart(LIMITS__FAILURES_PER_ADDRESS="3", NAP__MULTITENANCY="true")
    member, chooser = members(1), members(2)
    with served_gateway(variables) as served, served.client() as client:
        nap = Nap(client)
        begun = flow_id(nap.login(*chooser.credentials))
        for _ in range(3):
            refusal(nap.login(newcomer().email, _WRONG), 401)
        answers = [nap.login(*member.credentials), nap.complete(begun, orgId=chooser.organizations[0].id)]
    for answer in answers:
        refusal(answer, 429)
        assert 0 < int(answer.headers["retry-after"]) <= 600


def test_who_is_blocked_learns_of_nobody(nap_apart: Apart, stack: Stack, person: Person) -> None:
    with wired_gateway(nap_apart, stack, Nap, LIMITS__FAILURES_PER_ADDRESS="2") as wired:
        for _ in range(2):
            refusal(wired.client.login(newcomer().email, _WRONG), 401)
        # Whoever is looked up takes his time, so nobody may be.
        with wired.keycloak.cut():
            for email in (person.email, newcomer().email):
                refusal(wired.client.login(email, person.password), 429)


def test_wrong_passwords_and_codes_lock_together_over_all_surfaces(
    nap: Nap, nap_gateway: ServedGateway, make_person: PersonMaker
) -> None:
    person, generator = make_person(totp=KEY), Generator()
    begun = flow_id(nap.login(person.email, person.password))
    for _ in range(2):
        refusal(nap.login(person.email, _WRONG), 401)
        refusal(nap.complete(begun, code=generator.wrong_code()), 401)
    begun = flow_id(nap.login(person.email, person.password))
    assert _reason_at_toan(nap, nap_gateway, person, _WRONG) == "credentials"
    assert _reason_at_toan(nap, nap_gateway, person, person.password) == "locked"
    refusal(nap.login(person.email, person.password), 401)
    refusal(nap.complete(begun, code=generator.code()), 401)


def _reason_at_toan(nap: Nap, gateway: ServedGateway, person: Person, password: str) -> str:
    """Sign in at toan, which never takes who has a code generator; return why it says no."""
    answer = nap.http.post("/api/iam/login", json={"user": person.username, "password": password})
    assert answer.status_code == httpx.codes.UNAUTHORIZED
    (told,) = told_of(gateway, answer, "sign_in")
    return str(told["reason"])
