import secrets

import pytest

from gateway.domain.errors import Unavailable
from gateway.keycloak.realm import Realm
from tests.keycloak.people import PersonMaker, RealmUnderTest

UNKNOWN = "00000000-0000-0000-0000-000000000000"


def _give(realm: RealmUnderTest, account_id: str, **attributes: list[str]) -> None:
    realm.admin.update_user(account_id, {**realm.admin.get_user(account_id), "attributes": attributes})


def _number() -> str:
    return f"+49{secrets.randbelow(10**10):010d}"


@pytest.mark.parametrize(
    ("actions", "needs"),
    [
        ([], (False, False, False)),
        (["VERIFY_EMAIL"], (True, False, True)),
        (["UPDATE_PASSWORD"], (True, True, False)),
        (["VERIFY_EMAIL", "UPDATE_PASSWORD"], (True, True, False)),
    ],
)
async def test_what_keycloak_wants_first_is_told(
    keycloak: Realm, make_person: PersonMaker, actions: list[str], needs: tuple[bool, bool, bool]
) -> None:
    person = make_person(required_actions=actions)
    profile = await keycloak.profiles.of(person.id)
    assert profile is not None
    assert (profile.needs_action, profile.needs_new_password, profile.needs_only_proof) == needs


async def test_a_person_is_found_by_the_value_of_an_attribute(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person, number = make_person(), _number()
    assert await keycloak.profiles.find_by_attribute("phoneNumber", number) is None
    _give(realm, person.id, phoneNumber=[number])
    found = await keycloak.profiles.find_by_attribute("phoneNumber", number)
    assert found is not None
    assert (found.id, found.username, found.enabled) == (person.id, person.username, True)
    for other in (number[:-1], number[1:], f"{number}0", "+"):
        assert await keycloak.profiles.find_by_attribute("phoneNumber", other) is None
    assert await keycloak.profiles.find_by_attribute("fax", number) is None


async def test_a_value_that_two_people_have_finds_nobody(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    number = _number()
    for _ in range(2):
        _give(realm, make_person().id, phoneNumber=[number])
    assert await keycloak.profiles.find_by_attribute("phoneNumber", number) is None


async def test_roles_are_those_held_directly_by_a_group_and_inside_another_role(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    admin, person = realm.admin, make_person()
    direct, inner, outer, grouped = (f"role-{secrets.token_hex(4)}" for _ in range(4))
    for each in (direct, inner, outer, grouped):
        admin.create_realm_role({"name": each})
    admin.add_composite_realm_roles_to_role(outer, [admin.get_realm_role(inner)])
    admin.assign_realm_roles(person.id, [admin.get_realm_role(each) for each in (direct, outer)])
    group = str(admin.create_group({"name": f"group-{secrets.token_hex(4)}"}))
    admin.assign_group_realm_roles(group, [admin.get_realm_role(grouped)])
    admin.group_user_add(person.id, group)
    roles = await keycloak.profiles.roles_of(person.id)
    assert {direct, inner, outer, grouped} <= roles
    assert not {direct, grouped} & await keycloak.profiles.roles_of(make_person().id)


async def test_nobody_holds_nothing(keycloak: Realm) -> None:
    assert await keycloak.profiles.roles_of(UNKNOWN) == frozenset()


@pytest.mark.parametrize("odd", ["", "../x", "ann", UNKNOWN.upper() + "x"])
async def test_what_is_no_id_holds_nothing_without_asking(unreachable: Realm, odd: str) -> None:
    assert await unreachable.profiles.roles_of(odd) == frozenset()


async def test_every_call_says_unavailable_when_keycloak_is_not_there(unreachable: Realm) -> None:
    profiles = unreachable.profiles
    for call in (profiles.of(UNKNOWN), profiles.roles_of(UNKNOWN), profiles.find_by_attribute("phoneNumber", "+1")):
        with pytest.raises(Unavailable):
            await call
