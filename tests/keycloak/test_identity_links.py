import asyncio
from uuid import uuid4

import pytest

from gateway.domain.errors import AccountNotFound
from gateway.domain.identity_providers import ExternalIdentity
from gateway.keycloak.identity_links import IdentityLink
from gateway.keycloak.realm import Realm
from tests.keycloak.people import PersonMaker, RealmUnderTest
from tests.keycloak.providers import ProviderMaker


def an_identity(alias: str, **changed: str) -> ExternalIdentity:
    """Make up somebody whom nobody knows."""
    name = f"erin-{uuid4().hex[:8]}"
    said = {"email": f"{name}@example.test", "first_name": "Erin", "last_name": "Extern", **changed}
    return ExternalIdentity(alias, f"sub-{name}", **said)


async def test_a_linked_identity_is_found_with_its_holder(
    keycloak: Realm, make_person: PersonMaker, make_provider: ProviderMaker
) -> None:
    person, link = make_person(), IdentityLink(make_provider("google"), f"Sub-{uuid4()}")
    assert await keycloak.identity_links.holders(link) == []
    assert await keycloak.identity_links.add(person.id, link, "erin")
    assert await keycloak.identity_links.holders(link) == [person.id]
    assert await keycloak.identity_links.holders(IdentityLink(link.alias, link.subject.lower())) == []
    assert await keycloak.identity_links.of(person.id) == [link]


async def test_all_holders_of_one_identity_are_told(
    keycloak: Realm, make_person: PersonMaker, make_provider: ProviderMaker
) -> None:
    people, link = {make_person().id, make_person().id}, IdentityLink(make_provider("google"), str(uuid4()))
    for each in people:
        await keycloak.identity_links.add(each, link, "erin")
    assert set(await keycloak.identity_links.holders(link)) == people


async def test_a_second_identity_of_one_provider_is_not_added(
    keycloak: Realm, make_person: PersonMaker, make_provider: ProviderMaker
) -> None:
    person, alias = make_person(), make_provider("google")
    assert await keycloak.identity_links.add(person.id, IdentityLink(alias, "one"), "erin")
    assert not await keycloak.identity_links.add(person.id, IdentityLink(alias, "two"), "erin")
    assert await keycloak.identity_links.of(person.id) == [IdentityLink(alias, "one")]


@pytest.mark.parametrize("account_id", ["00000000-0000-4000-8000-000000000000", "../clients", ""])
async def test_nobody_is_linked_to_nothing(keycloak: Realm, account_id: str, make_provider: ProviderMaker) -> None:
    with pytest.raises(AccountNotFound):
        await keycloak.identity_links.add(account_id, IdentityLink(make_provider("google"), "one"), "erin")


async def test_a_new_account_is_linked_verified_and_without_a_password(
    keycloak: Realm, realm: RealmUnderTest, make_provider: ProviderMaker
) -> None:
    identity = an_identity(make_provider("google"))
    account_id = await keycloak.new_accounts.make_for(identity)
    assert account_id
    told = realm.admin.get_user(account_id)
    assert (told["email"], told["username"], told["emailVerified"]) == (identity.email, identity.email, True)
    assert (told["firstName"], told["lastName"]) == ("Erin", "Extern")
    assert realm.admin.get_credentials(account_id) == []
    assert await keycloak.identity_links.holders(IdentityLink(identity.alias, identity.subject)) == [account_id]


async def test_one_account_comes_of_twenty_requests_at_once(keycloak: Realm, make_provider: ProviderMaker) -> None:
    identity = an_identity(make_provider("google"))
    made = await asyncio.gather(*(keycloak.new_accounts.make_for(identity) for _ in range(20)))
    assert sum(each is not None for each in made) == 1


@pytest.mark.parametrize(
    ("first", "last", "stored"),
    [
        ("", "", None),
        ("<script>", "{{7*7}}", ("script", "77")),
        ("x" * 300, "\0\r\n", ("x" * 255, None)),
        ("Ægir Óðinn", "O'Brien-Núñez", ("Ægir Óðinn", "O'Brien-Núñez")),
    ],
)
async def test_names_are_such_that_keycloak_takes_them(
    keycloak: Realm,
    realm: RealmUnderTest,
    make_provider: ProviderMaker,
    first: str,
    last: str,
    stored: tuple[str, str | None] | None,
) -> None:
    identity = an_identity(make_provider("google"), first_name=first, last_name=last)
    told = realm.admin.get_user(str(await keycloak.new_accounts.make_for(identity)))
    local_part = identity.email.partition("@")[0]
    expected = [each or local_part for each in stored or (None, None)]
    assert [told["firstName"], told["lastName"]] == expected
