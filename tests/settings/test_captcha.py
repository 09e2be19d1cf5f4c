import secrets
from pathlib import Path

import pytest

from gateway.settings import CaptchaSettings, load
from tests.settings.environments import complete, faults, the_fault

_SECRET = "0x4AAAAAAAmarkedSecretOfTheSite"
_TURNSTILE = "https://challenges.cloudflare.com/turnstile/v0/siteverify"
_LETS_EVERYBODY_PASS = "1x0000000000000000000000000000000AA"


def _variables(further: dict[str, str]) -> dict[str, str]:
    return complete(**{f"CAPTCHA__{name}": value for name, value in further.items()})


def _captcha(**further: str) -> CaptchaSettings:
    return load(_variables(further)).captcha


def _fault(**further: str) -> str:
    return the_fault(_variables(further))


def test_without_a_secret_there_is_no_captcha() -> None:
    assert _captcha().secret is None


def test_turnstile_verifies_unless_said_otherwise() -> None:
    captcha = _captcha(SECRET=_SECRET)
    assert captcha.secret is not None
    assert captcha.secret.get_secret_value() == _SECRET
    assert captcha.verify_url == _TURNSTILE


def test_the_secret_may_come_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{_SECRET}\n", encoding="utf-8")
    assert _captcha(SECRET_FILE=str(file)) == _captcha(SECRET=_SECRET)


def test_an_empty_file_is_a_fault_and_does_not_switch_captcha_off(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.touch()
    assert _fault(SECRET_FILE=str(file)) == "GATEWAY_CAPTCHA__SECRET_FILE: the file it names is empty"


def test_the_secret_shows_in_no_representation() -> None:
    assert _SECRET not in repr(_captcha(SECRET=_SECRET))


def test_a_secret_of_something_else_is_not_the_verifier_s() -> None:
    shared = secrets.token_urlsafe(32)
    said = faults(complete(CAPTCHA__SECRET=shared, SECRET_KEYS=shared))
    assert any("the same secret as in" in fault for fault in said)
    assert not any(shared in fault for fault in said)


@pytest.mark.parametrize("url", ["https://verifier.example/siteverify", "http://127.0.0.1:8080", "http://[::1]/a"])
def test_the_verifier_is_reached_by_https_or_on_this_machine(url: str) -> None:
    assert _captcha(SECRET=_SECRET, VERIFY_URL=url).verify_url == url


def test_plain_http_to_another_machine_is_allowed_by_name_only() -> None:
    url = "http://verifier.example/siteverify"
    assert "set GATEWAY_CAPTCHA__INSECURE_HTTP=true" in _fault(SECRET=_SECRET, VERIFY_URL=url)
    assert _captcha(SECRET=_SECRET, VERIFY_URL=url, INSECURE_HTTP="true").verify_url == url


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VERIFY_URL", "verifier.example/siteverify"),
        ("VERIFY_URL", "https://:8443/siteverify"),
        ("VERIFY_URL", "https://user:password@verifier.example"),
        ("VERIFY_URL", "https://verifier.example/?key=a"),
        ("VERIFY_URL", "ftp://verifier.example"),
        ("SECRET", "two words"),
        ("SECRET", "line\nbreak"),
        ("SECRET", "s\u00fc\u00df"),
        ("SECRET", "x" * 256),
    ],
)
def test_what_cannot_be_used_is_a_fault_that_repeats_nothing(name: str, value: str) -> None:
    fault = _fault(**{name: value})
    assert fault.startswith(f"GATEWAY_CAPTCHA__{name}: ")
    assert value not in fault


@pytest.mark.parametrize("secret", [_LETS_EVERYBODY_PASS, "2x0000000000000000000000000000000AA", "0x" + "0" * 40])
def test_a_published_key_is_for_trials_on_this_machine_only(secret: str) -> None:
    assert _fault(SECRET=secret).startswith("GATEWAY_CAPTCHA__SECRET: a published key for trials")
    assert _captcha(SECRET=secret, VERIFY_URL="http://127.0.0.1:8080/siteverify").secret


def test_a_wrong_address_is_the_only_fault_it_causes() -> None:
    assert _fault(SECRET=_LETS_EVERYBODY_PASS, VERIFY_URL="nowhere").startswith("GATEWAY_CAPTCHA__VERIFY_URL: ")
