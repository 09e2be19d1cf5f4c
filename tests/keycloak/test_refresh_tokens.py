"""Refresh tokens, exchanged and forged."""

from collections.abc import Callable

import pytest

from gateway.domain.errors import TokenRefused
from gateway.keycloak.realm import Realm
from tests.keycloak.people import PersonMaker, RealmUnderTest, direct_grant
from tests.keycloak.tokens_apart import claims_of, encoded, respelled, with_claims, with_header

PASSWORD = "Passw0rd!x"


async def test_refresh_gives_new_tokens_of_the_same_session(keycloak: Realm, make_person: PersonMaker) -> None:
    first = await keycloak.tokens.sign_in(make_person().username, PASSWORD, offline=False)
    second = await keycloak.tokens.refresh(first.refresh_token)
    assert second.session_id == first.session_id
    assert second.access_token != first.access_token


async def test_offline_token_can_be_refreshed(keycloak: Realm, make_person: PersonMaker) -> None:
    first = await keycloak.tokens.sign_in(make_person().username, PASSWORD, offline=True)
    second = await keycloak.tokens.refresh(first.refresh_token)
    assert claims_of(second.refresh_token)["typ"] == "Offline"


async def test_token_of_the_verified_client_is_refreshed_and_ended_by_that_client(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    granted = direct_grant(realm, "gateway-verified", person)
    tokens = await keycloak.tokens.refresh(granted["refresh_token"])
    assert claims_of(tokens.refresh_token)["azp"] == "gateway-verified"
    await keycloak.tokens.end_session(tokens.refresh_token)
    with pytest.raises(TokenRefused):
        await keycloak.tokens.refresh(granted["refresh_token"])


async def test_old_refresh_token_is_refused_after_the_session_ended(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    tokens = await keycloak.tokens.sign_in(make_person().username, PASSWORD, offline=False)
    realm.admin.connection.raw_delete(f"admin/realms/{realm.name}/sessions/{tokens.session_id}")
    with pytest.raises(TokenRefused):
        await keycloak.tokens.refresh(tokens.refresh_token)


async def test_disabled_and_deleted_accounts_refresh_no_more(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    tokens = await keycloak.tokens.sign_in(person.username, PASSWORD, offline=False)
    realm.admin.update_user(person.id, {"enabled": False})
    with pytest.raises(TokenRefused):
        await keycloak.tokens.refresh(tokens.refresh_token)
    realm.admin.delete_user(person.id)
    with pytest.raises(TokenRefused):
        await keycloak.tokens.refresh(tokens.refresh_token)


def claiming(raw: bytes) -> str:
    """Make a token whose claims are these bytes."""
    return f"{encoded({'alg': 'HS512'})}.{encoded(raw)}.AA"


NOT_OURS: dict[str, Callable[[str], str]] = {
    "empty": lambda _: "",
    "garbage": lambda _: "garbage",
    "two parts": lambda token: token.rpartition(".")[0],
    "four parts": lambda token: f"{token}.x",
    "empty signature": lambda token: f"{token.rpartition('.')[0]}.",
    "padded": lambda token: token.replace(".", "=.", 1),
    "space inside": lambda token: token.replace(".", " .", 1),
    "line break at the end": lambda token: f"{token}\n",
    "second spelling of the signature": respelled,
    "standard base64": lambda token: token.replace(".", "+/.", 1),
    "non-ASCII": lambda token: f"é{token}",
    "no JSON": lambda _: claiming(b"no json"),
    "JSON array": lambda _: claiming(b"[1]"),
    "not UTF-8": lambda _: claiming(bytes([255, 254])),
    "nested too deep": lambda _: claiming(b"[" * 5000),
    "over-long integer": lambda _: claiming(b'{"a":' + b"1" * 5000 + b"}"),
    "not a number": lambda _: claiming(b'{"a":NaN}'),
    "too long": lambda token: with_claims(token, padding="x" * 8192),
    "access token": lambda token: with_claims(token, typ="Bearer"),
    "ID token": lambda token: with_claims(token, typ="ID"),
    "typ is a list": lambda token: with_claims(token, typ=["Refresh"]),
    "token of another client": lambda token: with_claims(token, azp="account"),
    "token of the checking client": lambda token: with_claims(token, azp="gateway-check"),
    "azp is a list": lambda token: with_claims(token, azp=["gateway"]),
    "no session": lambda token: with_claims(token, sid=None),
    "no person": lambda token: with_claims(token, sub=7),
    "header is a list": lambda token: f"{encoded(b'[]')}.{token.partition('.')[2]}",
    "header over 1 KiB": lambda token: with_header(token, padding="x" * 1024),
}


@pytest.mark.parametrize("forge", NOT_OURS.values(), ids=NOT_OURS)
async def test_what_cannot_be_a_refresh_token_of_ours_is_refused_without_asking(
    unreachable: Realm, refresh_token: str, forge: Callable[[str], str]
) -> None:
    with pytest.raises(TokenRefused):
        await unreachable.tokens.refresh(forge(refresh_token))
    with pytest.raises(TokenRefused):
        await unreachable.tokens.end_session(forge(refresh_token))


FORGED: dict[str, Callable[[str], str]] = {
    "another session": lambda token: with_claims(token, sid="AAAAAAAAAAAAAAAAAAAAAAAA"),
    "another person": lambda token: with_claims(token, sub="00000000-0000-0000-0000-000000000000"),
    "longer life": lambda token: with_claims(token, exp=4102444800),
    "another issuer": lambda token: with_claims(token, iss="http://127.0.0.1/realms/other"),
    "unsigned": lambda token: f"{encoded({'alg': 'none'})}.{token.split('.')[1]}.AA",
    "the other client": lambda token: with_claims(token, azp="gateway-verified"),
}


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
async def test_forged_refresh_token_is_refused_by_keycloak_and_ends_nothing(
    keycloak: Realm, refresh_token: str, forge: Callable[[str], str]
) -> None:
    with pytest.raises(TokenRefused):
        await keycloak.tokens.refresh(forge(refresh_token))
    with pytest.raises(TokenRefused):
        await keycloak.tokens.end_session(forge(refresh_token))
    await keycloak.tokens.refresh(refresh_token)


async def test_access_and_id_tokens_are_no_refresh_tokens(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    granted = direct_grant(realm, "gateway", make_person(), scope="openid")
    for name in ("access_token", "id_token"):
        with pytest.raises(TokenRefused):
            await keycloak.tokens.refresh(granted[name])
