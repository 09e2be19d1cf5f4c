from pathlib import Path

import pytest

from gateway.settings import MailSettings, load
from tests.settings.environments import complete, the_fault

_MAIL = {"MAIL__HOST": "mail.example", "MAIL__FROM_ADDRESS": "no-reply@id.example"}


def _variables(further: dict[str, str]) -> dict[str, str]:
    return {**_MAIL, **{f"MAIL__{name}": value for name, value in further.items()}}


def _mail(**further: str) -> MailSettings:
    return load(complete(**_variables(further))).mail


def _fault(**further: str) -> str:
    return the_fault(complete(**_variables(further)))


def test_without_a_host_there_is_no_mail_and_nothing_is_required() -> None:
    assert load(complete()).mail.host is None


def test_a_host_requires_an_address_that_mails_come_from() -> None:
    fault = the_fault(complete(MAIL__HOST="mail.example"))
    assert fault == "GATEWAY_MAIL__FROM_ADDRESS: required but not set; GATEWAY_MAIL__HOST is"


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465)])
def test_the_port_follows_from_the_security(security: str, port: int) -> None:
    assert _mail(SECURITY=security).port == port
    assert _mail(SECURITY=security, PORT="2525").port == 2525


def test_tls_is_required_by_default() -> None:
    assert _mail().security == "starttls"


def test_plaintext_is_for_loopback_or_allowed_by_name() -> None:
    assert _fault(SECURITY="none").startswith("GATEWAY_MAIL__SECURITY: codes and links would travel unencrypted")
    assert _mail(SECURITY="none", INSECURE_PLAINTEXT="true").port == 25
    loopback = {"MAIL__HOST": "127.0.0.1", "MAIL__FROM_ADDRESS": "no-reply@id.example", "MAIL__SECURITY": "none"}
    assert load(complete(**loopback)).mail.port == 25


def test_name_and_password_come_together() -> None:
    assert _fault(USERNAME="mailer") == "GATEWAY_MAIL__PASSWORD: required but not set; GATEWAY_MAIL__USERNAME is"
    assert _fault(PASSWORD="marked-secret") == "GATEWAY_MAIL__PASSWORD: set without GATEWAY_MAIL__USERNAME"


def test_the_password_shows_in_no_representation() -> None:
    assert "marked-secret" not in repr(_mail(USERNAME="mailer", PASSWORD="marked-secret"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FROM_ADDRESS", "Gateway <no-reply@id.example>"),
        ("FROM_ADDRESS", "a@id.example,b@id.example"),
        ("FROM_ADDRESS", "a@id.example\nBcc: b@id.example"),
        ("FROM_NAME", "Gateway\r\nBcc: b@id.example"),
        ("SERVICE_NAME", " padded"),
        ("SERVICE_NAME", "x" * 65),
        ("ACCENT_COLOR", "red"),
        ("ACCENT_COLOR", "#fff;x"),
        ("DEFAULT_LOCALE", "../etc"),
        ("TEMPLATES", "/nowhere/at/all"),
        ("SECURITY", "opportunistic"),
        ("TIMEOUT", "46"),
        ("CONNECT_TIMEOUT", "0"),
        ("PORT", "0"),
    ],
)
def test_what_cannot_be_used_is_a_fault(name: str, value: str) -> None:
    assert _fault(**{name: value}).startswith(f"GATEWAY_MAIL__{name}: ")


def test_the_folder_of_templates_must_be_there(tmp_path: Path) -> None:
    assert _mail(TEMPLATES=str(tmp_path)).templates == tmp_path


@pytest.mark.parametrize(
    "link",
    [
        "{frontend_url}/reset-password#token={token}",
        "{frontend_url}/ui/reset-password?token={token}",
        "https://pages.example/reset/{token}",
        "http://localhost:3000/reset#{token}",
    ],
)
def test_a_link_may_lead_to_a_page_of_ones_own(link: str) -> None:
    links = load(complete(LINKS__PASSWORD_RESET=link, LINKS__EMAIL_VERIFICATION=link)).links
    assert (links.password_reset, links.email_verification) == (link, link)
    assert load(complete(KESTRA__RESET_URL=link)).kestra.reset_url == link


@pytest.mark.parametrize(
    "link",
    [
        "{frontend_url}/reset-password",
        "{frontend_url}/{token}/{token}",
        "{frontend_url}/{email}?token={token}",
        "{frontend_url}.evil.example/?token={token}",
        "{frontend_url}/{token}{0}",
        "{frontend_url}/reset password#{token}",
        "https://{token}.pages.example/",
        "https://pages.example{token}",
        "https://u:p@pages.example/{token}",
        "http://pages.example/reset#{token}",
        "javascript:alert({token})",
        "//pages.example/{token}",
    ],
)
@pytest.mark.parametrize("page", ["LINKS__PASSWORD_RESET", "LINKS__EMAIL_VERIFICATION", "KESTRA__RESET_URL"])
def test_a_link_that_could_lead_elsewhere_is_a_fault(page: str, link: str) -> None:
    assert the_fault(complete(**{page: link})).startswith(f"GATEWAY_{page}: ")


@pytest.mark.parametrize("url", ["http://front.example", "front.example", "https://front.example/?a=b", "https://"])
def test_the_front_end_is_reached_by_https(url: str) -> None:
    assert the_fault(complete(LINKS__FRONTEND_URL=url)).startswith("GATEWAY_LINKS__FRONTEND_URL: ")
    assert load(complete(LINKS__FRONTEND_URL="https://front.example/app")).links.frontend_url
