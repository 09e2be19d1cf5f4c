"""Who may invite, and what nobody gets by an invitation (contract section 4)."""

from collections.abc import Mapping

import httpx
import pytest

from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway
from tests.servers.people import Organization
from tests.surfaces.inviting import an_address
from tests.surfaces.kestra.client import Kestra, invitation, problems, refusal
from tests.surfaces.kestra.services import service_token
from tests.surfaces.logged import told_of
from tests.surfaces.witness import Witness


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
