"""The mails of services' invitations: how many there may be, and what comes of those that cannot be sent."""

from collections.abc import Iterator
from functools import partial

import pytest

from devstack.children import free_port
from tests.conftest import Mailbox
from tests.servers.gateway import served_gateway
from tests.servers.people import Organization
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting, an_address
from tests.surfaces.kestra.client import Kestra, invitation, refusal
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.kestra.services import service_token
from tests.surfaces.logged import told_of


@pytest.fixture(scope="module")
def strict(kestra_apart: Apart) -> Iterator[tuple[Kestra, str, Inviting]]:
    """A gateway that sends one mail to a mailbox in ten minutes, its service, and its command."""
    variables = kestra_apart(LIMITS__MAILS_PER_MAILBOX="1")
    with served_gateway(variables) as served, served.client() as client:
        yield Kestra(client), service_token(variables), Inviting(variables)


def test_a_mailbox_that_has_had_enough_gets_no_further_invitation(
    strict: tuple[Kestra, str, Inviting], acme: Organization, mailbox: Mailbox
) -> None:
    kestra, service, inviting = strict
    email = an_address()
    invitation(kestra.invite("main", service, email=email), 201)
    assert refusal(kestra.invite(acme.alias, service, email=email), 429)["retryAfter"] <= 600
    typed = inviting(email, "--organization", acme.alias)
    assert (typed.returncode, typed.stdout) == (3, "")
    assert inviting("--list", "--organization", acme.alias).stdout == ""
    assert mailbox.count(email) == 1
    assert inviting.made(email, "--organization", acme.alias, "--no-mail")["link"]


def test_a_conflict_takes_no_room_in_the_mailbox(
    strict: tuple[Kestra, str, Inviting], acme: Organization, letters: KestraLetters
) -> None:
    kestra, service, inviting = strict
    email = an_address()
    inviting.made(email, "--organization", acme.alias, "--no-mail")
    for _ in range(3):
        refusal(kestra.invite(acme.alias, service, email=email), 409)
    told = invitation(kestra.invite("main", service, email=email), 201)
    assert told["id"] == letters.invitation(email)


def test_without_a_mail_server_the_link_is_told(kestra_apart: Apart) -> None:
    variables = {name: each for name, each in kestra_apart().items() if not name.startswith("GATEWAY_MAIL__")}
    with served_gateway({**variables, "GATEWAY_KESTRA__PASSWORDLESS": "false"}) as served, served.client() as client:
        told = invitation(Kestra(client).invite("main", service_token(variables), email=an_address()), 201)
    assert told["link"] == f"https://front.example/ui/invitation/{told['id']}"
    assert told["sentAt"] is None


def test_a_mail_server_that_is_down_is_a_503_and_there_is_no_invitation(kestra_apart: Apart) -> None:
    limits = {"LIMITS__MAILS_PER_MAILBOX": "1", "LIMITS__MAILS_PER_ADDRESS": "1"}
    variables = kestra_apart(MAIL__PORT=str(free_port()), **limits)
    with served_gateway(variables) as served, served.client() as client:
        kestra, email, token = Kestra(client), an_address(), service_token(variables)
        for _ in range(2):
            answer = kestra.invite("main", token, email=email)
            refusal(answer, 503)
            (told,) = told_of(served, answer, "invitation")
            assert (told["outcome"], told["reason"]) == ("failed", "mail")


def test_a_mailbox_that_has_had_enough_for_a_day_is_told_when_it_has_room(
    kestra_apart: Apart, acme: Organization
) -> None:
    variables, email = kestra_apart(LIMITS__MAILS_PER_MAILBOX_AND_DAY="1"), an_address()
    with served_gateway(variables) as served, served.client() as client:
        kestra, token = Kestra(client), service_token(variables)
        invitation(kestra.invite("main", token, email=email), 201)
        assert 86_000 < refusal(kestra.invite(acme.alias, token, email=email), 429)["retryAfter"] <= 86_400


def test_invitations_that_are_mailed_count_as_requests_for_mail(kestra_apart: Apart, mailbox: Mailbox) -> None:
    variables, refused = kestra_apart(LIMITS__MAILS_PER_ADDRESS="2"), an_address()
    with served_gateway(variables) as served, served.client() as client:
        kestra, email = Kestra(client), an_address()
        invite = partial(kestra.invite, "main", service_token(variables))
        invitation(invite(email=email), 201)
        refusal(invite(email=email), 409)
        invitation(invite(email=an_address()), 201)
        answer = invite(email=refused)
        assert 3000 < refusal(answer, 429)["retryAfter"] <= 3600
        (told,) = told_of(served, answer, "invitation")
        assert (told["outcome"], told["reason"]) == ("refused", "limit")
        assert invite(email=refused, createUserIfNotExist=True).status_code == 204
    assert mailbox.count(refused) == 0
    assert Inviting(variables).made(an_address())["sentAt"]
