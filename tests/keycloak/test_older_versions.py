"""Refusals are told by their error code: older versions of Keycloak say 401 where newer ones say 400 (contract 3.1)."""

import json
from collections.abc import AsyncIterator

import pytest

from gateway.domain.errors import AccountNotReady, CredentialsRefused, TokenRefused, Unavailable
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings
from tests.keycloak.opening import changed, opened
from tests.keycloak.strangers import Stranger, said, stranger

_UNAUTHORIZED = "401 Unauthorized"


def _refusal(description: str) -> bytes:
    return said(json.dumps({"error": "invalid_grant", "error_description": description}).encode(), _UNAUTHORIZED)


@pytest.fixture
async def older() -> AsyncIterator[Stranger]:
    """A server that refuses as they did."""
    async with stranger(_refusal("Invalid user credentials")) as server:
        yield server


@pytest.fixture
async def asking(settings: KeycloakSettings, older: Stranger) -> AsyncIterator[Realm]:
    """The room, opened on it."""
    async with opened(changed(settings, url=older.url)) as realm:
        yield realm


@pytest.mark.parametrize("offline", [False, True])
async def test_wrong_password_is_told(asking: Realm, *, offline: bool) -> None:
    with pytest.raises(CredentialsRefused):
        await asking.tokens.sign_in("ann", "Wr0ng!word", offline=offline)


async def test_wrong_password_of_a_check_is_told(asking: Realm) -> None:
    with pytest.raises(CredentialsRefused):
        await asking.factors.check_password("ann", "Wr0ng!word")


async def test_account_that_is_not_ready_is_told(asking: Realm, older: Stranger) -> None:
    older.says = _refusal("Account is not fully set up")
    with pytest.raises(AccountNotReady):
        await asking.tokens.sign_in("ann", "Passw0rd!x", offline=False)


async def test_refused_refresh_token_is_told(asking: Realm, older: Stranger, refresh_token: str) -> None:
    older.says = _refusal("Token is not active")
    with pytest.raises(TokenRefused):
        await asking.tokens.refresh(refresh_token)
    with pytest.raises(TokenRefused):
        await asking.tokens.end_session(refresh_token)


async def test_refused_client_is_nobodys_wrong_password(asking: Realm, older: Stranger, refresh_token: str) -> None:
    older.says = said(b'{"error":"unauthorized_client"}', _UNAUTHORIZED)
    for call in (asking.tokens.sign_in("ann", "Passw0rd!x", offline=False), asking.tokens.refresh(refresh_token)):
        with pytest.raises(Unavailable):
            await call
