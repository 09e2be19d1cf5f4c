"""Which steps a person takes: those of the organization, read anew for each sign-in (contract section 4)."""

import pytest

from tests.servers.gateway import ServedGateway
from tests.servers.people import PersonMaker
from tests.surfaces.logged import told_of
from tests.surfaces.pipeshub.client import Pipeshub, fully, refusal
from tests.surfaces.pipeshub.people import Members
from tests.surfaces.witness import Witness


def test_methods_without_a_provider_are_left_out(pipeshub: Pipeshub, members: Members) -> None:
    person = members([["google", "password", "samlSso"]])
    body = pipeshub.init(person.email).json()
    assert (body["allowedMethods"], body["authProviders"]) == (["password"], {})


@pytest.mark.parametrize(
    "steps",
    [
        "",
        "nonsense",
        "[]",
        "[[]]",
        '["password"]',
        '[["password"],[]]',
        '[["password"],["password"]]',
        '[["password"],["sms"]]',
        '[["password"],["otp"],["google"],["oauth"]]',
        '[["password"],["google"]]',
        '{"0":["password"]}',
        '[[["password"]]]',
    ],
)
def test_steps_that_cannot_be_used_let_nobody_in(pipeshub: Pipeshub, members: Members, steps: str) -> None:
    refusal(pipeshub.init(members(steps or "x").email), 404, "ORG_CONFIG_NOT_FOUND")


def test_the_organization_that_owns_the_domain_decides(
    pipeshub: Pipeshub, members: Members, make_person: PersonMaker
) -> None:
    first, owner = members.make_organization(alias="aaa-first"), members.make_organization()
    members.set_steps(first, '[["password"]]')
    members.set_steps(owner, '[["otp"]]', domain=f"{owner.alias}.test")
    person = make_person(email=f"somebody@{owner.alias}.test", organizations=[first, owner])
    assert pipeshub.init(person.email).json()["allowedMethods"] == ["otp"]


def test_without_an_owner_the_first_alias_decides(
    pipeshub: Pipeshub, members: Members, make_person: PersonMaker
) -> None:
    one, two = members.make_organization(), members.make_organization()
    first, last = sorted([one, two], key=lambda each: each.alias)
    members.set_steps(first, '[["otp"]]')
    members.set_steps(last, '[["password"]]')
    person = make_person(organizations=[last, first])
    assert pipeshub.init(person.email).json()["allowedMethods"] == ["otp"]


@pytest.mark.parametrize("steps", ['[["password"],["otp"]]', '[["password"]]'])
def test_an_organization_that_is_switched_off_lets_nobody_in_by_fewer_steps(
    pipeshub: Pipeshub, members: Members, make_person: PersonMaker, witness: Witness, steps: str
) -> None:
    organization = members.make_organization()
    other = members.make_organization(alias=f"zzz-{organization.alias}")
    domain = f"{organization.alias}.test"
    members.set_steps(organization, steps, domain=domain)
    person = make_person(email=f"somebody@{domain}", organizations=[organization, other])
    pipeshub.begun(person.email)
    witness.disable_organization(organization.id)
    for email in (person.email, f"nobody@{domain}"):
        refusal(pipeshub.init(email), 404, "ORG_CONFIG_NOT_FOUND")
    refusal(pipeshub.ask_code(person.email), 404, "ORG_CONFIG_NOT_FOUND")
    witness.enable_organization(organization.id)
    pipeshub.begun(person.email)


def test_a_sign_in_under_way_keeps_its_steps(pipeshub: Pipeshub, members: Members, make_person: PersonMaker) -> None:
    organization = members.make_organization()
    members.set_steps(organization, '[["password"]]')
    person = make_person(organizations=[organization])
    token = pipeshub.begun(person.email)
    members.set_steps(organization, '[["otp"]]')
    fully(pipeshub.by_password(token, person.password))
    assert pipeshub.init(person.email).json()["allowedMethods"] == ["otp"]


@pytest.mark.parametrize(
    ("steps", "trouble"),
    [
        ("nonsense", "the attribute cannot be read"),
        ('[["password"],["sms"]]', "the attribute cannot be read"),
        ('[["password"],["google"]]', "a step has no method that can be used"),
    ],
)
def test_steps_that_cannot_be_used_are_told_with_whose_they_are(
    pipeshub: Pipeshub,
    pipeshub_gateway: ServedGateway,
    members: Members,
    make_person: PersonMaker,
    steps: str,
    trouble: str,
) -> None:
    organization = members.make_organization()
    members.set_steps(organization, steps)
    answer = pipeshub.init(make_person(organizations=[organization]).email)
    refusal(answer, 404, "ORG_CONFIG_NOT_FOUND")
    (told,) = told_of(pipeshub_gateway, answer, "sign_in_steps_unusable")
    assert (told["organization"], told["trouble"], told["level"]) == (organization.alias, trouble, "error")
    assert trouble not in answer.text
