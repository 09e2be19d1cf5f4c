"""Signing up where people sign in to organizations, by invitation (contract section 4.8)."""

import time

import pytest

from tests.servers.people import Organization, OrganizationMaker, PersonMaker
from tests.surfaces.inviting import Inviting
from tests.surfaces.nap.client import Nap, login_refusal, refusal, succeeded, tokens, unwrapped, user_id
from tests.surfaces.nap.newcomers import PASSWORD, Letters, newcomer
from tests.surfaces.parallel import at_once
from tests.surfaces.witness import Witness, claims

_INVITED = 50


@pytest.mark.parametrize("role", ["member", "admin"])
def test_an_invited_person_joins_with_the_role_and_signs_in_once_verified(
    tenants: Nap, inviting: Inviting, letters: Letters, witness: Witness, acme: Organization, role: str
) -> None:
    somebody = newcomer()
    token = inviting.token(somebody.email.upper(), acme.alias, "--role", role)
    made = user_id(tenants.signup(somebody.body(email=somebody.email.title(), inviteToken=f" {token}\n")))
    assert witness.organizations(made) == {acme.alias}
    assert witness.organization_groups(made, acme.id) == ({"admins"} if role == "admin" else set())
    login_refusal(tenants.login(somebody.email, PASSWORD), verification=True)
    succeeded(tenants.send(somebody.email))
    succeeded(tenants.verify(letters.token(somebody.email)))
    told = tokens(tenants.login(somebody.email, PASSWORD))
    assert claims(unwrapped(told["session_token"]))["organization"] == [acme.alias]


def test_an_invited_owner_is_one_of_the_owners(
    tenants: Nap, inviting: Inviting, witness: Witness, make_organization: OrganizationMaker
) -> None:
    somebody, owned = newcomer(), make_organization(group="owners")
    token = inviting.token(somebody.email, owned.alias, "--role", "owner")
    made = user_id(tenants.signup(somebody.body(inviteToken=token)))
    assert witness.organization_groups(made, owned.id) == {"owners"}


def test_a_role_whose_group_the_organization_lacks_is_membership(
    tenants: Nap, inviting: Inviting, witness: Witness, acme: Organization
) -> None:
    somebody = newcomer()
    token = inviting.token(somebody.email, acme.alias, "--role", "owner")
    made = user_id(tenants.signup(somebody.body(inviteToken=token)))
    assert witness.organizations(made) == {acme.alias}
    assert witness.organization_groups(made, acme.id) == set()


def test_an_invitation_works_once_and_for_its_address(
    tenants: Nap, inviting: Inviting, witness: Witness, acme: Organization
) -> None:
    somebody, other = newcomer(), newcomer()
    token = inviting.token(somebody.email, acme.alias)
    refusal(tenants.signup(other.body(inviteToken=token)), 401)
    assert witness.accounts(other.email) == []
    made = user_id(tenants.signup(somebody.body(inviteToken=token)))
    witness.admin.delete_user(made)
    refusal(tenants.signup(somebody.body(inviteToken=token)), 401)
    assert witness.accounts(somebody.email) == []


def test_a_sign_up_that_is_refused_leaves_the_invitation(
    tenants: Nap, inviting: Inviting, make_person: PersonMaker, witness: Witness, acme: Organization
) -> None:
    somebody = newcomer()
    token = inviting.token(somebody.email, acme.alias)
    weak = {"password": "passw0rd!x", "confirmPassword": "passw0rd!x"}
    refusal(tenants.signup(somebody.body(inviteToken=token, **weak)), 400)
    refusal(tenants.signup(somebody.body(inviteToken=token, firstName="<b>")), 400)
    taken = make_person(email=somebody.email)
    refusal(tenants.signup(somebody.body(inviteToken=token)), 400)
    assert witness.organizations(taken.id) == set()
    witness.admin.delete_user(taken.id)
    user_id(tenants.signup(somebody.body(inviteToken=token)))


@pytest.mark.parametrize("given", ["no-such-invitation", "x" * 1024, "../", "ünknown"])
def test_what_is_no_invitation_is_a_401(tenants: Nap, witness: Witness, given: str) -> None:
    somebody = newcomer()
    refusal(tenants.signup(somebody.body(inviteToken=given)), 401)
    assert witness.accounts(somebody.email) == []


@pytest.mark.parametrize("blank", [None, "", " \n"])
def test_whoever_is_not_invited_is_a_401(tenants: Nap, witness: Witness, blank: str | None) -> None:
    somebody = newcomer()
    refusal(tenants.signup(somebody.body(inviteToken=blank)), 401)
    assert witness.accounts(somebody.email) == []


def test_whoever_has_no_way_in_is_not_told_that_an_address_is_taken(
    tenants: Nap, inviting: Inviting, make_person: PersonMaker, acme: Organization
) -> None:
    taken, anothers = make_person(), inviting.token(newcomer().email, acme.alias)
    expected = tenants.signup(newcomer().body())
    refusal(expected, 401)
    for token in (None, "no-such-invitation", anothers):
        answer = tenants.signup(newcomer().body(email=taken.email, inviteToken=token))
        assert (answer.status_code, answer.content) == (401, expected.content)
        assert sorted(answer.headers) == sorted(expected.headers)


def test_fields_are_judged_before_the_way_in(tenants: Nap) -> None:
    refusal(tenants.signup(newcomer().body(inviteToken="no-such-invitation", lastName="")), 400)


@pytest.mark.parametrize("is_gone", [True, False], ids=["deleted", "disabled"])
def test_an_invitation_into_what_has_gone_is_a_401(
    tenants: Nap, inviting: Inviting, witness: Witness, acme: Organization, *, is_gone: bool
) -> None:
    somebody = newcomer()
    token = inviting.token(somebody.email, acme.alias)
    if is_gone:
        witness.admin.delete_organization(acme.id)
    else:
        witness.disable_organization(acme.id)
    refusal(tenants.signup(somebody.body(inviteToken=token)), 401)
    assert witness.accounts(somebody.email) == []


def test_fifty_at_once_with_one_invitation_make_exactly_one_account(
    tenants: Nap, inviting: Inviting, witness: Witness, acme: Organization
) -> None:
    somebody = newcomer()
    token = inviting.token(somebody.email, acme.alias)
    answers = at_once([lambda: tenants.signup(somebody.body(inviteToken=token))] * _INVITED)
    assert {each.status_code for each in answers} <= {200, 400, 401}
    (made,) = [user_id(each) for each in answers if each.is_success]
    assert [each["id"] for each in witness.accounts(somebody.email)] == [made]
    assert witness.organizations(made) == {acme.alias}


def test_an_invitation_that_comes_after_its_time_is_a_401(
    tenants: Nap, inviting: Inviting, witness: Witness, acme: Organization
) -> None:
    somebody = newcomer()
    token = inviting.token(somebody.email, acme.alias, "--expires", "1")
    time.sleep(1.1)
    refusal(tenants.signup(somebody.body(inviteToken=token)), 401)
    assert witness.accounts(somebody.email) == []
