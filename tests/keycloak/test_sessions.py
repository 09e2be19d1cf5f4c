import asyncio

import pytest

from gateway.domain.errors import TokenRefused, Unavailable
from gateway.domain.tokens import Tokens
from gateway.keycloak.realm import Realm
from gateway.keycloak.sessions import Session
from tests.keycloak.people import PersonMaker, RealmUnderTest, direct_grant

UNKNOWN = "00000000-0000-0000-0000-000000000000"


async def is_alive(keycloak: Realm, tokens: Tokens) -> bool:
    try:
        await keycloak.tokens.refresh(tokens.refresh_token)
    except TokenRefused:
        return False
    return True


async def test_nobody_signed_in_has_no_sessions(keycloak: Realm, make_person: PersonMaker) -> None:
    assert await keycloak.sessions.of(make_person().id) == []
    assert await keycloak.sessions.of(UNKNOWN) == []


async def test_sessions_of_all_clients_and_kinds_are_listed(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person, other = make_person(), make_person()
    expected = set()
    for client in ("gateway", "gateway-verified"):
        for scope, offline in (("openid", False), ("openid offline_access", True)):
            granted = direct_grant(realm, client, person, scope=scope)
            expected.add(Session(granted["session_state"], offline=offline))
    expected.add(Session(direct_grant(realm, "gateway-check", person)["session_state"], offline=False))
    direct_grant(realm, "gateway", other)
    listed = await keycloak.sessions.of(person.id)
    assert set(listed) == expected
    assert len(listed) == len(expected)


async def test_ended_session_is_dead_and_others_live(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person()
    tokens = [await keycloak.tokens.sign_in(person.username, person.password, offline=False) for _ in range(2)]
    await keycloak.sessions.end(Session(tokens[0].session_id, offline=False))
    assert [await is_alive(keycloak, each) for each in tokens] == [False, True]
    assert not await keycloak.tokens.is_active(tokens[0].access_token)


async def test_ended_offline_session_is_dead(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person()
    tokens = await keycloak.tokens.sign_in(person.username, person.password, offline=True)
    await keycloak.sessions.end(Session(tokens.session_id, offline=True))
    assert not await is_alive(keycloak, tokens)
    assert await keycloak.sessions.of(person.id) == []


async def test_all_listed_sessions_can_be_ended_at_once(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person()
    for offline in (False, True) * 5:
        await keycloak.tokens.sign_in(person.username, person.password, offline=offline)
    listed = await keycloak.sessions.of(person.id)
    assert len(listed) == 10
    await asyncio.gather(*map(keycloak.sessions.end, listed))
    assert await keycloak.sessions.of(person.id) == []


async def test_session_already_gone_ends_quietly(keycloak: Realm) -> None:
    for offline in (False, True):
        await keycloak.sessions.end(Session("AAAAAAAAAAAAAAAAAAAAAAAA", offline=offline))


@pytest.mark.parametrize("odd", ["", "..", "../users", "a/b", "a?b", "a b", "x" * 65])
async def test_what_is_no_session_id_is_not_asked_about(unreachable: Realm, odd: str) -> None:
    await unreachable.sessions.end(Session(odd, offline=False))
    assert await unreachable.sessions.of(odd) == []


async def test_keycloak_that_is_not_there_is_unavailable(unreachable: Realm) -> None:
    with pytest.raises(Unavailable):
        await unreachable.sessions.of(UNKNOWN)
    with pytest.raises(Unavailable):
        await unreachable.sessions.end(Session("AAAAAAAAAAAAAAAAAAAAAAAA", offline=True))


async def test_deleted_account_has_no_sessions(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    direct_grant(realm, "gateway", person, scope="openid offline_access")
    realm.admin.delete_user(person.id)
    assert await keycloak.sessions.of(person.id) == []
