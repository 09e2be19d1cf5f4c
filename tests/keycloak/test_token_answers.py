"""Tokens for one organization, and what tokens say of their end."""

import pytest

from gateway.domain.errors import AccountNotFound
from gateway.domain.organizations import Organization
from gateway.keycloak.realm import Realm
from gateway.keycloak.token_answers import dated
from gateway.settings import KeycloakSettings
from tests.conftest import Person
from tests.keycloak.opening import changed, opened
from tests.keycloak.people import PersonMaker, RealmUnderTest, account_of
from tests.keycloak.tokens_apart import claims_of
from tests.servers.people import OrganizationMaker


@pytest.fixture
def two(make_organization: OrganizationMaker) -> list[Organization]:
    """Two organizations, as the room finds them."""
    return [Organization(each.id, each.alias) for each in (make_organization(), make_organization())]


@pytest.fixture
def member(realm: RealmUnderTest, make_person: PersonMaker, two: list[Organization]) -> Person:
    """A member of both."""
    person = make_person()
    for each in two:
        realm.admin.organization_user_add(person.id, each.id)
    return person


async def test_tokens_are_for_the_one_organization_asked_for(
    keycloak: Realm, member: Person, two: list[Organization]
) -> None:
    for organization in two:
        by_password = await keycloak.tokens.sign_in(
            member.username, member.password, offline=False, organization=organization
        )
        verified = await keycloak.tokens.sign_in_verified(account_of(member), organization=organization)
        for tokens in (by_password, verified):
            assert claims_of(tokens.access_token)["organization"] == [organization.alias]


async def test_a_scope_of_all_organizations_in_the_settings_gives_way(
    settings: KeycloakSettings, member: Person, two: list[Organization]
) -> None:
    async with opened(changed(settings, scopes=["organization:*", "address"])) as keycloak:
        tokens = await keycloak.tokens.sign_in(member.username, member.password, offline=False, organization=two[0])
        assert claims_of(tokens.access_token)["organization"] == [two[0].alias]
        assert "address" in tokens.scope.split()
        without = await keycloak.tokens.sign_in(member.username, member.password, offline=False)
        assert set(claims_of(without.access_token)["organization"]) == {each.alias for each in two}


async def test_who_is_no_member_gets_no_tokens_and_no_session(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker, two: list[Organization]
) -> None:
    stranger = make_person()
    with pytest.raises(AccountNotFound):
        await keycloak.tokens.sign_in(stranger.username, stranger.password, offline=False, organization=two[0])
    with pytest.raises(AccountNotFound):
        await keycloak.tokens.sign_in_verified(account_of(stranger), organization=two[0])
    assert realm.admin.get_sessions(stranger.id) == []


async def test_dated_tokens_tell_the_end_of_each(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person()
    tokens = await keycloak.tokens.sign_in(person.username, person.password, offline=False)
    told = dated(tokens)
    assert (told.session_id, told.access_token, told.refresh_token) == (
        tokens.session_id,
        tokens.access_token,
        tokens.refresh_token,
    )
    assert told.expires_at == claims_of(tokens.access_token)["exp"]
    assert told.refresh_expires_at == claims_of(tokens.refresh_token)["exp"]
    assert keycloak.tokens.presented(tokens.refresh_token).expires_at == told.refresh_expires_at
