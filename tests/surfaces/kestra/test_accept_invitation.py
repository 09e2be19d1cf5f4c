"""Invitations accepted by people who have an account (contract section 1.6)."""

import secrets

import httpx

from tests.servers.people import Organization, OrganizationMaker, Person, PersonMaker
from tests.surfaces.inviting import Inviting
from tests.surfaces.kestra.client import Kestra, invitation, refusal, require_done
from tests.surfaces.kestra.conftest import IsUsed
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.parallel import at_once, undisturbed
from tests.surfaces.witness import Witness

_AT_ONCE = 50


def test_an_existing_person_is_let_in_to_everything_and_stays_as_before(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization
) -> None:
    role, group = witness.make_role(), witness.make_group()
    before, session = witness.admin.get_user(person.id), witness.verified(person.username)
    options = ("--role", "admin", "--realm-role", role, "--group", group)
    secret = inviting.token(person.email.upper(), acme.alias, *options)
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
    invitation(kestra.accept(inviting.token(person.email, acme.alias, "--realm-role", new_role, "--group", new_group)))
    assert witness.organizations(person.id) == {acme.alias, other.alias}
    assert witness.organization_groups(person.id, other.id) == {"admins"}
    assert witness.realm_roles(person.id) == before | {new_role}
    assert role in before
    assert witness.groups(person.id) == {group, new_group}


def test_a_body_is_ignored(kestra: Kestra, inviting: Inviting, person: Person, acme: Organization) -> None:
    secret = inviting.token(person.email, acme.alias)
    answer = kestra.http.post(
        f"/api/v1/invitation/accept/{secret}", content=b"{", headers={"content-type": "text/plain"}
    )
    invitation(answer)


def test_create_then_accept_and_accept_then_create(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization
) -> None:
    secret = inviting.token(person.email, acme.alias)
    refusal(kestra.create(secret), 409)
    invitation(kestra.accept(secret))
    other = f"no-{person.email}"
    secret = inviting.token(other, acme.alias)
    refusal(kestra.accept(secret), 409)
    invitation(kestra.create(secret))
    assert len(witness.accounts(other)) == 1


def test_an_account_whose_address_nobody_has_verified_is_a_conflict_until_its_owner_has(
    kestra: Kestra,
    inviting: Inviting,
    make_person: PersonMaker,
    letters: KestraLetters,
    witness: Witness,
    acme: Organization,
) -> None:
    person = make_person(email_verified=False)
    secret = inviting.token(person.email, acme.alias)
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
    secret = inviting.token(person.email, acme.alias)
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
    secret = inviting.token(shared, acme.alias)
    refusal(kestra.accept(secret), 409)
    assert witness.organizations(first.id) | witness.organizations(second.id) == set()
    witness.admin.delete_user(second.id)
    invitation(kestra.accept(secret))
    assert witness.organizations(first.id) == {acme.alias}


def test_who_is_a_member_already_is_done(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization
) -> None:
    witness.admin.organization_user_add(person.id, acme.id)
    invitation(kestra.accept(inviting.token(person.email, acme.alias)))
    assert witness.organizations(person.id) == {acme.alias}


def test_an_organization_that_was_deleted_is_a_conflict_and_leaves_the_invitation(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization, is_used: IsUsed
) -> None:
    secret = inviting.token(person.email, acme.alias)
    witness.admin.delete_organization(acme.id)
    refusal(kestra.accept(secret), 409)
    assert not is_used(secret)


def test_an_organization_that_is_switched_off_is_a_conflict_until_it_is_on(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization
) -> None:
    secret = inviting.token(person.email, acme.alias)
    witness.disable_organization(acme.id)
    refusal(kestra.accept(secret), 409)
    witness.enable_organization(acme.id)
    invitation(kestra.accept(secret))


def test_of_fifty_at_once_one_accepts(
    kestra: Kestra, inviting: Inviting, make_person: PersonMaker, witness: Witness, acme: Organization
) -> None:
    def race() -> list[httpx.Response]:
        person = make_person()
        secret = inviting.token(person.email, acme.alias)
        answers = at_once([lambda: kestra.accept(secret)] * _AT_ONCE)
        if any(each.is_success for each in answers):
            assert witness.organizations(person.id) == {acme.alias}
        return answers

    assert sorted(each.status_code for each in undisturbed(race)) == [200] + [409] * (_AT_ONCE - 1)


def test_when_a_role_or_a_group_has_gone_nobody_is_let_in_to_the_rest(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization, is_used: IsUsed
) -> None:
    role, group, going = witness.make_role(), witness.make_group(), witness.make_role()
    secret = inviting.token(person.email, acme.alias, "--realm-role", role, "--realm-role", going, "--group", group)
    witness.admin.delete_realm_role(going)
    refusal(kestra.accept(secret), 409)
    witness.admin.create_realm_role({"name": going})
    refusal(kestra.accept(secret), 409)  # another role, though it is called the same
    inviting("--revoke", secret)
    secret = inviting.token(person.email, acme.alias, "--realm-role", role, "--group", group)
    witness.admin.delete_group(group)
    refusal(kestra.accept(secret), 409)
    assert not is_used(secret)
    assert witness.organizations(person.id) == set()
    assert role not in witness.realm_roles(person.id)
