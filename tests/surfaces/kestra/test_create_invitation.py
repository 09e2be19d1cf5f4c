"""Services that invite people (contract section 4)."""

import secrets
from collections.abc import Iterator, Mapping
from functools import partial

import httpx
import pytest

from devstack.children import free_port
from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Organization, OrganizationMaker, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting, an_address
from tests.surfaces.kestra.client import Kestra, invitation, problems, refusal
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.kestra.services import service_token
from tests.surfaces.logged import told_of
from tests.surfaces.witness import Witness

_DEFAULT_TENANT = f"tenant-{secrets.token_hex(4)}"


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


@pytest.fixture(scope="module")
def strict(kestra_apart: Apart) -> Iterator[tuple[Kestra, str, Inviting]]:
    """A gateway that sends one mail to a mailbox in ten minutes, calls another tenant none, and its service."""
    variables = kestra_apart(LIMITS__MAILS_PER_MAILBOX="1", KESTRA__DEFAULT_TENANT=_DEFAULT_TENANT)
    with served_gateway(variables) as served, served.client() as client:
        yield Kestra(client), service_token(variables), Inviting(variables)


def test_another_default_tenant_means_an_organization_with_that_alias_while_there_is_one(
    strict: tuple[Kestra, str, Inviting], make_organization: OrganizationMaker, witness: Witness
) -> None:
    kestra, service, _ = strict
    invite = partial(kestra.invite, _DEFAULT_TENANT, service)
    refusal(kestra.invite("main", service, email=an_address()), 404)
    assert invitation(invite(email=an_address()), 201)["tenantId"] is None
    organization = make_organization(alias=_DEFAULT_TENANT)
    assert invitation(invite(email=an_address()), 201)["tenantId"] == _DEFAULT_TENANT
    witness.disable_organization(organization.id)
    refusal(invite(email=an_address()), 404)
    witness.admin.delete_organization(organization.id)
    assert invitation(invite(email=an_address()), 201)["tenantId"] is None


def test_a_mailbox_that_has_had_enough_gets_no_further_invitation(
    strict: tuple[Kestra, str, Inviting], acme: Organization, mailbox: Mailbox
) -> None:
    kestra, service, inviting = strict
    email = an_address()
    invitation(kestra.invite(_DEFAULT_TENANT, service, email=email), 201)
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
    told = invitation(kestra.invite(_DEFAULT_TENANT, service, email=email), 201)
    assert told["id"] == letters.invitation(email)


def test_the_default_tenant_is_no_organization(kestra: Kestra, service: str, witness: Witness) -> None:
    email = an_address()
    told = invitation(kestra.invite("main", service, email=email), 201)
    assert told["tenantId"] is None
    invitation(kestra.create(told["id"]))
    assert witness.organizations(witness.accounts(email)[0]["id"]) == set()


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


def test_only_services_with_the_scope_invite_and_others_are_told_of(
    kestra: Kestra,
    kestra_gateway: ServedGateway,
    kestra_variables: Mapping[str, str],
    passer_by: str,
    mailbox: Mailbox,
) -> None:
    email = an_address()
    refused = [kestra.invite("main", bearer, email=email) for bearer in ("x", "a.b.c", passer_by)]
    scopeless = kestra.invite("main", service_token(kestra_variables, "fetch:config"), email=email)
    refusal(kestra.invite("main", None, email=email), 401)
    for answer in refused:
        refusal(answer, 401)
        assert [each["reason"] for each in told_of(kestra_gateway, answer, "bearer")] == ["token"]
    refusal(scopeless, 403)
    assert [each["reason"] for each in told_of(kestra_gateway, scopeless, "bearer")] == ["scope"]
    assert mailbox.count(email) == 0


def test_nobody_becomes_super_administrator(
    kestra: Kestra, kestra_gateway: ServedGateway, service: str, mailbox: Mailbox
) -> None:
    email = an_address()
    answer = kestra.invite("main", service, email=email, superAdmin=True)
    refusal(answer, 403)
    _require_told(kestra_gateway, answer)
    invitation(kestra.invite("main", service, email=email, superAdmin=False), 201)
    assert mailbox.count(email) == 1


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    "kind",
    [
        "role",
        "nested role",
        "default roles",
        "group",
        "inner group",
        "role of group",
        "role of outer group",
        "odd role",
    ],
)
def test_nobody_administers_anything_by_an_invitation(
    kestra: Kestra, kestra_gateway: ServedGateway, service: str, witness: Witness, kind: str, *, at_once: bool
) -> None:
    email, body = an_address(), _administering(witness, kind)
    answer = kestra.invite("main", service, email=email, createUserIfNotExist=at_once, **body)
    refusal(answer, 403)
    assert witness.accounts(email) == []
    _require_told(kestra_gateway, answer)


@pytest.mark.parametrize("at_once", [False, True])
def test_a_group_of_an_organization_is_none_of_the_realm(
    kestra: Kestra, service: str, witness: Witness, acme: Organization, *, at_once: bool
) -> None:
    (group,) = witness.groups_of_organization(acme.id)
    # The last two would lead to what Keycloak keeps an organization's groups in.
    for said in (group, f"/{acme.id}/admins", f"/{acme.id}"):
        answer = kestra.invite("main", service, email=an_address(), groups=[said], createUserIfNotExist=at_once)
        assert problems(answer).keys() == {"groups"}, said


def _require_told(gateway: ServedGateway, answer: httpx.Response) -> None:
    (told,) = told_of(gateway, answer, "administration")
    assert (told["outcome"], told["reason"]) == ("refused", "rights")


def _administering(witness: Witness, kind: str) -> dict[str, object]:
    if kind == "group":
        return {"groups": [witness.make_group("view-users")]}
    if kind == "inner group":
        return {"groups": [witness.make_group(parent=witness.make_group("manage-users"))]}
    if kind in ("role of group", "role of outer group", "odd role"):
        # A name with what cannot be seen is one that the gateway does not ask Keycloak for.
        role = witness.make_role("view-users", name="Team\u00a0Admins" if kind == "odd role" else "")
        group = witness.make_group()
        witness.give_group_role(group, role)
        return {"groups": [witness.make_group(parent=group) if kind == "role of outer group" else group]}
    role = witness.make_role("view-users") if kind != "default roles" else f"default-roles-{witness.realm}"
    if kind == "nested role":
        inner, role = role, witness.make_role()
        witness.admin.add_composite_realm_roles_to_role(role, [witness.admin.get_realm_role(inner)])
    return {"roles": [{"id": role}]}


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
