import pytest

from gateway.settings import SmsSettings, load
from tests.settings.environments import complete, the_fault

_URL = "https://provider.example/messages"
_SECRET = "a-secret-of-the-provider-s"


def _variables(further: dict[str, str]) -> dict[str, str]:
    return complete(**{f"SMS__{name}": value for name, value in further.items()})


def _sms(**further: str) -> SmsSettings:
    return load(_variables(further)).sms


def _fault(**further: str) -> str:
    return the_fault(_variables(further))


def test_without_an_address_there_are_no_text_messages() -> None:
    assert _sms().url is None


def test_a_secret_is_for_a_provider_and_shows_in_no_representation() -> None:
    assert _SECRET not in repr(_sms(URL=_URL, SECRET=_SECRET))
    assert _fault(SECRET=_SECRET) == "GATEWAY_SMS__SECRET: set without GATEWAY_SMS__URL"


@pytest.mark.parametrize("url", [_URL, "http://127.0.0.1:8080/messages", "http://[::1]/a"])
def test_the_provider_is_reached_by_https_or_on_this_machine(url: str) -> None:
    assert _sms(URL=url).url == url


def test_plain_http_to_another_machine_is_allowed_by_name_only() -> None:
    url = "http://provider.example/messages"
    assert "set GATEWAY_SMS__INSECURE_HTTP=true" in _fault(URL=url)
    assert _sms(URL=url, INSECURE_HTTP="true").url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("URL", "provider.example/messages"),
        ("URL", "https://user:password@provider.example"),
        ("URL", "https://provider.example/?key=a"),
        ("URL", "ftp://provider.example"),
        ("SECRET", "two words"),
        ("SECRET", "line\nbreak"),
        ("SECRET", "x" * 256),
    ],
)
def test_what_cannot_be_used_is_a_fault_that_repeats_nothing(name: str, value: str) -> None:
    fault = _fault(**{"URL": _URL, name: value})
    assert fault.startswith(f"GATEWAY_SMS__{name}: ")
    assert value not in fault
