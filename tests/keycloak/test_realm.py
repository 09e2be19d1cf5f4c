import json

import pytest

from gateway.domain.errors import Unavailable
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings
from tests.keycloak.changing import client_changed, realm_changed, role_taken
from tests.keycloak.opening import answers, changed, closed_url, opened
from tests.keycloak.people import RealmUnderTest
from tests.keycloak.proxy import Proxy
from tests.keycloak.strangers import said, stranger


async def test_realm_that_is_there_is_reachable(keycloak: Realm) -> None:
    assert await answers(keycloak)


async def test_realm_opens_while_keycloak_is_down_and_finds_it_later(settings: KeycloakSettings, proxy: Proxy) -> None:
    await proxy.refuse()
    async with opened(changed(settings, url=proxy.url)) as realm:
        assert not await answers(realm)
        await proxy.listen()
        assert await answers(realm)


async def test_realm_that_does_not_exist_is_not_reachable(settings: KeycloakSettings) -> None:
    async with opened(changed(settings, realm="nowhere")) as realm:
        assert not await answers(realm)


async def test_trailing_slash_of_the_address_does_not_matter(settings: KeycloakSettings) -> None:
    async with opened(changed(settings, url=f"{settings.url}/")) as realm:
        assert await realm.check_setup() == []


async def test_brute_force_detection_is_asked_for_once_a_minute(
    settings: KeycloakSettings, proxied: Realm, proxy: Proxy, realm: RealmUnderTest
) -> None:
    assert not await proxied.brute_force_detection()
    realm.admin.update_realm(realm.name, {"bruteForceProtected": True})
    try:
        before = len(proxy.requests)
        assert not await proxied.brute_force_detection()
        assert len(proxy.requests) == before
        async with opened(settings) as fresh:
            assert await fresh.brute_force_detection()
    finally:
        realm.admin.update_realm(realm.name, {"bruteForceProtected": False})


async def test_brute_force_detection_is_told_without_the_role_to_view_the_realm(
    settings: KeycloakSettings, realm: RealmUnderTest
) -> None:
    with role_taken(realm, "view-realm"):
        async with opened(settings) as fresh:
            assert not await fresh.brute_force_detection()


async def test_brute_force_detection_is_unknown_while_keycloak_is_down(unreachable: Realm) -> None:
    with pytest.raises(Unavailable):
        await unreachable.brute_force_detection()


@pytest.mark.parametrize(
    ("policy", "lengths"),
    [
        ("length(8) and digits(1)", (8, None)),
        ("digits(1) and maxLength(64) and length(12)", (12, 64)),
        ("regexPattern(.*) and notUsername(undefined)", (None, None)),
        ("", (None, None)),
    ],
)
async def test_lengths_of_passwords_are_read_from_the_policy(
    settings: KeycloakSettings, realm: RealmUnderTest, policy: str, lengths: tuple[int | None, int | None]
) -> None:
    with realm_changed(realm, passwordPolicy=policy):
        async with opened(settings) as fresh:
            assert await fresh.password_lengths() == lengths


async def test_lengths_of_passwords_are_unknown_without_the_role_to_view_the_realm(
    settings: KeycloakSettings, realm: RealmUnderTest
) -> None:
    with role_taken(realm, "view-realm"):
        async with opened(settings) as fresh:
            assert await fresh.password_lengths() == (None, None)


async def test_well_set_up_realm_has_no_faults(keycloak: Realm) -> None:
    assert await keycloak.check_setup() == []


async def test_set_up_cannot_be_checked_while_keycloak_is_down(settings: KeycloakSettings) -> None:
    async with opened(changed(settings, url=closed_url())) as realm:
        with pytest.raises(Unavailable):
            await realm.check_setup()


@pytest.mark.parametrize("token", ["opaque", f"e30.e30.{'x' * 8192}"], ids=["opaque", "too long"])
async def test_token_of_the_service_account_that_cannot_be_read_is_unavailable(
    settings: KeycloakSettings, token: str
) -> None:
    told = {"issuer": "https://sso.example.test", "access_token": token, "expires_in": 300}
    async with (
        stranger(said(json.dumps(told).encode())) as server,
        opened(changed(settings, url=server.url, issuer=told["issuer"])) as realm,
    ):
        for asked in (realm.check_setup(), realm.clock()):
            with pytest.raises(Unavailable):
                await asked


async def test_missing_realm_is_the_one_fault(settings: KeycloakSettings) -> None:
    async with opened(changed(settings, realm="nowhere")) as realm:
        assert await realm.check_setup() == [
            "Keycloak has no realm `nowhere`: import it, or set GATEWAY_KEYCLOAK__REALM"
        ]


async def test_other_issuer_is_told(settings: KeycloakSettings, realm: RealmUnderTest) -> None:
    async with opened(changed(settings, issuer="https://sso.example.test/realms/x")) as opened_realm:
        faults = await opened_realm.check_setup()
    assert faults == [
        (
            f"Keycloak signs as `{realm.issuer}`, but tokens of `https://sso.example.test/realms/x` are expected: "
            "set GATEWAY_KEYCLOAK__ISSUER to the former"
        )
    ]


async def test_every_wrong_secret_and_unknown_client_is_told_with_its_variable(settings: KeycloakSettings) -> None:
    wrong = {"client_secret": settings.check_client_secret, "admin_client_secret": settings.check_client_secret}
    unknown = {"verified_client_id": "nobody", "check_client_id": "gateway-check-2"}
    async with opened(changed(settings, **wrong, **unknown)) as realm:
        faults = await realm.check_setup()
    told = "Keycloak refuses the client `{}`: see that it exists and is enabled, and set GATEWAY_KEYCLOAK__{} to what "
    assert [fault.partition("Keycloak shows")[0] for fault in faults] == [
        told.format("gateway", "CLIENT_SECRET"),
        told.format("nobody", "VERIFIED_CLIENT_SECRET"),
        told.format("gateway-check-2", "CHECK_CLIENT_SECRET"),
        told.format("gateway-admin", "ADMIN_CLIENT_SECRET"),
    ]
    secret = settings.check_client_secret
    assert secret
    assert secret.get_secret_value() not in "".join(faults)


@pytest.mark.parametrize("client_id", ["gateway", "gateway-verified", "gateway-check", "gateway-check-otp"])
async def test_client_without_direct_grants_is_told(keycloak: Realm, realm: RealmUnderTest, client_id: str) -> None:
    with client_changed(realm, client_id, directAccessGrantsEnabled=False):
        assert await keycloak.check_setup() == [
            f"The client `{client_id}` may not sign people in: switch on its `Direct access grants` in Keycloak"
        ]


async def test_disabled_client_is_told(keycloak: Realm, realm: RealmUnderTest) -> None:
    with client_changed(realm, "gateway-check", enabled=False):
        faults = await keycloak.check_setup()
    assert len(faults) == 1
    assert faults[0].startswith("Keycloak refuses the client `gateway-check`: see that it exists and is enabled")


@pytest.mark.parametrize(
    ("roles", "told"),
    [
        (["manage-users"], ["manage-users"]),
        (["manage-organizations"], ["manage-organizations"]),
        (["view-clients"], ["view-clients"]),
        (["view-identity-providers"], ["view-identity-providers"]),
        (["manage-users", "view-clients"], ["manage-users", "view-clients"]),
    ],
)
async def test_lacking_role_is_told(
    settings: KeycloakSettings, realm: RealmUnderTest, roles: list[str], told: list[str]
) -> None:
    with role_taken(realm, *roles):
        async with opened(settings) as fresh:
            faults = await fresh.check_setup()
    assert [fault.partition("lacks the role `")[2].partition("`")[0] for fault in faults] == told


async def test_service_account_that_is_switched_off_is_told(settings: KeycloakSettings) -> None:
    # The checking client has none either; switching the admin client's off would delete the account and its roles.
    wrong = {"admin_client_id": "gateway-check", "admin_client_secret": settings.check_client_secret}
    async with opened(changed(settings, **wrong)) as fresh:
        faults = await fresh.check_setup()
    assert faults == [
        "The client `gateway-check` has no service account: switch on its `Service account roles` in Keycloak"
    ]


async def test_realm_without_organizations_is_no_fault(settings: KeycloakSettings, realm: RealmUnderTest) -> None:
    realm.admin.update_realm(realm.name, {"organizationsEnabled": False})
    try:
        async with opened(settings) as fresh:
            assert await fresh.check_setup() == []
    finally:
        realm.admin.update_realm(realm.name, {"organizationsEnabled": True})
