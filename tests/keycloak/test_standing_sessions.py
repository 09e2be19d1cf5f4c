"""The offline sessions of access clients (cyclos contract section 9)."""

import pytest

from gateway.domain.errors import AccountNotReady, RightsRefused, TokenRefused
from gateway.domain.password_rules import PasswordPolicy
from gateway.domain.tokens import Tokens
from gateway.keycloak.realm import Realm
from tests.keycloak.people import PersonMaker, RealmUnderTest, account_of
from tests.servers.people import Person


async def _standing(keycloak: Realm, person: Person) -> Tokens:
    return await keycloak.tokens.sign_in_verified(account_of(person), offline=True)


async def test_a_verified_person_gets_an_offline_session_and_no_other(
    keycloak: Realm, make_person: PersonMaker
) -> None:
    person = make_person(totp="a-key-of-twenty-char")
    tokens = await _standing(keycloak, person)
    assert "offline_access" in tokens.scope.split()
    (session,) = await keycloak.sessions.of(person.id)
    assert (session.id, session.offline, session.is_standing) == (tokens.session_id, True, True)
    refreshed = await keycloak.tokens.refresh(tokens.refresh_token)
    assert refreshed.session_id == tokens.session_id


async def test_the_token_works_again_and_again_until_its_session_ends(
    keycloak: Realm, make_person: PersonMaker
) -> None:
    tokens = await _standing(keycloak, make_person())
    for _ in range(3):
        await keycloak.tokens.refresh(tokens.refresh_token)
    ended = await keycloak.tokens.end_session(tokens.refresh_token)
    assert ended.session_id == tokens.session_id
    for _ in range(2):
        with pytest.raises(TokenRefused):
            await keycloak.tokens.refresh(tokens.refresh_token)


async def test_other_offline_sessions_are_no_access_clients(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person()
    remembered = await keycloak.tokens.sign_in(person.username, person.password, offline=True)
    standing = await _standing(keycloak, person)
    told = {each.id: each.is_standing for each in await keycloak.sessions.of(person.id)}
    assert told == {remembered.session_id: False, standing.session_id: True}


async def test_an_action_that_is_due_or_a_missing_role_is_in_the_way(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    with pytest.raises(AccountNotReady):
        await _standing(keycloak, make_person(required_actions=["UPDATE_PASSWORD"]))
    person = make_person()
    realm.admin.delete_realm_roles_of_user(person.id, realm.admin.get_realm_roles_of_user(person.id))
    with pytest.raises(RightsRefused):
        await _standing(keycloak, person)
    assert await keycloak.sessions.of(person.id) == []


async def test_what_is_kept_about_a_person_is_told_by_name(keycloak: Realm, make_person: PersonMaker) -> None:
    profile = await keycloak.profiles.of(make_person(phone="+15550100").id)
    assert profile
    assert list(profile.attributes["phoneNumber"]) == ["+15550100"]
    assert "+15550100" not in repr(profile)


async def test_the_policy_of_the_realm_is_read(keycloak: Realm) -> None:
    policy = await keycloak.password_policy()
    assert policy == PasswordPolicy(at_least=8, upper_case=1, lower_case=1, digits=1)
