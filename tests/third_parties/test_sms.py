from collections.abc import Iterator

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from gateway.domain.errors import NotDelivered
from gateway.settings import SmsSettings
from gateway.third_parties.connection import Connection
from gateway.third_parties.sms import Sms
from tests.keycloak.opening import closed_url
from tests.servers.sms_provider import SmsProvider, sms_provider


@pytest.fixture(scope="module")
def provider() -> Iterator[SmsProvider]:
    with sms_provider() as running:
        yield running


@pytest.fixture
def sms(connection: Connection, provider: SmsProvider) -> Sms:
    return Sms(connection, provider.url, SecretStr(provider.secret))


async def _trouble(sms: Sms, number: str, text: str = "text") -> str:
    with pytest.raises(NotDelivered) as refusal:
        await sms.send(number, text)
    assert refusal.value.dependency == "sms"
    return refusal.value.trouble


@pytest.mark.parametrize("status", [200, 201, 202, 204])
async def test_any_success_is_a_message_taken(sms: Sms, provider: SmsProvider, status: int) -> None:
    number = provider.number(status)
    await sms.send(number, "Grüße: 012345")
    assert provider.texts_to(number) == ["Grüße: 012345"]


@pytest.mark.parametrize(
    ("status", "trouble"),
    [
        (400, "rejected"),
        (401, "rejected"),
        (429, "rejected"),
        (302, "unexpected"),
        (500, "unexpected"),
        (503, "unexpected"),
    ],
)
async def test_a_message_not_taken_is_told_from_one_refused(
    sms: Sms, provider: SmsProvider, status: int, trouble: str
) -> None:
    assert await _trouble(sms, provider.number(status)) == trouble


async def test_a_provider_that_says_nothing_is_told_and_asked_once(sms: Sms, provider: SmsProvider) -> None:
    asked = len(provider.heard)
    assert await _trouble(sms, provider.number(0)) == "timeout"
    assert len(provider.heard) == asked + 1


async def test_a_provider_out_of_reach_is_told(connection: Connection) -> None:
    for url in (closed_url(), "http://provider.invalid/messages"):
        assert await _trouble(Sms(connection, url, None), "+15550100") == "unreachable"


async def test_a_wrong_secret_is_a_refusal(connection: Connection, provider: SmsProvider) -> None:
    for secret in (SecretStr("another"), None):
        assert await _trouble(Sms(connection, provider.url, secret), provider.number()) == "rejected"


async def test_neither_number_nor_text_nor_answer_is_logged(sms: Sms, provider: SmsProvider) -> None:
    number = provider.number(500)
    with capture_logs() as log:
        await _trouble(sms, number, "012345")
    (told,) = log
    assert (told["event"], told["status"]) == ("sms_refused", 500)
    assert number not in repr(log)
    assert "012345" not in repr(log)


async def test_without_an_address_there_is_nobody_to_ask(connection: Connection, provider: SmsProvider) -> None:
    assert Sms.of(connection, SmsSettings()) is None
    assert Sms.of(connection, SmsSettings(url=provider.url))
