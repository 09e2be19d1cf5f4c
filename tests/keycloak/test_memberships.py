import pytest

from gateway.domain.errors import AccountNotFound
from gateway.domain.organizations import Organization
from gateway.keycloak.realm import Realm
from tests.keycloak.people import PersonMaker
from tests.servers.people import Organization as Made
from tests.servers.people import OrganizationMaker

UNKNOWN = "00000000-0000-0000-0000-000000000000"


def organization_of(made: Made) -> Organization:
    return Organization(made.id, made.alias)


async def test_joining_makes_a_member_however_often_it_is_done(
    keycloak: Realm, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    person, organization = make_person(), organization_of(make_organization())
    for _ in range(2):
        assert await keycloak.memberships.join(organization.id, person.id)
    assert await keycloak.organizations.of_member(person.id) == [organization]


@pytest.mark.parametrize("organization_id", [UNKNOWN, "../users"])
async def test_nobody_joins_what_is_not_there(keycloak: Realm, make_person: PersonMaker, organization_id: str) -> None:
    assert not await keycloak.memberships.join(organization_id, make_person().id)


@pytest.mark.parametrize("account_id", [UNKNOWN, "../admin"])
async def test_what_is_no_account_joins_nothing(
    keycloak: Realm, make_organization: OrganizationMaker, account_id: str
) -> None:
    organization = organization_of(make_organization())
    assert not await keycloak.memberships.join(organization.id, account_id)


async def test_what_is_no_id_joins_no_group(keycloak: Realm, make_organization: OrganizationMaker) -> None:
    with pytest.raises(AccountNotFound):
        await keycloak.memberships.join_group(organization_of(make_organization()), "../admin", "admins")


async def test_a_member_is_put_into_the_group_however_often_it_is_done(
    keycloak: Realm, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    person = make_person()
    organization = organization_of(make_organization(members=[person]))
    for _ in range(2):
        await keycloak.memberships.join_group(organization, person.id, "admins")
    assert await keycloak.organizations.is_in_group(organization, person.id, "admins")


async def test_a_group_of_a_similar_name_is_another_one(
    keycloak: Realm, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    person = make_person()
    organization = organization_of(make_organization(members=[person], group="superadmins"))
    await keycloak.memberships.join_group(organization, person.id, "admins")
    assert not await keycloak.organizations.is_in_group(organization, person.id, "superadmins")
    assert not await keycloak.organizations.is_in_group(organization, person.id, "admins")
