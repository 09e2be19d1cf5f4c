from collections.abc import Callable

import pytest

from gateway.domain.errors import TokenRefused, Unavailable
from gateway.domain.tokens import TokenHolder, Tokens
from gateway.keycloak.access_tokens import holder_of
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings
from tests.keycloak.opening import Clock, changed, opened
from tests.keycloak.people import PersonMaker, RealmUnderTest, direct_grant
from tests.keycloak.proxy import Proxy
from tests.keycloak.signing import Claims, RealmKey, now
from tests.keycloak.tokens_apart import claims_of, encoded, part_of


async def test_access_token_tells_who_is_signed_in(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    granted = direct_grant(realm, "gateway", person)
    signed_in = await keycloak.access_tokens.verify(granted["access_token"])
    assert (signed_in.account_id, signed_in.session_id) == (person.id, granted["session_state"])
    assert signed_in.client_id == "gateway"
    assert signed_in.expires_at - signed_in.issued_at == 3600
    assert signed_in.realm_management_roles == frozenset()


async def test_roles_of_an_administrator_are_read(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    management = realm.admin.get_client_id("realm-management")
    assert management
    realm.admin.assign_client_role(person.id, management, [realm.admin.get_client_role(management, "manage-users")])
    signed_in = await keycloak.access_tokens.verify(direct_grant(realm, "gateway", person)["access_token"])
    assert "manage-users" in signed_in.realm_management_roles


async def test_token_of_the_verified_client_is_accepted(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    granted = direct_grant(realm, "gateway-verified", make_person())
    assert (await keycloak.access_tokens.verify(granted["access_token"])).client_id == "gateway-verified"


async def test_what_the_realm_signs_anew_is_accepted(keycloak: Realm, key: RealmKey, access_token: str) -> None:
    """Else the forgeries below would be refused for the key and for nothing else."""
    claims = claims_of(access_token)
    assert (await keycloak.access_tokens.verify(key.signed(claims))).account_id == claims["sub"]
    assert (
        await keycloak.access_tokens.verify(key.signed({**claims, "aud": "gateway"}, typ="at+jwt"))
    ).client_id == "gateway"


async def test_token_without_a_name_is_accepted(keycloak: Realm, key: RealmKey, access_token: str) -> None:
    claims = claims_of(access_token)
    del claims["preferred_username"]
    assert (await keycloak.access_tokens.verify(key.signed(claims))).account_id == claims["sub"]


WRONG_CLAIMS: dict[str, Callable[[Claims], Claims]] = {
    "another realm": lambda claims: {"iss": claims["iss"] + "2"},
    "issuer with a slash": lambda claims: {"iss": claims["iss"] + "/"},
    "no issuer": lambda _: {"iss": None},
    "issuer list": lambda claims: {"iss": [claims["iss"]]},
    "ID token": lambda _: {"typ": "ID"},
    "refresh token": lambda _: {"typ": "Refresh"},
    "offline token": lambda _: {"typ": "Offline"},
    "type in lower case": lambda _: {"typ": "bearer"},
    "type list": lambda _: {"typ": ["Bearer"]},
    "no type": lambda _: {"typ": None},
    "for another audience": lambda _: {"aud": "account"},
    "for other audiences": lambda _: {"aud": ["account", "gateway2"]},
    "audience nested": lambda _: {"aud": [["gateway"]]},
    "no audience": lambda _: {"aud": None},
    "of another client": lambda _: {"azp": "account-console"},
    "of the checking client": lambda _: {"azp": "gateway-check"},
    "of the admin client": lambda _: {"azp": "gateway-admin"},
    "client list": lambda _: {"azp": ["gateway"]},
    "no client": lambda _: {"azp": None},
    "expired": lambda _: {"exp": now() - 11},
    "no expiry": lambda _: {"exp": None},
    "expiry as text": lambda claims: {"exp": str(claims["exp"])},
    "expiry true": lambda _: {"exp": True},
    "expiry beyond floats": lambda _: {"exp": -(10**400)},
    "issued in the future": lambda _: {"iat": now() + 15},
    "no time of issue": lambda _: {"iat": None},
    "not valid yet": lambda _: {"nbf": now() + 15},
    "not before as text": lambda _: {"nbf": "0"},
    "no session (service account)": lambda _: {"sid": None},
    "no person": lambda _: {"sub": None},
    "person as number": lambda _: {"sub": 7},
}


@pytest.mark.parametrize("wrong", WRONG_CLAIMS.values(), ids=WRONG_CLAIMS)
async def test_token_with_wrong_claims_is_refused_however_well_signed(
    keycloak: Realm, key: RealmKey, access_token: str, wrong: Callable[[Claims], Claims]
) -> None:
    claims = claims_of(access_token)
    forged = {name: value for name, value in {**claims, **wrong(claims)}.items() if value is not None}
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify(key.signed(forged))


async def test_clock_difference_within_the_leeway_is_tolerated(
    keycloak: Realm, key: RealmKey, access_token: str
) -> None:
    claims = {**claims_of(access_token), "exp": now() - 5, "iat": now() + 5, "nbf": now() + 5}
    assert (await keycloak.access_tokens.verify(key.signed(claims))).client_id == "gateway"


async def test_token_expires_by_the_clock(settings: KeycloakSettings, access_token: str) -> None:
    clock = Clock()
    async with opened(settings, clock) as keycloak:
        clock.ahead = 3601
        assert (await keycloak.access_tokens.verify(access_token)).client_id == "gateway"
        clock.ahead = 3615
        with pytest.raises(TokenRefused):
            await keycloak.access_tokens.verify(access_token)


async def test_id_and_refresh_tokens_are_no_access_tokens(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    granted = direct_grant(realm, "gateway", make_person(), scope="openid")
    for name in ("id_token", "refresh_token"):
        with pytest.raises(TokenRefused):
            await keycloak.access_tokens.verify(granted[name])


async def test_token_of_the_checking_client_is_refused(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    granted = direct_grant(realm, "gateway-check", make_person())
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify(granted["access_token"])


async def test_token_of_the_master_realm_is_refused(keycloak: Realm, realm: RealmUnderTest) -> None:
    token = (realm.admin.connection.token or {})["access_token"]
    with pytest.raises(TokenRefused):
        await keycloak.access_tokens.verify(token)


async def test_elliptic_signatures_of_the_realm_are_accepted(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    client = realm.admin.get_client_id("gateway")
    assert client
    attributes = realm.admin.get_client(client)["attributes"]
    realm.admin.update_client(client, {"attributes": {**attributes, "access.token.signed.response.alg": "ES256"}})
    try:
        granted = direct_grant(realm, "gateway", make_person())
    finally:
        realm.admin.update_client(client, {"attributes": {**attributes, "access.token.signed.response.alg": ""}})
    assert part_of(granted["access_token"], 0)["alg"] == "ES256"
    assert (await keycloak.access_tokens.verify(granted["access_token"])).client_id == "gateway"


async def test_algorithm_that_the_settings_leave_out_is_refused(settings: KeycloakSettings, access_token: str) -> None:
    async with opened(changed(settings, algorithms=["ES256"])) as keycloak:
        with pytest.raises(TokenRefused):
            await keycloak.access_tokens.verify(access_token)


async def test_without_any_keys_nothing_can_be_said(unreachable: Realm, access_token: str) -> None:
    with pytest.raises(Unavailable):
        await unreachable.access_tokens.verify(access_token)


async def test_verifying_costs_keycloak_nothing_once_the_keys_are_known(
    proxied: Realm, proxy: Proxy, make_person: PersonMaker
) -> None:
    person = make_person()
    tokens = await proxied.tokens.sign_in(person.username, person.password, offline=False)
    await proxied.access_tokens.verify(tokens.access_token)
    before = len(proxy.requests)
    for _ in range(20):
        await proxied.access_tokens.verify(tokens.access_token)
    assert len(proxy.requests) == before


async def test_tokens_tell_whose_they_are_and_what_the_realm_lets_him_do(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    roles = [{"name": name} for name in ("zoo-keeper", "archivist")]
    for role in roles:
        realm.admin.create_realm_role(role, skip_exists=True)
    realm.admin.assign_realm_roles(person.id, [realm.admin.get_realm_role(role["name"]) for role in roles])
    holder = holder_of(await keycloak.tokens.sign_in(person.username, person.password, offline=False))
    assert holder.username == person.username
    assert set(holder.roles) > {"zoo-keeper", "archivist"}
    assert list(holder.roles) == sorted(holder.roles)


@pytest.mark.parametrize("claims", [{}, {"preferred_username": 1, "realm_access": []}, {"realm_access": {"roles": 1}}])
def test_tokens_that_tell_nothing_are_nobody_s_in_particular(claims: dict[str, object]) -> None:
    tokens = Tokens(f"e30.{encoded(claims)}.e30", "", 1, 1, "", "Bearer", "")
    assert holder_of(tokens) == TokenHolder("", ())
