import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest

from gateway.domain.errors import Unavailable
from gateway.domain.findings import Finding
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings, load
from tests.conftest import Stack
from tests.keycloak.changing import client_changed, realm_changed, role_given, role_taken
from tests.keycloak.opening import changed, opened, patiently
from tests.keycloak.people import RealmUnderTest, uuid_of_client
from tests.servers.realms import fresh_realm


@pytest.fixture(scope="module")
def realm(stack: Stack) -> Iterator[RealmUnderTest]:
    """A realm that nobody else has touched, without what Keycloak's own clients are born with."""
    with fresh_realm(stack) as made, client_changed(made, "admin-cli", directAccessGrantsEnabled=False):
        yield made


@pytest.fixture(scope="module")
def settings(realm: RealmUnderTest, stack: Stack) -> KeycloakSettings:
    return patiently(load({**realm.variables, "GATEWAY_REDIS__URL": stack.redis_url}).keycloak)


async def _found(settings: KeycloakSettings, *, needs_organizations: bool = True) -> list[Finding]:
    async with opened(settings) as keycloak:
        return await keycloak.examine(needs_organizations=needs_organizations)


async def _only(settings: KeycloakSettings, **options: bool) -> tuple[str, str]:
    (found,) = await _found(settings, **options)
    assert found.about == "keycloak"
    return found.level, found.text


async def test_demo_realm_leaves_nothing_to_mend(settings: KeycloakSettings) -> None:
    assert await _found(settings) == []


async def test_what_keeps_the_gateway_from_working_comes_alone(settings: KeycloakSettings) -> None:
    level, text = await _only(changed(settings, realm="nowhere"))
    assert (level, text) == ("fault", "Keycloak has no realm `nowhere`: import it, or set GATEWAY_KEYCLOAK__REALM")


async def test_keycloak_that_is_away_cannot_be_examined(unreachable: Realm) -> None:
    with pytest.raises(Unavailable):
        await unreachable.examine(needs_organizations=True)
    with pytest.raises(Unavailable):
        await unreachable.clock()


@pytest.mark.parametrize(
    ("changes", "level", "part"),
    [
        ({"revokeRefreshToken": True}, "warning", "switch `Revoke Refresh Token` off"),
        ({"offlineSessionMaxLifespanEnabled": False}, "warning", "switch `Offline Session Max Limited` on"),
        ({"smtpServer": {}}, "warning", "The realm has no mail server"),
        ({"organizationsEnabled": False}, "fault", "set GATEWAY_TOAN__ORG_CHECK=off"),
        (
            {"bruteForceProtected": True, "failureFactor": 29, "quickLoginCheckMilliSeconds": 0},
            "warning",
            "allow 30 failures or more",
        ),
        (
            {"bruteForceProtected": True, "failureFactor": 30, "quickLoginCheckMilliSeconds": 1000},
            "warning",
            "set `Quick login check` to 0 ms",
        ),
    ],
    ids=str,
)
async def test_setting_of_the_realm_is_told(
    settings: KeycloakSettings, realm: RealmUnderTest, changes: dict[str, Any], level: str, part: str
) -> None:
    with realm_changed(realm, **changes):
        told = await _only(settings)
    assert (told[0], part in told[1]) == (level, True), told


@pytest.mark.parametrize(
    "changes",
    [
        {"bruteForceProtected": True, "failureFactor": 30, "quickLoginCheckMilliSeconds": 0},
        {"bruteForceProtected": False, "failureFactor": 3},
    ],
)
async def test_distant_brute_force_detection_is_fine(
    settings: KeycloakSettings, realm: RealmUnderTest, changes: dict[str, Any]
) -> None:
    with realm_changed(realm, **changes):
        assert await _found(settings) == []


async def test_organizations_may_be_off_where_nobody_asks_for_them(
    settings: KeycloakSettings, realm: RealmUnderTest
) -> None:
    with realm_changed(realm, organizationsEnabled=False):
        assert await _found(settings, needs_organizations=False) == []


@pytest.mark.parametrize("client_id", ["gateway", "gateway-verified"])
async def test_tokens_that_outlive_the_memory_of_ended_sessions_are_told(
    settings: KeycloakSettings, realm: RealmUnderTest, client_id: str
) -> None:
    with client_changed(realm, client_id, attributes={**_attributes(realm, client_id), "access.token.lifespan": 3601}):
        level, text = await _only(settings)
    assert level == "fault"
    assert text.startswith(f"Access tokens of the client `{client_id}` live 3601 s, and ended sessions are forgotten ")
    assert text.endswith("set GATEWAY_KEYCLOAK__ACCESS_TOKEN_LIFETIME=3601")


async def test_lifespan_of_the_realm_counts_for_a_client_without_its_own(
    settings: KeycloakSettings, realm: RealmUnderTest
) -> None:
    without = {**_attributes(realm, "gateway"), "access.token.lifespan": ""}
    with client_changed(realm, "gateway", attributes=without), realm_changed(realm, accessTokenLifespan=7200):
        _, text = await _only(settings)
        assert "client `gateway` live 7200 s" in text
        assert await _found(changed(settings, access_token_lifetime=timedelta(hours=2))) == []


@pytest.mark.parametrize("client_id", ["gateway", "gateway-verified"])
async def test_client_without_a_back_channel_is_told(
    settings: KeycloakSettings, realm: RealmUnderTest, client_id: str
) -> None:
    without = {**_attributes(realm, client_id), "backchannel.logout.url": ""}
    with client_changed(realm, client_id, attributes=without):
        level, text = await _only(settings)
    assert (level, f"client `{client_id}`" in text, "`Backchannel logout URL`" in text) == ("warning", True, True)


@pytest.mark.parametrize("client_id", ["gateway", "gateway-verified"])
async def test_tokens_that_are_not_for_the_gateway_are_told(
    settings: KeycloakSettings, realm: RealmUnderTest, client_id: str
) -> None:
    uuid = uuid_of_client(realm, client_id)
    mappers = realm.admin.get_mappers_from_client(uuid)
    (mapper,) = [each for each in mappers if each["protocolMapper"] == "oidc-audience-mapper"]
    realm.admin.remove_client_mapper(uuid, mapper["id"])
    try:
        level, text = await _only(settings)
    finally:
        realm.admin.add_mapper_to_client(uuid, {name: mapper[name] for name in mapper if name != "id"})
    assert level == "fault"
    assert text.startswith(f"Tokens of the client `{client_id}` are not for `gateway`")


@pytest.mark.parametrize(
    ("client_id", "flow", "asked"),
    [
        ("gateway-verified", "gateway check", "for the user name alone"),
        ("gateway-verified", "direct grant", "for the user name alone"),
        ("gateway-check", "direct grant", "for user name and password"),
    ],
)
async def test_wrong_flow_is_told(
    settings: KeycloakSettings, realm: RealmUnderTest, client_id: str, flow: str, asked: str
) -> None:
    with _flow_changed(realm, client_id, flow):
        found = await _found(settings)
    assert [each.level for each in found][:1] == ["fault"]
    assert found[0].text.startswith(f"The client `{client_id}` does not ask {asked}: ")


async def test_client_that_takes_any_password_for_right_is_told_twice(
    settings: KeycloakSettings, realm: RealmUnderTest
) -> None:
    with _flow_changed(realm, "gateway-check", "gateway verified"):
        found = await _found(settings)
    assert [each.level for each in found] == ["fault", "fault"]
    assert found[0].text.startswith("The client `gateway-check` does not ask for user name and password")
    assert found[1].text.startswith("The client `gateway-check` has the flow of `gateway-verified`, so it signs in as ")


async def test_strangers_client_with_the_flow_is_told(settings: KeycloakSettings, realm: RealmUnderTest) -> None:
    flow = {"direct_grant": _flow_id(realm, "gateway verified")}
    switches = {"publicClient": False, "directAccessGrantsEnabled": True}
    uuid = realm.admin.create_client(
        {"clientId": "stranger", **switches, "authenticationFlowBindingOverrides": flow}, skip_exists=False
    )
    try:
        level, text = await _only(settings)
        realm.admin.update_client(uuid, {"enabled": False})
        assert await _found(settings) == []
    finally:
        realm.admin.delete_client(uuid)
    assert level == "fault"
    assert text.startswith("The client `stranger` has the flow of `gateway-verified`, so it signs in as anybody")


async def test_public_client_that_takes_passwords_is_told(settings: KeycloakSettings, realm: RealmUnderTest) -> None:
    with client_changed(realm, "admin-cli", directAccessGrantsEnabled=True):
        level, text = await _only(settings)
    assert level == "warning"
    assert text.startswith("The public client `admin-cli` takes passwords past the gateway's lock-out")


@pytest.mark.parametrize("role", ["manage-clients", "impersonation"])
async def test_role_that_is_not_needed_is_told(settings: KeycloakSettings, realm: RealmUnderTest, role: str) -> None:
    with role_given(realm, role):
        level, text = await _only(settings)
    assert level == "warning"
    assert text.startswith(f"The service account of `gateway-admin` has the role `{role}` of `realm-management`, ")


async def test_realm_that_may_not_be_viewed_is_told(settings: KeycloakSettings, realm: RealmUnderTest) -> None:
    with role_taken(realm, "view-realm"):
        level, text = await _only(settings)
    assert (level, "lacks the role `view-realm`" in text) == ("warning", True)


async def test_keycloaks_clock_goes_on(keycloak: Realm) -> None:
    began = time.monotonic()
    first, second = await keycloak.clock(), await keycloak.clock()
    # It counts whole seconds.
    assert 0 <= second - first <= time.monotonic() - began + 1


def _attributes(realm: RealmUnderTest, client_id: str) -> dict[str, Any]:
    attributes: dict[str, Any] = realm.admin.get_client(uuid_of_client(realm, client_id))["attributes"]
    return attributes


def _flow_id(realm: RealmUnderTest, alias: str) -> str:
    return next(str(each["id"]) for each in realm.admin.get_authentication_flows() if each["alias"] == alias)


def _flow_changed(realm: RealmUnderTest, client_id: str, alias: str) -> AbstractContextManager[None]:
    return client_changed(realm, client_id, authenticationFlowBindingOverrides={"direct_grant": _flow_id(realm, alias)})
