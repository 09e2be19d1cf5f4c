"""Invitations accepted by people who have an account (contract section 1.6)."""

import secrets
from collections.abc import Iterator

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import Organization, OrganizationMaker, Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting
from tests.surfaces.kestra.client import Kestra, invitation, refusal, require_done
from tests.surfaces.kestra.conftest import IsUsed
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.parallel import at_once, undisturbed
from tests.surfaces.waiting import until
from tests.surfaces.witness import Witness

_AT_ONCE = 50


def _invited(inviting: Inviting, email: str, acme: Organization, *options: str) -> str:
    return inviting.token(email, acme.alias, *options)


def test_an_existing_person_is_let_in_to_everything_and_stays_as_before(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization
) -> None:
    role, group = witness.make_role(), witness.make_group()
    before, session = witness.admin.get_user(person.id), witness.verified(person.username)
    options = ("--role", "admin", "--realm-role", role, "--group", group)
    secret = _invited(inviting, person.email.upper(), acme, *options)
    told = invitation(kestra.accept(secret))
    assert (told["id"], told["status"], told["email"], told["tenantId"]) == (
        secret,
        "ACCEPTED",
        person.email,
        acme.alias,
    )
    assert witness.organizations(person.id) == {acme.alias}
    assert witness.organization_groups(person.id, acme.id) == {"admins"}
    assert role in witness.realm_roles(person.id)
    assert witness.groups(person.id) == {group}
    assert witness.admin.get_user(person.id) == before
    assert witness.password_is(person.username, person.password)
    assert witness.refreshes(session["refresh_token"], "gateway-verified")
    refusal(kestra.accept(secret), 409)
    refusal(kestra.create(secret), 409)


def test_what_a_person_is_besides_stays(
    kestra: Kestra,
    inviting: Inviting,
    person: Person,
    witness: Witness,
    acme: Organization,
    make_organization: OrganizationMaker,
) -> None:
    other, role, group = make_organization(admins=[person]), witness.make_role(), witness.make_group()
    witness.admin.assign_realm_roles(person.id, [witness.admin.get_realm_role(role)])
    witness.admin.group_user_add(person.id, group)
    before = witness.realm_roles(person.id)
    new_role, new_group = witness.make_role(), witness.make_group()
    invitation(kestra.accept(_invited(inviting, person.email, acme, "--realm-role", new_role, "--group", new_group)))
    assert witness.organizations(person.id) == {acme.alias, other.alias}
    assert witness.organization_groups(person.id, other.id) == {"admins"}
    assert witness.realm_roles(person.id) == before | {new_role}
    assert role in before
    assert witness.groups(person.id) == {group, new_group}


def test_a_body_is_ignored(kestra: Kestra, inviting: Inviting, person: Person, acme: Organization) -> None:
    secret = _invited(inviting, person.email, acme)
    answer = kestra.http.post(
        f"/api/v1/invitation/accept/{secret}", content=b"{", headers={"content-type": "text/plain"}
    )
    invitation(answer)


def test_create_then_accept_and_accept_then_create(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization
) -> None:
    secret = _invited(inviting, person.email, acme)
    refusal(kestra.create(secret), 409)
    invitation(kestra.accept(secret))
    other = f"no-{person.email}"
    secret = _invited(inviting, other, acme)
    refusal(kestra.accept(secret), 409)
    invitation(kestra.create(secret))
    assert len(witness.accounts(other)) == 1


def test_the_invited_person_s_own_bearer_is_fine(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization
) -> None:
    secret = _invited(inviting, person.email, acme)
    invitation(kestra.accept(secret, witness.verified(person.username)["access_token"]))
    assert witness.organizations(person.id) == {acme.alias}


def test_another_person_s_bearer_is_forbidden(
    kestra: Kestra, inviting: Inviting, person: Person, passer_by: str, witness: Witness, acme: Organization
) -> None:
    secret = _invited(inviting, person.email, acme)
    refusal(kestra.accept(secret, passer_by), 403)
    assert witness.organizations(person.id) == set()
    invitation(kestra.accept(secret))


def test_a_bearer_that_is_no_good_is_told_before_the_invitation_is_looked_at(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization
) -> None:
    secret, session = _invited(inviting, person.email, acme), witness.verified(person.username)
    witness.end_session(session["session_state"])
    for bearer in ("x", session["access_token"], session["refresh_token"], session["id_token"]):
        refusal(kestra.accept(secret, bearer), 401)
        refusal(kestra.accept("no-such-invitation", bearer), 401)
    assert witness.organizations(person.id) == set()


@pytest.mark.parametrize("offered", [["Bearer x", "Bearer x"], ["Basic eDp5", "Bearer x"], ["Bearer"], ["bearer"]])
def test_a_bearer_that_is_none_or_not_alone_is_no_good(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization, offered: list[str]
) -> None:
    secret = _invited(inviting, person.email, acme)
    headers = [("authorization", each) for each in offered]
    refusal(kestra.http.post(f"/api/v1/invitation/accept/{secret}", headers=headers), 401)
    assert witness.organizations(person.id) == set()
    invitation(kestra.accept(secret))


@pytest.mark.parametrize("scheme", ["Basic eDp5", "Digest x", "x"])
def test_other_schemes_are_ignored(
    kestra: Kestra, inviting: Inviting, person: Person, acme: Organization, scheme: str
) -> None:
    secret = _invited(inviting, person.email, acme)
    invitation(kestra.http.post(f"/api/v1/invitation/accept/{secret}", headers={"authorization": scheme}))


def test_an_account_whose_address_nobody_has_verified_is_a_conflict_until_its_owner_has(
    kestra: Kestra,
    inviting: Inviting,
    make_person: PersonMaker,
    letters: KestraLetters,
    witness: Witness,
    acme: Organization,
) -> None:
    person = make_person(email_verified=False)
    secret = _invited(inviting, person.email, acme)
    refusal(kestra.accept(secret), 409)
    assert witness.organizations(person.id) == set()
    require_done(kestra.forgot(person.email))
    require_done(kestra.reset(letters.token(person), "An0ther!word"))
    invitation(kestra.accept(secret))
    assert witness.organizations(person.id) == {acme.alias}


def test_a_disabled_account_is_a_conflict_until_it_is_enabled(
    kestra: Kestra, inviting: Inviting, make_person: PersonMaker, witness: Witness, acme: Organization
) -> None:
    person = make_person(enabled=False)
    secret = _invited(inviting, person.email, acme)
    refusal(kestra.accept(secret), 409)
    assert witness.organizations(person.id) == set()
    witness.admin.update_user(person.id, {**witness.admin.get_user(person.id), "enabled": True})
    invitation(kestra.accept(secret))


def test_an_address_of_several_accounts_is_a_conflict_until_it_is_that_of_one(
    kestra: Kestra, inviting: Inviting, make_person: PersonMaker, witness: Witness, acme: Organization
) -> None:
    shared = f"{secrets.token_hex(4)}@example.test"
    # As in a realm that has not always taken addresses for user names.
    with witness.realm_with(loginWithEmailAllowed=False, duplicateEmailsAllowed=True):
        first, second = make_person(email=shared), make_person(email=shared)
    secret = _invited(inviting, shared, acme)
    refusal(kestra.accept(secret), 409)
    assert witness.organizations(first.id) | witness.organizations(second.id) == set()
    witness.admin.delete_user(second.id)
    invitation(kestra.accept(secret))
    assert witness.organizations(first.id) == {acme.alias}


def test_who_is_a_member_already_is_done(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization
) -> None:
    witness.admin.organization_user_add(person.id, acme.id)
    invitation(kestra.accept(_invited(inviting, person.email, acme)))
    assert witness.organizations(person.id) == {acme.alias}


def test_an_organization_that_was_deleted_is_a_conflict_and_leaves_the_invitation(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization, is_used: IsUsed
) -> None:
    secret = _invited(inviting, person.email, acme)
    witness.admin.delete_organization(acme.id)
    refusal(kestra.accept(secret), 409)
    assert not is_used(secret)


def test_an_organization_that_is_switched_off_is_a_conflict_until_it_is_on(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization
) -> None:
    secret = _invited(inviting, person.email, acme)
    witness.disable_organization(acme.id)
    refusal(kestra.accept(secret), 409)
    witness.enable_organization(acme.id)
    invitation(kestra.accept(secret))


def test_of_fifty_at_once_one_accepts(
    kestra: Kestra, inviting: Inviting, make_person: PersonMaker, witness: Witness, acme: Organization
) -> None:
    def race() -> list[httpx.Response]:
        person = make_person()
        secret = _invited(inviting, person.email, acme)
        answers = at_once([lambda: kestra.accept(secret)] * _AT_ONCE)
        if any(each.is_success for each in answers):
            assert witness.organizations(person.id) == {acme.alias}
        return answers

    assert sorted(each.status_code for each in undisturbed(race)) == [200] + [409] * (_AT_ONCE - 1)


@pytest.fixture(scope="module")
def strict(kestra_apart: Apart) -> Iterator[tuple[Kestra, Inviting]]:
    """A gateway that wants people to be signed in to accept."""
    variables = kestra_apart(KESTRA__ACCEPT_REQUIRES_LOGIN="true")
    with served_gateway(variables) as served, served.client() as client:
        yield Kestra(client), Inviting(variables)


def test_where_a_login_is_required_nobody_accepts_without_one(
    strict: tuple[Kestra, Inviting], person: Person, passer_by: str, witness: Witness, acme: Organization
) -> None:
    kestra, inviting = strict
    refusal(kestra.accept("no-such-invitation"), 404)
    secret = _invited(inviting, person.email, acme)
    refusal(kestra.accept(secret), 401)
    refusal(kestra.accept(secret, passer_by), 403)
    assert witness.organizations(person.id) == set()
    invitation(kestra.accept(secret, witness.verified(person.username)["access_token"]))
    assert witness.organizations(person.id) == {acme.alias}


def test_what_has_become_of_an_invitation_is_told_before_who_asks_is_looked_at(
    strict: tuple[Kestra, Inviting], person: Person, passer_by: str, witness: Witness, acme: Organization
) -> None:
    kestra, inviting = strict
    secret = _invited(inviting, person.email, acme)
    invitation(kestra.accept(secret, witness.verified(person.username)["access_token"]))
    over = _invited(inviting, f"no-{person.email}", acme, "--expires", "PT1S")
    until(lambda: kestra.accept(over).status_code != httpx.codes.UNAUTHORIZED)
    for bearer in (None, passer_by):
        refusal(kestra.accept(secret, bearer), 409)
        refusal(kestra.accept(over, bearer), 410)


def test_when_a_role_or_a_group_has_gone_nobody_is_let_in_to_the_rest(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization, is_used: IsUsed
) -> None:
    role, group, going = witness.make_role(), witness.make_group(), witness.make_role()
    secret = _invited(inviting, person.email, acme, "--realm-role", role, "--realm-role", going, "--group", group)
    witness.admin.delete_realm_role(going)
    refusal(kestra.accept(secret), 409)
    witness.admin.create_realm_role({"name": going})
    refusal(kestra.accept(secret), 409)  # another role, though it is called the same
    inviting("--revoke", secret)
    secret = _invited(inviting, person.email, acme, "--realm-role", role, "--group", group)
    witness.admin.delete_group(group)
    refusal(kestra.accept(secret), 409)
    assert not is_used(secret)
    assert witness.organizations(person.id) == set()
    assert role not in witness.realm_roles(person.id)
