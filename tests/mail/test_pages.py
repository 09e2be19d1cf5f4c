import pytest

from gateway.mail.pages import Pages
from gateway.settings import LinkSettings

_PUBLIC = "https://id.example"


@pytest.mark.parametrize(
    ("settings", "link"),
    [
        (LinkSettings(), "https://id.example/reset-password#token=a.b-c_d"),
        (
            LinkSettings(frontend_url="https://front.example/app/"),
            "https://front.example/app/reset-password#token=a.b-c_d",
        ),
        (
            LinkSettings(frontend_url="https://front.example", password_reset="https://pages.example/{token}"),
            "https://pages.example/a.b-c_d",
        ),
    ],
)
def test_the_link_leads_where_settings_say(settings: LinkSettings, link: str) -> None:
    assert Pages(settings, _PUBLIC).password_reset("a.b-c_d") == link


def test_the_verification_of_an_address_has_a_page_of_its_own() -> None:
    own = LinkSettings(email_verification="https://pages.example/{token}")
    assert Pages(own, _PUBLIC).email_verification("a.b-c_d") == "https://pages.example/a.b-c_d"
    assert Pages(LinkSettings(), _PUBLIC).email_verification("a") == "https://id.example/auth/verify-email?token=a"


def test_a_token_stays_within_its_place() -> None:
    link = Pages(LinkSettings(frontend_url="https://front.example"), _PUBLIC).password_reset(
        "a/../b?c#d&{frontend_url}"
    )
    assert link == "https://front.example/reset-password#token=a%2F..%2Fb%3Fc%23d%26%7Bfrontend_url%7D"
