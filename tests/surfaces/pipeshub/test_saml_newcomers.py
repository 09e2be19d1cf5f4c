"""Accounts for who comes by SAML and has none (contract sections 5, 10 and 12)."""

import secrets
from collections.abc import Iterator

import pytest

from tests.conftest import Stack
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.counted import security_events
from tests.surfaces.pipeshub.client import next_step
from tests.surfaces.pipeshub.external import Firm, FirmMaker
from tests.surfaces.pipeshub.saml import Saml, failure, further_step, signed_in, until_no_session
from tests.surfaces.saml_provider import SamlProvider
from tests.surfaces.wire import Moment, wire_to
from tests.surfaces.witness import Witness, claims


@pytest.fixture(scope="module")
def firm(make_firm: FirmMaker) -> Firm:
    """A firm whose people come by the realm's provider."""
    return make_firm([["samlSso"]], {})


@pytest.fixture(scope="module")
def welcoming_gateway(brokering: Apart) -> Iterator[ServedGateway]:
    """A gateway that gives accounts by SAML."""
    with served_gateway(brokering(SIGN_IN__JIT_METHODS="samlSso")) as served:
        yield served


@pytest.fixture
def welcoming(welcoming_gateway: ServedGateway) -> Iterator[Saml]:
    """A browser there."""
    with Saml.opened(welcoming_gateway) as opened:
        yield opened


def _newcomer(provider: SamlProvider, firm: Firm) -> Person:
    name = f"newcomer-{secrets.token_hex(5)}"
    email = f"{name}@{firm.domain}"
    provider.know(name, email)
    return Person("", name, email, "")


def _account(firm: Firm, person: Person) -> Person:
    account = firm.account(person.email)
    assert account is not None
    return Person(account["id"], person.username, person.email, "")


def test_who_has_no_account_gets_one(welcoming: Saml, firm: Firm, provider: SamlProvider, witness: Witness) -> None:
    person = _newcomer(provider, firm)
    begun = welcoming.pipeshub.init(person.email)
    assert (begun.json()["allowedMethods"], begun.json()["jitEnabled"]) == (["samlSso"], True)
    tokens = signed_in(welcoming.sign_in(person, begun.headers["x-session-token"]))
    account = _account(firm, person)
    assert claims(tokens["accessToken"])["sub"] == account.id
    assert firm.links(account.id) == {(provider.alias, person.username)}
    assert firm.has_member(account.id)
    assert witness.admin.get_credentials(account.id) == []


def test_from_then_on_they_are_like_any_other(welcoming: Saml, firm: Firm, provider: SamlProvider) -> None:
    person = _newcomer(provider, firm)
    first = signed_in(welcoming.sign_in(person))
    welcoming.browser.cookies.clear()
    again = signed_in(welcoming.sign_in(person))
    assert claims(first["accessToken"])["sub"] == claims(again["accessToken"])["sub"]


def test_a_newcomer_has_the_further_steps_before_them(
    welcoming: Saml, make_firm: FirmMaker, provider: SamlProvider, witness: Witness
) -> None:
    firm = make_firm([["samlSso"], ["otp"]], {})
    person = _newcomer(provider, firm)
    token = welcoming.pipeshub.begun(person.email)
    assert further_step(welcoming.sign_in(person, token))[1] == 1
    account = _account(firm, person)
    assert firm.has_member(account.id)
    assert witness.sessions(account.id) == set()


def test_a_newcomer_is_not_given_another_address(
    welcoming: Saml, firm: Firm, provider: SamlProvider, witness: Witness
) -> None:
    person = _newcomer(provider, firm)
    asked = welcoming.left(firm.new_address())
    assert failure(welcoming.arrive(welcoming.through(asked, person))) == "email_mismatch"
    account = _account(firm, person)
    assert not firm.has_member(account.id)
    until_no_session(witness, account)


def test_an_address_that_nobody_has_verified_lets_no_newcomer_in(
    welcoming: Saml, welcoming_gateway: ServedGateway, firm: Firm, provider: SamlProvider, witness: Witness
) -> None:
    person = _newcomer(provider, firm)
    with provider.distrusted():
        assert failure(welcoming.sign_in(person)) == "auth_failed"
    account = _account(firm, person)
    assert not firm.has_member(account.id)
    until_no_session(witness, account)
    assert security_events(welcoming_gateway, "sign_in_step", outcome="refused", reason="unverified_address") == 1


def test_a_later_step_gives_no_account(
    welcoming: Saml, make_firm: FirmMaker, provider: SamlProvider, witness: Witness
) -> None:
    firm = make_firm([["password"], ["samlSso"]], {})
    person, stranger = firm.employ(), _newcomer(provider, firm)
    assert welcoming.pipeshub.init(stranger.email).status_code == 404
    token = welcoming.pipeshub.begun(person.email)
    next_step(welcoming.pipeshub.by_password(token, person.password))
    assert failure(welcoming.arrive(welcoming.through(welcoming.left(person.email, token), stranger))) == (
        "email_mismatch"
    )
    until_no_session(witness, _account(firm, stranger))


def test_an_organization_s_own_provider_makes_members_before_they_come_back(
    welcoming: Saml, make_firm: FirmMaker, provider: SamlProvider
) -> None:
    firm = make_firm([["samlSso"]], {})
    person = _newcomer(provider, firm)
    with provider.lent_to(firm.organization) as alias:
        until(lambda: f"kc_idp_hint={alias}&" in welcoming.left(person.email))
        address = welcoming.through(welcoming.left(person.email), person)
        account = _account(firm, person)
        assert firm.has_member(account.id)
        tokens = signed_in(welcoming.arrive(address))
    assert claims(tokens["accessToken"])["sub"] == account.id


@pytest.mark.parametrize("stage", ["asked", "done"])
def test_a_newcomer_cut_off_joins_the_organization_all_the_same(
    brokering: Apart, stack: Stack, firm: Firm, provider: SamlProvider, witness: Witness, stage: str
) -> None:
    person = _newcomer(provider, firm)
    with wire_to(stack.keycloak_url) as (keycloak, url):
        variables = brokering(KEYCLOAK__URL=url, SIGN_IN__JIT_METHODS="samlSso")
        with served_gateway(variables) as served, Saml.opened(served) as saml:
            address = saml.through(saml.left(person.email), person)
            members = Moment(f"/organizations/{firm.organization.id}/members", stage)  # type: ignore[arg-type]  # one of them
            with keycloak.cut(members) as cut:
                assert failure(saml.arrive(address)) == "unknown"
                assert cut.is_set()
            account = _account(firm, person)
            until(lambda: firm.has_member(account.id))
            until_no_session(witness, account)
