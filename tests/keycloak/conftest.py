from collections.abc import AsyncIterator, Iterator, Mapping

import pytest

from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings, load
from tests.keycloak.opening import changed, closed_url, opened, patiently
from tests.keycloak.people import PersonMaker, RealmUnderTest
from tests.keycloak.providers import ProviderMaker
from tests.keycloak.proxy import Proxy, proxy_before
from tests.keycloak.signing import RealmKey, add_key


@pytest.fixture(scope="session")
def hurried(gateway_variables: Mapping[str, str]) -> KeycloakSettings:
    """The time-outs an operator gets, for when Keycloak is frozen."""
    return load(gateway_variables).keycloak


@pytest.fixture(scope="session")
def settings(hurried: KeycloakSettings) -> KeycloakSettings:
    return patiently(hurried)


@pytest.fixture
async def keycloak(settings: KeycloakSettings) -> AsyncIterator[Realm]:
    """The room, opened on the real Keycloak."""
    async with opened(settings) as realm:
        yield realm


@pytest.fixture
async def proxy(settings: KeycloakSettings) -> AsyncIterator[Proxy]:
    async with proxy_before(settings.url) as running:
        yield running


@pytest.fixture
async def proxied(settings: KeycloakSettings, proxy: Proxy) -> AsyncIterator[Realm]:
    """The room, opened on the real Keycloak behind a proxy."""
    async with opened(changed(settings, url=proxy.url)) as realm:
        yield realm


@pytest.fixture
async def unreachable(settings: KeycloakSettings) -> AsyncIterator[Realm]:
    """The room, opened on a port where nobody listens: whatever answers did not ask Keycloak."""
    async with opened(changed(settings, url=closed_url(), issuer=f"{settings.url}/realms/{settings.realm}")) as realm:
        yield realm


@pytest.fixture(scope="module")
def key(realm: RealmUnderTest) -> Iterator[RealmKey]:
    """A key that the realm lists and the tests sign with."""
    added = add_key(realm)
    yield added
    realm.admin.delete_component(added.component)


@pytest.fixture
async def access_token(keycloak: Realm, make_person: PersonMaker) -> str:
    """A good access token."""
    person = make_person()
    return (await keycloak.tokens.sign_in(person.username, person.password, offline=False)).access_token


@pytest.fixture
async def refresh_token(keycloak: Realm, make_person: PersonMaker) -> str:
    """A good refresh token."""
    person = make_person()
    tokens = await keycloak.tokens.sign_in(person.username, person.password, offline=False)
    return tokens.refresh_token


@pytest.fixture
def make_provider(realm: RealmUnderTest) -> Iterator[ProviderMaker]:
    maker = ProviderMaker(realm, [])
    yield maker
    for alias in maker.made:
        realm.admin.delete_idp(alias)
