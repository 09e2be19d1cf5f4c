"""Accounts made for who comes by a provider and has none (contract sections 5 and 10)."""

import secrets
from collections.abc import Iterator
from functools import partial

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.gateway import served_gateway
from tests.servers.identity_provider import IdentityProvider
from tests.servers.people import PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.parallel import at_once, undisturbed
from tests.surfaces.pipeshub.client import Pipeshub, fully, refusal
from tests.surfaces.pipeshub.external import Firm, Offer, until_offered
from tests.surfaces.wire import Moment, wire_to
from tests.surfaces.witness import Witness, claims


@pytest.fixture(autouse=True, scope="module")
def _offered(creating: Pipeshub, forged: Firm) -> None:
    until_offered(creating, forged, "oauth")


def test_who_has_no_account_gets_one(
    creating: Pipeshub, forged: Firm, foreign: IdentityProvider, witness: Witness
) -> None:
    email = forged.new_address()
    begun = creating.init(email)
    assert begun.json()["jitEnabled"] is True
    tokens = fully(creating.by_google(begun.headers["x-session-token"], foreign.token(email)))
    account = forged.account(email)
    assert account is not None
    assert claims(tokens["accessToken"])["sub"] == account["id"]
    assert (account["emailVerified"], account["firstName"], account["lastName"]) == (True, "Erin", "Extern")
    assert forged.links(account["id"]) == {(forged.alias(), f"sub-of-{email}")}
    assert forged.has_member(account["id"])
    assert witness.admin.get_credentials(account["id"]) == []
    fully(creating.by_google(creating.begun(email), foreign.token(email)))


@pytest.fixture(scope="module")
def welcoming(mailing_apart: Apart) -> Iterator[Pipeshub]:
    """A gateway that makes accounts for who comes by any provider."""
    methods = "google,microsoft,azureAd,oauth"
    with served_gateway(mailing_apart(SIGN_IN__JIT_METHODS=methods)) as served, served.client() as client:
        yield Pipeshub(client)


@pytest.mark.parametrize("method", ["google", "microsoft", "azureAd", "oauth"])
def test_so_it_is_with_each_method(welcoming: Pipeshub, forged: Firm, foreign: IdentityProvider, method: str) -> None:
    until_offered(welcoming, forged, method)
    email = forged.new_address()
    token = welcoming.begun(email)
    proof = foreign.token(email)
    credentials = proof if method == "google" else {"accessToken": foreign.knows(proof, email), "idToken": proof}
    tokens = fully(welcoming.authenticate(token, method, credentials))
    account = forged.account(email)
    assert account is not None
    assert claims(tokens["accessToken"])["sub"] == account["id"]
    assert (account["emailVerified"], account["firstName"], account["lastName"]) == (True, "Erin", "Extern")
    assert forged.links(account["id"]) == {(forged.alias(method), f"sub-of-{email}")}
    assert forged.has_member(account["id"])


def test_names_that_the_provider_does_not_tell_are_made_of_the_address(
    creating: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    email = forged.new_address()
    fully(creating.by_google(creating.begun(email), foreign.token(email, given_name=None, family_name=7)))
    account = forged.account(email)
    assert account is not None
    assert account["firstName"] == account["lastName"] == email.partition("@")[0]


def test_other_methods_make_no_account(creating: Pipeshub, forged: Firm, foreign: IdentityProvider) -> None:
    email = forged.new_address()
    token = creating.begun(email)
    refusal(creating.by_password(token, "Passw0rd!x"), 404, "USER_NOT_FOUND")
    credentials = {"accessToken": "x", "idToken": foreign.token(email)}
    refusal(creating.authenticate(token, "azureAd", credentials), 404, "USER_NOT_FOUND")
    known = foreign.knows(f"access-of-{email}", email)
    refusal(creating.authenticate(token, "oauth", {"accessToken": known}), 404, "USER_NOT_FOUND")
    assert forged.account(email) is None


def test_an_address_is_unknown_where_its_organization_has_no_such_method(creating: Pipeshub) -> None:
    refusal(creating.init("nobody@nowhere.example.test"), 404, "USER_NOT_FOUND")


@pytest.mark.parametrize("changed", [{"email": "other@example.test"}, {"email_verified": False}, {"aud": "another"}])
def test_no_account_is_made_for_a_token_that_is_no_good(
    creating: Pipeshub, forged: Firm, foreign: IdentityProvider, changed: dict[str, object]
) -> None:
    email = forged.new_address()
    answer = creating.by_google(creating.begun(email), foreign.token(email, **changed))
    assert answer.status_code in (400, 401)
    assert forged.account(email) is None


def test_no_account_is_made_for_an_identity_that_somebody_has(
    creating: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    email = forged.new_address()
    forged.link(forged.employ(), f"sub-of-{email}")
    refusal(creating.by_google(creating.begun(email), foreign.token(email)), 400, "VALIDATION_ERROR")
    assert forged.account(email) is None


def test_an_account_that_is_switched_off_is_not_made_anew(
    creating: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    email = forged.new_address()
    token = creating.begun(email)
    forged.employ(email=email, enabled=False)
    refusal(creating.by_google(token, foreign.token(email)), 404, "USER_NOT_FOUND")
    refusal(creating.init(email), 404, "USER_NOT_FOUND")


def test_a_user_name_that_is_taken_is_nobody_s_to_give(
    creating: Pipeshub, forged: Firm, foreign: IdentityProvider, witness: Witness
) -> None:
    email = forged.new_address()
    witness.admin.create_user({"username": email, "email": forged.new_address(), "enabled": True})
    refusal(creating.by_google(creating.begun(email), foreign.token(email)), 404, "USER_NOT_FOUND")


def test_two_first_sign_ins_at_once_make_one_account(
    creating: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    def race() -> list[httpx.Response]:
        email = forged.new_address()
        begun = [creating.begun(email) for _ in range(6)]
        answers = at_once([partial(creating.by_google, token, foreign.token(email)) for token in begun])
        account = forged.account(email)
        assert account is not None
        assert len(forged.links(account["id"])) == 1
        until(lambda: forged.has_member(account["id"]))
        return answers

    answers = undisturbed(race)
    assert [each.status_code for each in answers] == [200] * 6
    assert len({claims(each.json()["accessToken"])["sub"] for each in answers}) == 1


@pytest.mark.parametrize("stage", ["asked", "done"])
def test_an_account_whose_making_was_cut_off_joins_its_organization_all_the_same(
    mailing_apart: Apart, stack: Stack, forged: Firm, foreign: IdentityProvider, stage: str
) -> None:
    with wire_to(stack.keycloak_url) as (keycloak, url):
        variables = mailing_apart(KEYCLOAK__URL=url, SIGN_IN__JIT_METHODS="google")
        with served_gateway(variables) as served, served.client() as client:
            creating, email = Pipeshub(client), forged.new_address()
            token = creating.begun(email)
            members = Moment(f"/organizations/{forged.organization.id}/members", stage)  # type: ignore[arg-type]  # one of them
            with keycloak.cut(members) as cut:
                refusal(creating.by_google(token, foreign.token(email)), 503, "UNAVAILABLE")
                assert cut.is_set()
            account = forged.account(email)
            assert account is not None
            until(lambda: creating.by_google(token, foreign.token(email)).status_code == 200)
            until(lambda: forged.has_member(account["id"]))


@pytest.fixture(scope="module")
def shared(mailing_apart: Apart, witness: Witness, foreign: IdentityProvider) -> Iterator[Pipeshub]:
    """A gateway for people without an organization, who come by one provider of the realm's."""
    alias = f"shared-{secrets.token_hex(4)}"
    witness.admin.create_idp(
        {"alias": alias, "providerId": "oidc", "enabled": True, "config": Offer.by(foreign).config}
    )
    variables = mailing_apart(
        SIGN_IN__STEPS='[["google","password"]]',
        SIGN_IN__JIT_METHODS="google",
        SIGN_IN__IDENTITY_PROVIDERS=f"google={alias}",
        LIMITS__FAILURES_PER_ADDRESS="3",
    )
    with served_gateway(variables) as served, served.client() as client:
        yield Pipeshub(client)
    witness.admin.delete_idp(alias)


def test_without_an_organization_the_realm_s_provider_makes_accounts_too(
    shared: Pipeshub, foreign: IdentityProvider, witness: Witness
) -> None:
    email = f"person-{secrets.token_hex(5)}@example.test"
    tokens = fully(shared.by_google(shared.begun(email), foreign.token(email)))
    account_id = claims(tokens["accessToken"])["sub"]
    assert witness.admin.get_user(account_id)["email"] == email
    assert witness.admin.get_user_organizations(account_id) == []


def test_refused_tokens_count_for_the_address_that_sends_them(
    shared: Pipeshub, foreign: IdentityProvider, make_person: PersonMaker
) -> None:
    person = make_person()
    token = shared.begun(person.email)
    answers = [shared.by_google(token, foreign.token(person.email, aud="another")) for _ in range(4)]
    assert [each.status_code for each in answers] == [401, 401, 401, 429]
    refusal(shared.by_google(token, foreign.token(person.email)), 429, "TOO_MANY_REQUESTS")
