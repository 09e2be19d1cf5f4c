import asyncio
import time
from dataclasses import dataclass, replace

import pytest

from gateway.domain.errors import IdentityRefused, Unavailable
from gateway.domain.identity_providers import IdentityProvider as Known
from gateway.third_parties.connection import Connection
from gateway.third_parties.identity_providers import IdentityProviders
from tests.keycloak.opening import closed_url
from tests.servers.identity_provider import CLIENT, IdentityProvider, other_key

EMAIL = "erin@example.test"


@dataclass
class Ticks:
    """Seconds that only go up, and go further when told to."""

    ahead: float = 0.0

    def __call__(self) -> float:
        """Tell them."""
        return time.monotonic() + self.ahead


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def providers(connection: Connection, ticks: Ticks) -> IdentityProviders:
    return IdentityProviders(connection, time.time, ticks)  # noqa: TID251 - tokens are dated by the machine's clock


def known(foreign: IdentityProvider, **changed: object) -> Known:
    """Say what the realm would know of a provider."""
    good = Known(
        alias="foreign",
        kind="oidc",
        name="Foreign",
        enabled=True,
        is_shown=True,
        trusts_email=False,
        organization_id=None,
        client_id=CLIENT,
        tenant="",
        hosted_domains=frozenset(),
        issuers=frozenset({foreign.url}),
        keys_url=f"{foreign.url}/keys",
        userinfo_url=f"{foreign.url}/userinfo",
        authorization_url=f"{foreign.url}/authorize",
        token_url=f"{foreign.url}/token",
    )
    return replace(good, **changed)  # type: ignore[arg-type]  # by name


async def refused(providers: IdentityProviders, provider: Known, token: str) -> str:
    """Say why a token is refused."""
    with pytest.raises(IdentityRefused) as refusal:
        await providers.id_token(provider, token)
    return refusal.value.trouble


async def test_keys_are_fetched_once_for_many_tokens(providers: IdentityProviders, foreign: IdentityProvider) -> None:
    token = foreign.token(EMAIL)
    said = await asyncio.gather(*(providers.id_token(known(foreign), token) for _ in range(20)))
    assert {each["email"] for each in said} == {EMAIL}
    assert foreign.asked("/keys") == 1


async def test_unknown_keys_make_one_fetch_in_five_seconds(
    providers: IdentityProviders, foreign: IdentityProvider, ticks: Ticks
) -> None:
    await providers.id_token(known(foreign), foreign.token(EMAIL))
    forged = foreign.signed(foreign.claims(EMAIL), other_key(), kid="unknown")
    assert {await refused(providers, known(foreign), forged) for _ in range(20)} == {"signature"}
    assert foreign.asked("/keys") == 2, "once for the good token, once in search of the unknown key"
    ticks.ahead += 5
    for _ in range(20):
        await refused(providers, known(foreign), forged)
    assert foreign.asked("/keys") == 3


async def test_a_new_key_of_the_provider_is_found(
    providers: IdentityProviders, foreign: IdentityProvider, ticks: Ticks
) -> None:
    await providers.id_token(known(foreign), foreign.token(EMAIL))
    new = other_key("EC")
    foreign.listed.append({**new.as_dict(private=False), "kid": "second"})
    ticks.ahead += 5
    token = foreign.signed(foreign.claims(EMAIL), new, kid="second", alg="ES256")
    assert (await providers.id_token(known(foreign), token))["email"] == EMAIL


async def test_old_keys_go_on_while_the_provider_is_down(
    providers: IdentityProviders, foreign: IdentityProvider, ticks: Ticks
) -> None:
    await providers.id_token(known(foreign), foreign.token(EMAIL))
    ticks.ahead += 301
    with foreign.being("failing"):
        assert (await providers.id_token(known(foreign), foreign.token(EMAIL)))["email"] == EMAIL
    assert foreign.asked("/keys") == 2


async def test_a_provider_that_is_down_from_the_beginning_is_asked_once_in_five_seconds(
    providers: IdentityProviders, foreign: IdentityProvider, ticks: Ticks
) -> None:
    with foreign.being("garbage"):
        for _ in range(5):
            with pytest.raises(Unavailable, match="identity_provider"):
                await providers.id_token(known(foreign), foreign.token(EMAIL))
    assert foreign.asked("/keys") == 1
    ticks.ahead += 5
    assert (await providers.id_token(known(foreign), foreign.token(EMAIL)))["email"] == EMAIL


async def test_keys_of_another_address_are_fetched_anew(
    providers: IdentityProviders, foreign: IdentityProvider
) -> None:
    await providers.id_token(known(foreign), foreign.token(EMAIL))
    moved = known(foreign, keys_url=f"{closed_url()}/keys")
    with pytest.raises(Unavailable):
        await providers.id_token(moved, foreign.token(EMAIL))


@pytest.mark.parametrize("missing", [{"client_id": ""}, {"issuers": frozenset()}, {"keys_url": ""}])
async def test_without_issuer_client_or_keys_no_token_is_good(
    providers: IdentityProviders, foreign: IdentityProvider, missing: dict[str, object]
) -> None:
    assert await refused(providers, known(foreign, **missing), foreign.token(EMAIL, aud="")) == "issuer"


@pytest.mark.parametrize(
    ("hosted", "claim", "is_good"),
    [
        ({"acme.example"}, "acme.example", True),
        ({"acme.example"}, "evil.example", False),
        ({"acme.example"}, None, False),
        ({"acme.example"}, ["acme.example"], False),
        ({"*"}, "any.example", True),
        ({"*"}, None, False),
        (set(), None, True),
    ],
)
async def test_hosted_domains_are_the_only_ones(
    providers: IdentityProviders, foreign: IdentityProvider, hosted: set[str], claim: object, *, is_good: bool
) -> None:
    provider = known(foreign, hosted_domains=frozenset(hosted))
    token = foreign.token(EMAIL, hd=claim)
    if is_good:
        assert (await providers.id_token(provider, token))["email"] == EMAIL
    else:
        assert await refused(providers, provider, token) == "domain"


@pytest.mark.parametrize("access_token", ["", "two words", "line\r\nX-Evil: yes", "é", "\ud800", "a=b"])
async def test_an_access_token_that_could_end_its_header_is_not_sent(
    providers: IdentityProviders, foreign: IdentityProvider, access_token: str
) -> None:
    with pytest.raises(IdentityRefused):
        await providers.userinfo(known(foreign), access_token)
    assert foreign.requests == []


async def test_userinfo_without_a_subject_is_nobody_s(providers: IdentityProviders, foreign: IdentityProvider) -> None:
    foreign.knows("nobody-s", EMAIL, sub=None)
    with pytest.raises(IdentityRefused):
        await providers.userinfo(known(foreign), "nobody-s")


@pytest.mark.parametrize("address", ["http://identity.example/keys", "ftp://127.0.0.2.example/", "nonsense", "//x"])
async def test_addresses_without_tls_are_not_asked(
    providers: IdentityProviders, foreign: IdentityProvider, address: str
) -> None:
    with pytest.raises(Unavailable):
        await providers.id_token(known(foreign, keys_url=address), foreign.token(EMAIL))
    with pytest.raises(Unavailable):
        await providers.userinfo(known(foreign, userinfo_url=address), "token-of-erin")


async def test_plain_http_to_elsewhere_is_allowed_by_name_only(
    connection: Connection, foreign: IdentityProvider, ticks: Ticks
) -> None:
    # Linux takes it for this machine, and it is none of the loopback addresses.
    elsewhere = known(foreign, keys_url=foreign.url.replace("127.0.0.1", "0.0.0.0") + "/keys")  # noqa: S104 - asked, not listened on
    for insecure in (False, True):
        asking = IdentityProviders(connection, time.time, ticks, insecure_http=insecure)  # noqa: TID251 - as above
        if insecure:
            assert (await asking.id_token(elsewhere, foreign.token(EMAIL)))["email"] == EMAIL
        else:
            with pytest.raises(Unavailable):
                await asking.id_token(elsewhere, foreign.token(EMAIL))
            assert foreign.requests == []
