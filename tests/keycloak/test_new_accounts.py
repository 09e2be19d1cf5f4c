import asyncio
import secrets

import pytest

from gateway.domain.accounts import NewPerson
from gateway.domain.errors import AccountRefused, AddressTaken, PasswordRefused, Unavailable
from gateway.keycloak.realm import Realm
from tests.keycloak.people import PersonMaker, RealmUnderTest, direct_grant
from tests.servers.people import Person

PASSWORD = "Passw0rd!x"
UNKNOWN = "00000000-0000-0000-0000-000000000000"
MADE_AT = 1_700_000_000_123


def somebody(
    *, email: str | None = None, first_name: str = "Zoë", last_name: str = "李", password: str = PASSWORD
) -> NewPerson:
    return NewPerson(email or f"new-{secrets.token_hex(5)}@example.test", first_name, last_name, password)


def made_for(realm: RealmUnderTest, email: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = realm.admin.get_users({"email": email, "exact": True})
    return found


async def test_an_account_is_made_as_its_person_wants_it(keycloak: Realm, realm: RealmUnderTest) -> None:
    person = somebody()
    account_id = await keycloak.new_accounts.make(person, MADE_AT)
    (made,) = made_for(realm, person.email)
    told = {"id", "username", "email", "firstName", "lastName", "enabled", "emailVerified", "createdTimestamp"}
    assert {name: made[name] for name in told} == {
        "id": account_id,
        "username": person.email,
        "email": person.email,
        "firstName": "Zoë",
        "lastName": "李",
        "enabled": True,
        "emailVerified": False,
        "createdTimestamp": MADE_AT,
    }
    direct_grant(realm, "gateway", Person(account_id, person.email, person.email, PASSWORD))


@pytest.mark.parametrize("spelling", [str, str.upper, str.title])
async def test_an_address_is_taken_whatever_its_case(
    keycloak: Realm, make_person: PersonMaker, spelling: type[str]
) -> None:
    taken = make_person()
    with pytest.raises(AddressTaken):
        await keycloak.new_accounts.make(somebody(email=spelling(taken.email)), MADE_AT)


async def test_an_address_is_taken_that_is_somebodys_user_name(keycloak: Realm, make_person: PersonMaker) -> None:
    name = f"named-{secrets.token_hex(5)}@example.test"
    make_person(username=name, email="")
    with pytest.raises(AddressTaken):
        await keycloak.new_accounts.make(somebody(email=name), MADE_AT)


async def test_of_many_at_once_one_gets_the_address(keycloak: Realm, realm: RealmUnderTest) -> None:
    person = somebody()
    made = await asyncio.gather(
        *(keycloak.new_accounts.make(person, MADE_AT) for _ in range(8)), return_exceptions=True
    )
    assert [each["id"] for each in made_for(realm, person.email)] == [each for each in made if isinstance(each, str)]


async def test_a_password_against_the_policy_is_refused_with_the_rule(keycloak: Realm, realm: RealmUnderTest) -> None:
    person = somebody(password="passw0rd!x")
    with pytest.raises(PasswordRefused) as refused:
        await keycloak.new_accounts.make(person, MADE_AT)
    assert refused.value.rule == "The new password must contain upper-case letters, at least 1"
    assert made_for(realm, person.email) == []


@pytest.mark.parametrize("name", ["<script>", "two\r\nlines", "n\0ul", "x" * 256])
async def test_names_against_the_user_profile_are_refused(keycloak: Realm, realm: RealmUnderTest, name: str) -> None:
    for person in (somebody(first_name=name), somebody(last_name=name)):
        with pytest.raises(AccountRefused):
            await keycloak.new_accounts.make(person, MADE_AT)
        assert made_for(realm, person.email) == []


@pytest.mark.parametrize("email", ["a..b@example.test", "{{7*7}}@example.test", "é@example.test"])
async def test_addresses_against_the_user_profile_are_refused(keycloak: Realm, email: str) -> None:
    with pytest.raises(AccountRefused) as refused:
        await keycloak.new_accounts.make(somebody(email=email), MADE_AT)
    assert not isinstance(refused.value, AddressTaken)


async def test_an_account_is_known_again_by_the_time_it_was_made(keycloak: Realm) -> None:
    person = somebody()
    account_id = await keycloak.new_accounts.make(person, MADE_AT)
    assert await keycloak.new_accounts.find(person.email, MADE_AT) == account_id
    assert await keycloak.new_accounts.find(person.email, MADE_AT + 1) is None
    assert await keycloak.new_accounts.find(somebody().email, MADE_AT) is None


async def test_unmaking_leaves_nobody_and_may_be_repeated(keycloak: Realm, realm: RealmUnderTest) -> None:
    person = somebody()
    account_id = await keycloak.new_accounts.make(person, MADE_AT)
    for _ in range(2):
        await keycloak.new_accounts.unmake(account_id)
    assert made_for(realm, person.email) == []


async def test_what_is_no_id_is_not_even_asked_for(unreachable: Realm) -> None:
    await unreachable.new_accounts.unmake("../users")
    with pytest.raises(Unavailable):
        await unreachable.new_accounts.unmake(UNKNOWN)


async def test_without_keycloak_nothing_is_made(unreachable: Realm) -> None:
    with pytest.raises(Unavailable):
        await unreachable.new_accounts.make(somebody(), MADE_AT)
