"""Signing up where people sign in to organizations, by an address of their domain (contract section 4.8)."""

import pytest

from tests.conftest import Mailbox
from tests.servers.people import Organization, OrganizationMaker, Person
from tests.surfaces.inviting import Inviting
from tests.surfaces.nap.client import Nap, login_refusal, refusal, succeeded, tokens, unwrapped, user_id
from tests.surfaces.nap.newcomers import PASSWORD, Letters, Newcomer, a_domain, newcomer
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.pipeshub.people import Letters as LettersOfPipeshub
from tests.surfaces.witness import Witness, claims


def _signed_up(nap: Nap, witness: Witness, organization: Organization, domain: str) -> tuple[Newcomer, str]:
    """Sign somebody up by an address of a domain that leads into the organization, and tell the account's id."""
    witness.give_domain(organization.id, domain)
    somebody = newcomer(domain)
    return somebody, user_id(nap.signup(somebody.body()))


def test_whoever_has_an_address_of_the_domain_joins_when_it_is_proven(
    tenants: Nap, letters: Letters, witness: Witness, acme: Organization
) -> None:
    domain = a_domain()
    witness.give_domain(acme.id, domain)
    somebody = newcomer(domain.upper())
    made = user_id(tenants.signup(somebody.body()))
    assert witness.organizations(made) == set()
    login_refusal(tenants.login(somebody.email, PASSWORD), verification=True)
    succeeded(tenants.send(somebody.email))
    succeeded(tenants.verify(letters.token(somebody.email.lower())))
    assert witness.organizations(made) == {acme.alias}
    told = tokens(tenants.login(somebody.email, PASSWORD))
    assert claims(unwrapped(told["session_token"]))["organization"] == [acme.alias]


def test_an_address_that_is_proven_on_another_surface_lets_in_as_well(
    tenants: Nap, mailbox: Mailbox, witness: Witness, acme: Organization
) -> None:
    somebody, made = _signed_up(tenants, witness, acme, a_domain())
    page = Pipeshub(tenants.http)
    assert page.forgot(somebody.email).is_success
    link = LettersOfPipeshub(mailbox).token(Person(made, somebody.email, somebody.email, PASSWORD))
    assert page.reset(link, "An0ther!word").is_success
    assert witness.organizations(made) == {acme.alias}
    tokens(tenants.login(somebody.email, "An0ther!word"))


def test_a_domain_that_is_no_way_in_any_more_lets_nobody_in(
    tenants: Nap, letters: Letters, witness: Witness, acme: Organization
) -> None:
    domain = a_domain()
    somebody, made = _signed_up(tenants, witness, acme, domain)
    succeeded(tenants.send(somebody.email))
    witness.give_domain(acme.id, domain, auto_join="false")
    succeeded(tenants.verify(letters.token(somebody.email)))
    assert witness.organizations(made) == set()
    login_refusal(tenants.login(somebody.email, PASSWORD), verification=False)


def test_invited_people_join_nothing_else_by_their_address(
    tenants: Nap, inviting: Inviting, letters: Letters, witness: Witness, make_organization: OrganizationMaker
) -> None:
    inviter, neighbour, domain = make_organization(), make_organization(), a_domain()
    witness.give_domain(neighbour.id, domain)
    somebody = newcomer(domain)
    token = inviting.token(somebody.email, inviter.alias)
    made = user_id(tenants.signup(somebody.body(inviteToken=token)))
    succeeded(tenants.send(somebody.email))
    succeeded(tenants.verify(letters.token(somebody.email)))
    assert witness.organizations(made) == {inviter.alias}


def test_whoever_was_put_out_does_not_come_back_by_the_address(
    tenants: Nap, letters: Letters, witness: Witness, acme: Organization
) -> None:
    somebody, made = _signed_up(tenants, witness, acme, a_domain())
    succeeded(tenants.send(somebody.email))
    succeeded(tenants.send(somebody.email))
    succeeded(tenants.verify(letters.token(somebody.email, 2)))
    witness.leave(made, acme.id)
    login_refusal(tenants.login(somebody.email, PASSWORD), verification=False)
    refusal(tenants.send(somebody.email), 400)
    assert witness.organizations(made) == set()


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ({"verified": False}, "{}"),
        ({"auto_join": "false"}, "{}"),
        ({}, "sub.{}"),
        ({}, "x{}"),
    ],
    ids=["not verified", "not wanted", "sub-domain", "look-alike"],
)
def test_other_domains_are_a_401(
    tenants: Nap, witness: Witness, acme: Organization, changed: dict[str, object], asked: str
) -> None:
    domain = a_domain()
    witness.give_domain(acme.id, domain, **changed)  # type: ignore[arg-type]  # by name
    somebody = newcomer(asked.format(domain))
    refusal(tenants.signup(somebody.body()), 401)
    assert witness.accounts(somebody.email) == []


def test_the_domain_of_an_organization_that_is_switched_off_is_a_401(
    tenants: Nap, witness: Witness, acme: Organization
) -> None:
    domain = a_domain()
    witness.give_domain(acme.id, domain)
    witness.disable_organization(acme.id)
    refusal(tenants.signup(newcomer(domain).body()), 401)
