import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from gateway.domain.errors import Unavailable
from gateway.domain.identity_providers import IdentityProvider
from gateway.domain.organizations import Organization
from gateway.domain.sign_in_methods import SignInMethod
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings
from tests.keycloak.opening import opened
from tests.keycloak.providers import ProviderMaker
from tests.keycloak.proxy import Proxy
from tests.servers.people import OrganizationMaker

INSTANCES = "/identity-provider/instances"
TENANT = "7b5e0f2c-3f0e-4a6c-9d53-0d8ad1f6a0c1"


@pytest.fixture
async def fresh(settings: KeycloakSettings) -> AsyncIterator[Realm]:
    """The room, which knows no provider yet."""
    async with opened(settings) as realm:
        yield realm


async def found(realm: Realm, alias: str, organization: Organization | None = None) -> IdentityProvider:
    """Find a provider that is there."""
    provider = await realm.providers.meant_by(alias, organization)
    assert provider is not None
    return provider


async def test_google_is_known_by_heart(fresh: Realm, make_provider: ProviderMaker) -> None:
    provider = await found(fresh, make_provider("google", trustEmail=True, displayName="Google of ours"))
    assert provider.issuers == {"https://accounts.google.com", "accounts.google.com"}
    assert provider.keys_url == "https://www.googleapis.com/oauth2/v3/certs"
    assert (provider.client_id, provider.name, provider.trusts_email) == ("ours", "Google of ours", True)
    assert provider.serves(SignInMethod.GOOGLE)
    assert not provider.serves(SignInMethod.OAUTH)


async def test_microsoft_is_known_by_its_one_tenant(fresh: Realm, make_provider: ProviderMaker) -> None:
    provider = await found(fresh, make_provider("microsoft", config={"tenantId": TENANT}))
    assert provider.issuers == {f"https://login.microsoftonline.com/{TENANT}/v2.0"}
    assert provider.keys_url == f"https://login.microsoftonline.com/{TENANT}/discovery/v2.0/keys"
    assert provider.serves(SignInMethod.MICROSOFT)


@pytest.mark.parametrize("config", [{}, {"tenantId": "common"}, {"tenantId": "organizations"}])
async def test_microsoft_for_everybody_s_tenants_serves_nobody(
    fresh: Realm, make_provider: ProviderMaker, config: dict[str, str]
) -> None:
    provider = await found(fresh, make_provider("microsoft", config=config))
    assert not provider.serves(SignInMethod.MICROSOFT)


async def test_what_the_config_says_beats_what_is_known_by_heart(fresh: Realm, make_provider: ProviderMaker) -> None:
    config = {"issuer": "https://a.example, https://b.example", "jwksUrl": "https://a.example/keys"}
    provider = await found(fresh, make_provider("microsoft", config=config))
    assert provider.issuers == {"https://a.example", "https://b.example"}
    assert provider.keys_url == "https://a.example/keys"


async def test_any_other_provider_serves_with_what_its_config_says(fresh: Realm, make_provider: ProviderMaker) -> None:
    config = {
        "issuer": "https://a.example",
        "jwksUrl": "https://a.example/keys",
        "useJwksUrl": "true",
        "userInfoUrl": "https://a.example/userinfo",
        "authorizationUrl": "https://a.example/authorize",
        "tokenUrl": "https://a.example/token",
    }
    provider = await found(fresh, make_provider(config=config))
    assert provider.serves(SignInMethod.OAUTH)
    assert provider.serves(SignInMethod.AZURE_AD)
    assert "between-us" not in repr(provider)


@pytest.mark.parametrize(
    "representation",
    [
        {"enabled": False},
        {"linkOnly": True},
        {"config": {"filteredByClaim": "true", "claimFilterName": "hd", "claimFilterValue": "acme"}},
    ],
)
async def test_what_keycloak_lets_nobody_or_not_everybody_in_by_serves_nobody(
    fresh: Realm, make_provider: ProviderMaker, representation: dict[str, Any]
) -> None:
    assert not (await found(fresh, make_provider("google", **representation))).serves(SignInMethod.GOOGLE)


async def test_an_organization_s_own_provider_wins(
    fresh: Realm, make_provider: ProviderMaker, make_organization: OrganizationMaker
) -> None:
    shared = make_provider("google")
    made, others = make_organization(), make_organization()
    own = make_provider("google", alias=f"{shared}-{made.alias}", enabled=False)
    make_provider.belongs_to(own, made.id)
    foreign = make_provider("google")
    make_provider.belongs_to(foreign, others.id)
    organization = Organization(made.id, made.alias)
    assert (await found(fresh, shared, organization)).alias == own
    assert (await found(fresh, shared, Organization(others.id, others.alias))).alias == shared
    assert (await found(fresh, shared)).alias == shared
    assert await fresh.providers.meant_by(foreign, organization) is None
    assert await fresh.providers.meant_by(foreign, None) is None
    assert (await found(fresh, foreign, Organization(others.id, others.alias))).alias == foreign


async def test_a_provider_of_another_organization_s_name_is_not_its_own(
    fresh: Realm, make_provider: ProviderMaker
) -> None:
    shared = make_provider("google")
    make_provider("google", alias=f"{shared}-acme")
    assert (await found(fresh, shared, Organization(str(uuid4()), "acme"))).alias == shared


async def test_providers_are_asked_for_once_in_five_seconds(
    proxied: Realm, proxy: Proxy, make_provider: ProviderMaker
) -> None:
    alias = make_provider("google")
    await asyncio.gather(*(found(proxied, alias) for _ in range(20)))
    assert await proxied.providers.meant_by("nobody-s", None) is None
    assert sum(INSTANCES in each for each in proxy.requests) == 1


async def test_more_than_a_page_of_providers_is_read(proxied: Realm, make_provider: ProviderMaker) -> None:
    aliases = [make_provider("google", alias=f"zz-{number:03}") for number in range(101)]
    assert (await found(proxied, aliases[0])).alias == aliases[0]
    assert (await found(proxied, aliases[-1])).alias == aliases[-1]


async def test_while_keycloak_is_down_no_provider_is_known(unreachable: Realm) -> None:
    with pytest.raises(Unavailable):
        await unreachable.providers.meant_by("google", None)


async def test_shown_are_those_that_keycloak_shows_to_everybody_in_order(
    fresh: Realm, make_provider: ProviderMaker, make_organization: OrganizationMaker
) -> None:
    mark = secrets.token_hex(3)
    for alias in (f"z-{mark}", f"a-{mark}"):
        make_provider(alias=alias)
    make_provider(alias=f"off-{mark}", enabled=False)
    make_provider(alias=f"hidden-{mark}", hideOnLogin=True)
    make_provider(alias=f"linking-{mark}", linkOnly=True)
    make_provider.belongs_to(make_provider(alias=f"own-{mark}"), make_organization().id)
    shown = await fresh.providers.shown()
    assert [alias for alias in shown if alias.endswith(mark)] == [f"a-{mark}", f"z-{mark}"]
