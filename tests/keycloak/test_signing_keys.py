import asyncio
from collections.abc import AsyncIterator, Awaitable
from datetime import timedelta

import pytest

from gateway.domain.errors import TokenRefused
from gateway.domain.tokens import SignedIn
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings
from tests.keycloak.opening import changed, opened
from tests.keycloak.people import PersonMaker, RealmUnderTest, direct_grant
from tests.keycloak.proxy import Proxy
from tests.keycloak.signing import add_key
from tests.keycloak.tokens_apart import claims_of, part_of, with_header

KEYS = "/protocol/openid-connect/certs"


@pytest.fixture
async def access_token(proxied: Realm, make_person: PersonMaker) -> str:
    person = make_person()
    return (await proxied.tokens.sign_in(person.username, person.password, offline=False)).access_token


_A_MOMENT = timedelta(seconds=0.05)


@pytest.fixture
async def forgetful(settings: KeycloakSettings, proxy: Proxy) -> AsyncIterator[Realm]:
    """The room behind the proxy, keeping keys for a moment only."""
    async with opened(changed(settings, url=proxy.url, keys_lifetime=_A_MOMENT)) as realm:
        yield realm


async def refused(verified: Awaitable[SignedIn]) -> bool:
    """Say whether a token is refused."""
    try:
        await verified
    except TokenRefused:
        return True
    return False


async def test_hundred_first_tokens_fetch_the_keys_once(proxied: Realm, proxy: Proxy, access_token: str) -> None:
    people = await asyncio.gather(*(proxied.access_tokens.verify(access_token) for _ in range(100)))
    assert len({person.account_id for person in people}) == 1
    assert proxy.seen(KEYS) == 1


async def test_hundred_unknown_keys_fetch_once_more(proxied: Realm, proxy: Proxy, access_token: str) -> None:
    await proxied.access_tokens.verify(access_token)
    forged = [with_header(access_token, kid=f"unknown-{number}") for number in range(100)]
    began = asyncio.get_running_loop().time()
    assert all(await asyncio.gather(*(refused(proxied.access_tokens.verify(token)) for token in forged)))
    assert asyncio.get_running_loop().time() - began < 5
    assert proxy.seen(KEYS) <= 2
    await proxied.access_tokens.verify(access_token)


async def test_new_key_is_accepted_at_once_and_the_old_one_as_long_as_it_is_listed(
    settings: KeycloakSettings, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    old = direct_grant(realm, "gateway", make_person())["access_token"]
    async with opened(settings) as keycloak:
        await keycloak.access_tokens.verify(old)
        key = add_key(realm, priority=1000)
        try:
            new = direct_grant(realm, "gateway", make_person())["access_token"]
            assert part_of(new, 0)["kid"] == key.id
            await keycloak.access_tokens.verify(new)
            await keycloak.access_tokens.verify(old)
        finally:
            realm.admin.delete_component(key.component)


async def test_unknown_key_searches_although_the_keys_were_just_renewed(
    forgetful: Realm, proxy: Proxy, access_token: str
) -> None:
    await forgetful.access_tokens.verify(access_token)
    await asyncio.sleep(5.1)
    await forgetful.access_tokens.verify(access_token)
    for number in range(3):
        assert await refused(forgetful.access_tokens.verify(with_header(access_token, kid=f"unknown-{number}")))
    assert proxy.seen(KEYS) == 3


async def test_key_that_the_realm_has_dropped_is_dropped_here_after_its_lifetime(
    settings: KeycloakSettings, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    key = add_key(realm)
    claims = claims_of(direct_grant(realm, "gateway", make_person())["access_token"])
    async with opened(changed(settings, keys_lifetime=timedelta(seconds=5))) as keycloak:
        await keycloak.access_tokens.verify(key.signed(claims))
        realm.admin.delete_component(key.component)
        await asyncio.sleep(5.1)
        assert await refused(keycloak.access_tokens.verify(key.signed(claims)))


async def test_old_keys_serve_while_keycloak_is_down(forgetful: Realm, proxy: Proxy, access_token: str) -> None:
    await forgetful.access_tokens.verify(access_token)
    await proxy.refuse()
    await asyncio.sleep(5.1)
    person = await forgetful.access_tokens.verify(access_token)
    assert person.account_id == claims_of(access_token)["sub"]
    assert await refused(forgetful.access_tokens.verify(with_header(access_token, kid="unknown")))


async def test_keys_are_fetched_again_when_keycloak_is_back(forgetful: Realm, proxy: Proxy, access_token: str) -> None:
    await forgetful.access_tokens.verify(access_token)
    await proxy.refuse()
    await asyncio.sleep(5.1)
    await forgetful.access_tokens.verify(access_token)
    await proxy.listen()
    await asyncio.sleep(5.1)
    await forgetful.access_tokens.verify(access_token)
    assert proxy.seen(KEYS) == 2


async def test_when_keys_are_due_a_frozen_keycloak_holds_up_one_at_most(
    settings: KeycloakSettings, proxy: Proxy, access_token: str
) -> None:
    times = {"keys_lifetime": _A_MOMENT, "timeout": timedelta(seconds=6)}
    async with opened(changed(settings, url=proxy.url, **times)) as forgetful:
        await forgetful.access_tokens.verify(access_token)
        await asyncio.sleep(5.1)
        proxy.stall()
        fetching = asyncio.create_task(forgetful.access_tokens.verify(access_token))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(5):
            await asyncio.gather(*(forgetful.access_tokens.verify(access_token) for _ in range(20)))
        assert not fetching.done()
        await fetching


async def test_frozen_keycloak_does_not_hold_up_tokens_of_known_keys(
    proxied: Realm, proxy: Proxy, access_token: str
) -> None:
    await proxied.access_tokens.verify(access_token)
    proxy.stall()
    async with asyncio.timeout(10):
        await proxied.access_tokens.verify(access_token)
