import json

import pytest
from keycloak import KeycloakAdmin

from gateway.domain.errors import AccountNotReady, CredentialsRefused, TokenRefused, Unavailable
from gateway.domain.tokens import EndedSession
from gateway.keycloak.answers import Answer
from gateway.keycloak.realm import Realm
from gateway.keycloak.token_answers import tokens_of
from tests.keycloak.people import PersonMaker, RealmUnderTest, direct_grant, uuid_of_client
from tests.keycloak.tokens_apart import claims_of

PASSWORD = "Passw0rd!x"


def sessions_of(admin: KeycloakAdmin, account_id: str) -> list[str]:
    return [session["id"] for session in admin.get_sessions(account_id)]


async def test_sign_in_gives_the_tokens_of_a_new_session(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    tokens = await keycloak.tokens.sign_in(person.username, person.password, offline=False)
    assert claims_of(tokens.access_token)["sub"] == person.id
    assert claims_of(tokens.refresh_token)["typ"] == "Refresh"
    assert sessions_of(realm.admin, person.id) == [tokens.session_id]
    # Keycloak counts the seconds while it works.
    assert 3590 <= tokens.expires_in <= 3600
    assert 604790 <= tokens.refresh_expires_in <= 604800
    assert tokens.token_type == "Bearer"
    assert "openid" in tokens.scope.split()


@pytest.mark.parametrize("password", ["Pässwörd1!x", "Passw0rd!😀e\u0301", " Passw0rd! ", "Passw0rd!&=+%20\\\"'"])
async def test_passwords_reach_keycloak_unchanged(keycloak: Realm, make_person: PersonMaker, password: str) -> None:
    person = make_person(password=password)
    tokens = await keycloak.tokens.sign_in(person.username, password, offline=False)
    assert claims_of(tokens.access_token)["sub"] == person.id
    with pytest.raises(CredentialsRefused):
        await keycloak.tokens.sign_in(person.username, password.strip() + "x", offline=False)


@pytest.mark.parametrize("password", ["wrong", "", "\0", "\ud800", "x" * 4096])
async def test_wrong_password_is_refused(keycloak: Realm, make_person: PersonMaker, password: str) -> None:
    with pytest.raises(CredentialsRefused):
        await keycloak.tokens.sign_in(make_person().username, password, offline=False)


async def test_unknown_name_is_refused(keycloak: Realm) -> None:
    with pytest.raises(CredentialsRefused):
        await keycloak.tokens.sign_in("nobody-has-this-name", PASSWORD, offline=False)


async def test_disabled_account_is_refused_like_a_wrong_password(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person(enabled=False)
    with pytest.raises(CredentialsRefused):
        await keycloak.tokens.sign_in(person.username, PASSWORD, offline=False)


async def test_account_without_password_is_refused(keycloak: Realm, make_person: PersonMaker) -> None:
    with pytest.raises(CredentialsRefused):
        await keycloak.tokens.sign_in(make_person(password=None).username, PASSWORD, offline=False)


async def test_enrolled_second_factor_is_not_dropped(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person(totp="a-key-of-20-letters")
    with pytest.raises(CredentialsRefused):
        await keycloak.tokens.sign_in(person.username, PASSWORD, offline=False)


async def test_required_action_is_told_to_the_right_password_only(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person(required_actions=["UPDATE_PASSWORD"])
    with pytest.raises(AccountNotReady):
        await keycloak.tokens.sign_in(person.username, PASSWORD, offline=False)
    with pytest.raises(CredentialsRefused):
        await keycloak.tokens.sign_in(person.username, "wrong", offline=False)


async def test_offline_sign_in_gives_an_offline_token(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    tokens = await keycloak.tokens.sign_in(person.username, PASSWORD, offline=True)
    assert claims_of(tokens.refresh_token)["typ"] == "Offline"
    assert sessions_of(realm.admin, person.id) == []


async def test_without_the_offline_role_an_ordinary_session_is_granted(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    default_roles = realm.admin.get_realm_role(f"default-roles-{realm.name}")
    realm.admin.delete_realm_roles_of_user(person.id, [default_roles])
    tokens = await keycloak.tokens.sign_in(person.username, PASSWORD, offline=True)
    assert claims_of(tokens.refresh_token)["typ"] == "Refresh"
    with pytest.raises(CredentialsRefused):
        await keycloak.tokens.sign_in(person.username, "wrong", offline=True)


async def test_without_the_offline_scope_an_ordinary_session_is_granted(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    client = uuid_of_client(realm, "gateway")
    scope = next(each["id"] for each in realm.admin.get_client_scopes() if each["name"] == "offline_access")
    realm.admin.delete_client_optional_client_scope(client, scope)
    try:
        tokens = await keycloak.tokens.sign_in(person.username, PASSWORD, offline=True)
    finally:
        realm.admin.add_client_optional_client_scope(client, scope, {})
    assert claims_of(tokens.refresh_token)["typ"] == "Refresh"


async def test_session_comes_from_the_access_token_when_the_answer_leaves_it_out(
    keycloak: Realm, make_person: PersonMaker
) -> None:
    granted = await keycloak.tokens.sign_in(make_person().username, PASSWORD, offline=False)
    body = {
        "access_token": granted.access_token,
        "refresh_token": granted.refresh_token,
        "expires_in": 1,
        "refresh_expires_in": 2,
        "token_type": "Bearer",
    }
    tokens = tokens_of(Answer(200, json.dumps(body).encode()))
    assert tokens.session_id == granted.session_id
    assert tokens.scope == ""


async def test_effort_for_a_name_nobody_has_ends_quietly(keycloak: Realm) -> None:
    await keycloak.tokens.spend_equal_effort(PASSWORD)


async def test_effort_for_a_name_nobody_has_needs_keycloak_as_well(unreachable: Realm) -> None:
    with pytest.raises(Unavailable):
        await unreachable.tokens.spend_equal_effort(PASSWORD)


async def test_ending_a_session_tells_which_and_is_idempotent(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    ended, kept = [await keycloak.tokens.sign_in(person.username, PASSWORD, offline=False) for _ in range(2)]
    expected = EndedSession(ended.session_id, person.id)
    assert await keycloak.tokens.end_session(ended.refresh_token) == expected
    assert await keycloak.tokens.end_session(ended.refresh_token) == expected
    assert sessions_of(realm.admin, person.id) == [kept.session_id]
    with pytest.raises(TokenRefused):
        await keycloak.tokens.refresh(ended.refresh_token)


async def test_ending_an_offline_session_ends_its_token(keycloak: Realm, make_person: PersonMaker) -> None:
    tokens = await keycloak.tokens.sign_in(make_person().username, PASSWORD, offline=True)
    await keycloak.tokens.end_session(tokens.refresh_token)
    with pytest.raises(TokenRefused):
        await keycloak.tokens.refresh(tokens.refresh_token)


async def test_access_token_is_active_until_its_session_ends(keycloak: Realm, make_person: PersonMaker) -> None:
    tokens = await keycloak.tokens.sign_in(make_person().username, PASSWORD, offline=False)
    assert await keycloak.tokens.is_active(tokens.access_token)
    await keycloak.tokens.end_session(tokens.refresh_token)
    assert not await keycloak.tokens.is_active(tokens.access_token)


async def test_access_token_of_the_verified_client_is_active(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    granted = direct_grant(realm, "gateway-verified", make_person())
    assert await keycloak.tokens.is_active(granted["access_token"])


async def test_access_token_of_a_disabled_account_is_not_active(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    tokens = await keycloak.tokens.sign_in(person.username, PASSWORD, offline=False)
    realm.admin.update_user(person.id, {"enabled": False})
    assert not await keycloak.tokens.is_active(tokens.access_token)


async def test_id_and_refresh_tokens_are_not_active_access_tokens(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    granted = direct_grant(realm, "gateway", make_person(), scope="openid")
    assert not await keycloak.tokens.is_active(granted["id_token"])
    assert not await keycloak.tokens.is_active(granted["refresh_token"])


@pytest.mark.parametrize("token", ["", "x" * 8193])
async def test_what_is_no_token_is_not_active_without_asking(unreachable: Realm, token: str) -> None:
    assert not await unreachable.tokens.is_active(token)


async def test_every_call_says_unavailable_when_keycloak_is_not_there(unreachable: Realm, refresh_token: str) -> None:
    tokens = unreachable.tokens
    for call in (
        tokens.sign_in("ann", PASSWORD, offline=False),
        unreachable.factors.check_password("ann", PASSWORD),
        tokens.refresh(refresh_token),
        tokens.end_session(refresh_token),
        tokens.is_active("a.b.c"),
    ):
        with pytest.raises(Unavailable):
            await call
