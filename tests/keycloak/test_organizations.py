import json
import secrets

import pytest

from gateway.domain.errors import Unavailable
from gateway.domain.organizations import Organization
from gateway.keycloak.realm import Realm
from tests.keycloak.people import PersonMaker, RealmUnderTest
from tests.keycloak.proxy import Proxy
from tests.servers.people import Organization as Made
from tests.servers.people import OrganizationMaker

UNKNOWN = "00000000-0000-0000-0000-000000000000"
NOWHERE = Organization(UNKNOWN, "nowhere")


def organization_of(made: Made) -> Organization:
    return Organization(id=made.id, alias=made.alias)


def aliased(realm: RealmUnderTest, alias: str, **members: object) -> Organization:
    """Make an organization whose name is not its alias."""
    representation = {"name": f"The {secrets.token_hex(4)} Company", "alias": alias, **members}
    return Organization(realm.admin.create_organization(representation) or "", alias)


async def test_memberships_are_listed(
    keycloak: Realm, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    person = make_person()
    expected = {organization_of(make_organization(members=[person])) for _ in range(12)}
    make_organization()
    assert set(await keycloak.organizations.of_member(person.id)) == expected


async def test_who_belongs_nowhere_has_no_memberships(keycloak: Realm, make_person: PersonMaker) -> None:
    assert await keycloak.organizations.of_member(make_person().id) == []
    assert await keycloak.organizations.of_member(UNKNOWN) == []


async def test_organization_is_found_by_alias_and_by_id(keycloak: Realm, realm: RealmUnderTest) -> None:
    made = aliased(realm, f"company-{secrets.token_hex(4)}")
    assert await keycloak.organizations.find(made.alias) == made
    assert await keycloak.organizations.find(made.id) == made


async def test_organization_is_found_among_many(
    keycloak: Realm, realm: RealmUnderTest, make_organization: OrganizationMaker
) -> None:
    for _ in range(12):
        make_organization(group=None)
    made = aliased(realm, f"zz-{secrets.token_hex(4)}")
    assert await keycloak.organizations.find(made.alias) == made


@pytest.mark.parametrize("alias", ["Upper-{}", "umläut-{}", "dots.and_{}~x"])
async def test_odd_aliases_are_found_exactly(keycloak: Realm, realm: RealmUnderTest, alias: str) -> None:
    made = aliased(realm, alias.format(secrets.token_hex(4)))
    assert await keycloak.organizations.find(made.alias) == made
    assert await keycloak.organizations.find(made.alias.swapcase()) is None
    assert await keycloak.organizations.find(made.alias[:-1]) is None


async def test_attribute_that_looks_like_an_alias_is_none(keycloak: Realm, realm: RealmUnderTest) -> None:
    name = f"borrowed-{secrets.token_hex(4)}"
    aliased(realm, f"own-{name}", attributes={"alias": [name]})
    assert await keycloak.organizations.find(name) is None


async def test_name_and_domain_are_no_aliases(keycloak: Realm, realm: RealmUnderTest) -> None:
    mark = secrets.token_hex(4)
    aliased(realm, f"alias-{mark}", name=f"name-{mark}", domains=[{"name": f"{mark}.test", "verified": True}])
    assert await keycloak.organizations.find(f"name-{mark}") is None
    assert await keycloak.organizations.find(f"{mark}.test") is None


async def test_unknown_organization_is_none(keycloak: Realm) -> None:
    assert await keycloak.organizations.find("nowhere") is None
    assert await keycloak.organizations.find(UNKNOWN) is None


async def test_organization_that_is_switched_off_is_not_there(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    made = aliased(realm, f"closed-{secrets.token_hex(4)}")
    realm.admin.organization_user_add(person.id, made.id)
    assert await keycloak.organizations.of_member(person.id) == [made]
    realm.admin.update_organization(made.id, {"name": f"Closed {made.alias}", "alias": made.alias, "enabled": False})
    assert await keycloak.organizations.of_member(person.id) == []
    assert await keycloak.organizations.find(made.alias) is None
    assert await keycloak.organizations.find(made.id) is None
    assert await keycloak.organizations.is_alias_taken(made.alias)
    realm.admin.delete_organization(made.id)
    assert not await keycloak.organizations.is_alias_taken(made.alias)


ODD = [
    "",
    " ",
    "a b",
    "a/b",
    "../x",
    "..",
    ".",
    "a:b",
    'a"b',
    "a\0b",
    "a\nb",
    "x" * 256,
    "alias:x alias:y",
    "%2e%2e",
    "*",
]


@pytest.mark.parametrize("odd", ODD)
async def test_what_can_be_no_organization_is_none(keycloak: Realm, odd: str) -> None:
    assert await keycloak.organizations.find(odd) is None
    assert not await keycloak.organizations.is_alias_taken(odd)


async def test_finding_costs_one_call(proxied: Realm, proxy: Proxy, realm: RealmUnderTest) -> None:
    made = aliased(realm, f"one-{secrets.token_hex(4)}")
    await proxied.organizations.find(made.alias)
    before = len(proxy.requests)
    await proxied.organizations.find(made.alias)
    await proxied.organizations.find(made.id)
    assert len(proxy.requests) == before + 2


async def test_members_belong_and_others_do_not(
    keycloak: Realm, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    member, other = make_person(), make_person()
    organization = organization_of(make_organization(members=[member]))
    make_organization(members=[other])
    assert await keycloak.organizations.has_member(organization, member.id)
    for account_id in (other.id, UNKNOWN, "", "../x"):
        assert not await keycloak.organizations.has_member(organization, account_id)
    assert not await keycloak.organizations.has_member(NOWHERE, member.id)


async def test_group_holds_its_members_in_its_own_organization_only(
    keycloak: Realm, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    admin, member = make_person(), make_person()
    own = organization_of(make_organization(members=[member], admins=[admin]))
    foreign = organization_of(make_organization(members=[admin]))
    organizations = keycloak.organizations
    assert await organizations.is_in_group(own, admin.id, "admins")
    assert not await organizations.is_in_group(own, member.id, "admins")
    assert not await organizations.is_in_group(foreign, admin.id, "admins")
    assert not await organizations.is_in_group(own, admin.id, "Admins")
    assert not await organizations.is_in_group(own, admin.id, "admin")
    for account_id in (UNKNOWN, "", "../x"):
        assert not await organizations.is_in_group(own, account_id, "admins")
    assert not await organizations.is_in_group(NOWHERE, admin.id, "admins")


async def test_group_of_that_name_inside_another_is_another_group(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    person = make_person()
    organization = organization_of(make_organization(members=[person], group="others"))
    groups = f"admin/realms/{realm.name}/organizations/{organization.id}/groups"
    others = realm.admin.connection.raw_get(groups).json()[0]["id"]
    body = json.dumps({"name": "admins"})
    nested = realm.admin.connection.raw_post(f"{groups}/{others}/children", data=body).json()["id"]
    joined = realm.admin.connection.raw_put(f"{groups}/{nested}/members/{person.id}", data="")
    assert joined.status_code == 204
    assert not await keycloak.organizations.is_in_group(organization, person.id, "admins")


async def test_realm_group_of_that_name_is_another_group(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    person = make_person()
    organization = organization_of(make_organization(members=[person]))
    group = realm.admin.create_group({"name": "admins"}, skip_exists=True)
    realm.admin.group_user_add(person.id, group or "")
    assert not await keycloak.organizations.is_in_group(organization, person.id, "admins")


async def test_realm_without_organizations_has_none(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker, make_organization: OrganizationMaker
) -> None:
    person = make_person()
    made = organization_of(make_organization(admins=[person]))
    realm.admin.update_realm(realm.name, {"organizationsEnabled": False})
    try:
        assert await keycloak.organizations.of_member(person.id) == []
        assert await keycloak.organizations.find(made.alias) is None
        assert await keycloak.organizations.find(made.id) is None
        assert not await keycloak.organizations.has_member(made, person.id)
        assert not await keycloak.organizations.is_in_group(made, person.id, "admins")
    finally:
        realm.admin.update_realm(realm.name, {"organizationsEnabled": True})


async def test_every_call_says_unavailable_when_keycloak_is_not_there(unreachable: Realm) -> None:
    organizations = unreachable.organizations
    for call in (
        organizations.of_member(UNKNOWN),
        organizations.find("acme"),
        organizations.find(UNKNOWN),
        organizations.is_alias_taken("acme"),
        organizations.has_member(NOWHERE, UNKNOWN),
        organizations.is_in_group(NOWHERE, UNKNOWN, "admins"),
    ):
        with pytest.raises(Unavailable):
            await call


@pytest.mark.parametrize(
    ("takes_in", "domain", "members"),
    [
        (True, {"verified": True}, {}),
        (True, {"verified": True}, {"attributes": {"autoJoin": ["true"]}}),
        (False, {"verified": False}, {}),
        (False, {"verified": True}, {"attributes": {"autoJoin": ["false"]}}),
    ],
)
async def test_whoever_has_an_address_of_a_verified_domain_is_taken_in(
    keycloak: Realm, realm: RealmUnderTest, *, takes_in: bool, domain: dict[str, bool], members: dict[str, object]
) -> None:
    name = f"{secrets.token_hex(5)}.test"
    made = aliased(realm, f"company-{secrets.token_hex(4)}", domains=[{"name": name, **domain}], **members)
    assert await keycloak.organizations.taking_in(name) == (made if takes_in else None)
    assert await keycloak.organizations.taking_in(f"sub.{name}") is None


async def test_an_organization_that_is_switched_off_takes_nobody_in(keycloak: Realm, realm: RealmUnderTest) -> None:
    name = f"{secrets.token_hex(5)}.test"
    alias = f"company-{secrets.token_hex(4)}"
    made = aliased(realm, alias, domains=[{"name": name, "verified": True}])
    off = {**realm.admin.get_organization(made.id), "enabled": False}
    realm.admin.update_organization(made.id, off)
    assert await keycloak.organizations.taking_in(name) is None
