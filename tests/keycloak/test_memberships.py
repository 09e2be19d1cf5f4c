import pytest

from gateway.domain.errors import AccountNotFound, Unavailable
from gateway.domain.organizations import Organization
from gateway.keycloak.realm import Realm
from tests.keycloak.people import PersonMaker
from tests.servers.people import Organization as Made
from tests.servers.people import OrganizationMaker

pytestmark = pytest.mark.anyio

UNKNOWN = "00000000-0000-0000-0000-000000000000"


def organization_of(made: Made) -> Organization:
    return Organization(made.id, made.alias)


async def test_joining_makes_a_member_however_often_it_is_done(
    keycloak: Realm, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    person, organization = make_person(), organization_of(make_organization())
    for _ in range(2):
        await keycloak.memberships.join(organization, person.id)
    assert await keycloak.organizations.of_member(person.id) == [organization]


async def test_nobody_joins_what_has_gone(keycloak: Realm, make_person: PersonMaker) -> None:
    with pytest.raises(Unavailable):
        await keycloak.memberships.join(Organization(UNKNOWN, "gone"), make_person().id)


async def test_what_is_no_account_joins_nothing(keycloak: Realm, make_organization: OrganizationMaker) -> None:
    organization = organization_of(make_organization())
    for join in (
        keycloak.memberships.join(organization, "../admin"),
        keycloak.memberships.join_group(organization, "../admin", "admins"),
    ):
        with pytest.raises(AccountNotFound):
            await join


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
