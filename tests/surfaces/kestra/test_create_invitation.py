"""Services that invite people (contract section 4)."""

import secrets
from functools import partial

import pytest

from tests.conftest import Mailbox
from tests.servers.gateway import served_gateway
from tests.servers.people import Organization, OrganizationMaker, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import an_address
from tests.surfaces.kestra.client import Kestra, invitation, problems, refusal
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.kestra.services import service_token
from tests.surfaces.witness import Witness


def test_an_invitation_is_made_mailed_and_works(
    kestra: Kestra, service: str, letters: KestraLetters, witness: Witness, acme: Organization
) -> None:
    email, roles, groups = an_address(), witness.make_roles(2), witness.make_groups(2)
    answer = kestra.invite(acme.alias, service, email=email.upper(), **_given(witness, roles, groups))
    told = invitation(answer, 201)
    assert [each["name"] for each in told["roles"]] == roles
    assert [each["id"] for each in told["groups"]] == groups
    assert (told["email"], told["tenantId"], told["status"]) == (email, acme.alias, "PENDING")
    assert "link" not in told
    assert told["sentAt"] is not None
    assert told["id"] == letters.invitation(email)
    invitation(kestra.create(told["id"]))
    (made,) = witness.accounts(email)
    assert witness.organizations(made["id"]) == {acme.alias}
    _require_given(witness, made["id"], roles, groups)


def _given(witness: Witness, roles: list[str], groups: list[str]) -> dict[str, object]:
    """Name roles and groups, the first of each twice: the group by its path and by its id."""
    path = witness.admin.get_group(groups[0])["path"]
    return {"roles": [{"id": each} for each in (*roles, roles[0])], "groups": [path, *groups]}


def _require_given(witness: Witness, account_id: str, roles: list[str], groups: list[str]) -> None:
    assert witness.realm_roles(account_id) >= set(roles)
    assert witness.groups(account_id) == set(groups)


def test_another_default_tenant_means_an_organization_with_that_alias_while_there_is_one(
    kestra_apart: Apart, make_organization: OrganizationMaker, witness: Witness
) -> None:
    tenant = f"tenant-{secrets.token_hex(4)}"
    variables = kestra_apart(KESTRA__DEFAULT_TENANT=tenant)
    with served_gateway(variables) as served, served.client() as client:
        kestra, service = Kestra(client), service_token(variables)
        invite = partial(kestra.invite, tenant, service)
        refusal(kestra.invite("main", service, email=an_address()), 404)
        assert invitation(invite(email=an_address()), 201)["tenantId"] is None
        organization = make_organization(alias=tenant)
        assert invitation(invite(email=an_address()), 201)["tenantId"] == tenant
        witness.disable_organization(organization.id)
        refusal(invite(email=an_address()), 404)
        witness.admin.delete_organization(organization.id)
        assert invitation(invite(email=an_address()), 201)["tenantId"] is None


def test_the_default_tenant_is_no_organization(kestra: Kestra, service: str, witness: Witness) -> None:
    email = an_address()
    told = invitation(kestra.invite("main", service, email=email), 201)
    assert told["tenantId"] is None
    invitation(kestra.create(told["id"]))
    assert witness.organizations(witness.accounts(email)[0]["id"]) == set()


def test_an_unknown_tenant_is_not_found(kestra: Kestra, service: str) -> None:
    refusal(kestra.invite("no-such-tenant", service, email=an_address()), 404)


def test_a_second_invitation_and_a_member_are_conflicts(
    kestra: Kestra,
    service: str,
    make_person: PersonMaker,
    acme: Organization,
    witness: Witness,
) -> None:
    email, person = an_address(), make_person()
    invitation(kestra.invite(acme.alias, service, email=email), 201)
    refusal(kestra.invite(acme.alias, service, email=email.upper()), 409)
    refusal(kestra.invite(acme.alias, service, email=email, createUserIfNotExist=True), 409)
    invitation(kestra.invite("main", service, email=email), 201)
    witness.admin.organization_user_add(person.id, acme.id)
    refusal(kestra.invite(acme.alias, service, email=person.email), 409)
    refusal(kestra.invite(acme.alias, service, email=person.email, createUserIfNotExist=True), 409)


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": "a@example.test,b@example.test"}, "email"),
        ({"email": "a@example.test\r\nBcc: b@example.test"}, "email"),
        ({}, "email"),
        ({"email": "a@example.test", "roles": [{"id": "no-such-role"}]}, "roles"),
        ({"email": "a@example.test", "roles": [{"id": ".."}]}, "roles"),
        ({"email": "a@example.test", "groups": ["/no/such/group"]}, "groups"),
        ({"email": "a@example.test", "groups": ["../users"]}, "groups"),
        ({"email": "a@example.test", "roles": [{"id": "offline_access", "namespaces": ["n"]}]}, "roles.0.namespaces"),
        ({"email": "a@example.test", "superAdmin": "true"}, "superAdmin"),
    ],
    ids=str,
)
def test_what_is_wrong_is_named(kestra: Kestra, service: str, body: dict[str, object], path: str) -> None:
    assert problems(kestra.invite("main", service, **body)).keys() == {path}


def test_somebody_new_is_let_in_at_once(
    kestra: Kestra, service: str, witness: Witness, mailbox: Mailbox, acme: Organization
) -> None:
    email, roles, groups = an_address(), witness.make_roles(2), witness.make_groups(2)
    given = _given(witness, roles, groups)
    answer = kestra.invite(acme.alias, service, email=email, createUserIfNotExist=True, **given)
    assert (answer.status_code, answer.content) == (204, b"")
    (made,) = witness.accounts(email)
    assert (made["enabled"], made["emailVerified"]) == (True, False)
    assert witness.admin.get_credentials(made["id"]) == []
    assert witness.organizations(made["id"]) == {acme.alias}
    _require_given(witness, made["id"], roles, groups)
    assert mailbox.count(email) == 0


def test_an_address_that_is_somebody_s_user_name_is_a_conflict(
    kestra: Kestra, service: str, make_person: PersonMaker, witness: Witness, acme: Organization
) -> None:
    email = an_address()
    named = make_person(username=email, email=f"other-{email}")
    refusal(kestra.invite(acme.alias, service, email=email, createUserIfNotExist=True), 409)
    assert (witness.accounts(email), witness.organizations(named.id)) == ([], set())


def test_who_has_an_account_is_let_in_at_once(
    kestra: Kestra, service: str, make_person: PersonMaker, witness: Witness, acme: Organization
) -> None:
    person, roles, groups = make_person(), witness.make_roles(2), witness.make_groups(2)
    given = _given(witness, roles, groups)
    answer = kestra.invite(acme.alias, service, email=person.email, createUserIfNotExist=True, **given)
    assert answer.status_code == 204
    assert witness.organizations(person.id) == {acme.alias}
    _require_given(witness, person.id, roles, groups)


@pytest.mark.parametrize("state", [{"email_verified": False}, {"enabled": False}], ids=str)
def test_an_account_that_may_not_be_its_address_s_owner_s_is_a_conflict(
    kestra: Kestra,
    service: str,
    make_person: PersonMaker,
    witness: Witness,
    acme: Organization,
    state: dict[str, bool],
) -> None:
    person = make_person(**state)  # type: ignore[arg-type]  # by name
    refusal(kestra.invite(acme.alias, service, email=person.email, createUserIfNotExist=True), 409)
    assert witness.organizations(person.id) == set()
