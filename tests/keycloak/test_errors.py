from collections.abc import Awaitable
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from gateway.domain.errors import AccountDisabled, AccountNotReady, CredentialsRefused, GatewayError
from gateway.keycloak.errors import error_of, grant_refusal, unexpected
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings
from tests.keycloak.opening import changed, closed_url, opened
from tests.keycloak.people import PersonMaker
from tests.keycloak.strangers import said, stranger

SECRET = "S3cret-of-the-person!"


@pytest.mark.parametrize(
    ("code", "description", "reason"),
    [
        ("invalid_grant", "Invalid user credentials", CredentialsRefused),
        ("invalid_grant", "Account disabled", AccountDisabled),
        ("invalid_grant", "Account is not fully set up", AccountNotReady),
        ("invalid_grant", "A sentence of a later version", CredentialsRefused),
        ("invalid_grant", "", CredentialsRefused),
    ],
)
def test_refused_grant_has_a_reason(code: str, description: str, reason: type[GatewayError]) -> None:
    assert type(grant_refusal(code, description)) is reason


def test_a_disabled_account_is_one_whose_credentials_are_refused() -> None:
    # So that whoever does not tell it apart treats it as before.
    assert issubclass(AccountDisabled, CredentialsRefused)


@pytest.mark.parametrize("code", ["unauthorized_client", "invalid_client", "invalid_request", "invalid_scope", ""])
def test_what_is_not_about_the_person_is_no_reason_for_a_person(code: str) -> None:
    assert grant_refusal(code, "Account is not fully set up") is None


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"1", b"\xff", b'{"error": 1}', b"[" * 100_000, b'{"error": {"a": 1}}']
)
def test_answer_without_an_error_has_none(body: bytes) -> None:
    assert error_of(body) == ("", "")


@pytest.mark.parametrize("code", [SECRET, "two words", "line\nbreak", "x" * 65, "é", "<b>"])
def test_only_what_looks_like_a_code_is_logged(code: str) -> None:
    with capture_logs() as logs:
        unexpected("something", 400, code)
        unexpected("something", 400, "invalid_request")
    assert [line["code"] for line in logs] == ["", "invalid_request"]


async def _calls(realm: Realm, username: str, refresh_token: str) -> None:
    """Make every call that carries a secret, whatever comes of it."""
    calls: list[Awaitable[object]] = [
        realm.tokens.sign_in(username, SECRET, offline=True),
        realm.tokens.spend_equal_effort(SECRET),
        realm.factors.check_password(username, SECRET),
        realm.tokens.refresh(refresh_token),
        realm.tokens.end_session(refresh_token),
        realm.tokens.is_active(refresh_token),
        realm.access_tokens.verify(refresh_token),
        realm.credentials.set_password("00000000-0000-0000-0000-000000000000", SECRET),
        realm.users.find(username),
        realm.check_setup(),
    ]
    for call in calls:
        with suppress(GatewayError):
            await call


async def test_no_secret_is_logged_whatever_goes_wrong(
    settings: KeycloakSettings, make_person: PersonMaker, refresh_token: str
) -> None:
    username = make_person().username
    talkative = said(f'{{"error": "{SECRET}", "error_description": "{SECRET}"}}'.encode(), "418 I am a teapot")
    secret = settings.client_secret
    assert secret
    with capture_logs() as logs:
        async with stranger(talkative) as server:
            for changes in ({}, {"url": closed_url()}, {"url": server.url}, {"client_id": "nobody"}):
                async with opened(changed(settings, **changes)) as realm:
                    await _calls(realm, username, refresh_token)
    assert len(logs) > 10
    written = repr(logs)
    for private in (SECRET, refresh_token, secret.get_secret_value(), username, "eyJ"):
        assert private not in written
