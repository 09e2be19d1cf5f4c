import re
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from gateway.domain.errors import Unavailable
from gateway.mail.messages import (
    EXAMPLES,
    AccountLockedNotice,
    ConfirmationCode,
    EmailVerificationLink,
    GeneratedPassword,
    InvitationLink,
    Message,
    PasswordChangedNotice,
    PasswordResetLink,
    SignInCode,
    WaysInChangedNotice,
)
from gateway.mail.rendering import Renderer
from gateway.settings import SettingsError
from tests.mail.opening import mail_settings

_LINK = re.compile(r"https?://[^\s\"'<>]+")
_RESET = "https://front.example/reset-password#token=a&b"
_INVITATION = "https://front.example/ui/invitation/a-b"
_VERIFICATION = "https://front.example/auth/verify-email?token=a&b"
_PASSWORD = "aB3&<d'e\"f>-{{ 7*7 }}"
_HOSTILE = [
    "654321",
    "Your code: 654-321",
    "\uff16\uff15\uff14\uff13\uff12\uff11",
    "https://evil.example/#token=x",
    "<a href='https://evil.example'>here</a>",
    "evil.example",
    "{{ 7*7 }}{% raw %}",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "Ann\r\n\r\nSubject: no",
    "\u202e\u0000Ann",
    "x" * 255,
    "",
]
_LOCALES = ("en", "de")
_OWN = Renderer(mail_settings(service_name="Northwind Portal"))


def _messages(name: str) -> tuple[Message, ...]:
    return (
        SignInCode(name, "012345", timedelta(minutes=10)),
        PasswordResetLink(name, _RESET, timedelta(minutes=20)),
        EmailVerificationLink(name, _VERIFICATION, timedelta(hours=24)),
        InvitationLink("", _INVITATION, name, "2026-12-03"),
        ConfirmationCode(name, "012345", timedelta(minutes=5)),
        AccountLockedNotice(name),
        GeneratedPassword(name, _PASSWORD),
        PasswordChangedNotice(name),
        WaysInChangedNotice(name),
    )


class _Page(HTMLParser):
    """Looks for open tags, for what leads out, and for what is seen."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.seen: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "background", "action")]
        if tag not in ("meta", "br", "img"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.seen.append(data)


@pytest.mark.parametrize("locale", _LOCALES)
@pytest.mark.parametrize("name", _HOSTILE)
def test_the_code_is_the_only_run_of_six_digits(name: str, locale: str) -> None:
    rendered = [_OWN.render(each, locale) for each in _messages(name)]
    sign_in, reset, verification, invitation, confirmation, *notices = rendered
    for code in (sign_in, confirmation):
        assert re.findall(r"\d{6}", code.subject + code.text) == ["012345"]
        assert re.findall(r"\d{6}", "".join(_Page(code.html).seen)) == ["012345"]
    for other in (reset, verification, invitation, *notices):
        assert not re.search(r"\d{6}", other.subject + other.text)
        assert not re.search(r"\d{6}", "".join(_Page(other.html).seen))


@pytest.mark.parametrize("locale", _LOCALES)
@pytest.mark.parametrize("name", _HOSTILE)
def test_the_only_link_is_the_actions(name: str, locale: str) -> None:
    code, reset, verification, invitation, *others = (_OWN.render(message, locale) for message in _messages(name))
    for mail, link in ((reset, _RESET), (verification, _VERIFICATION), (invitation, _INVITATION)):
        assert _LINK.findall(mail.text) == [link]
        assert _Page(mail.html).links == [link]
    for other in (code, *others):
        assert not _LINK.search(other.text + other.html)
        assert not _Page(other.html).links


@pytest.mark.parametrize("locale", _LOCALES)
@pytest.mark.parametrize("name", _HOSTILE)
def test_a_name_is_never_markup_and_never_a_template(name: str, locale: str) -> None:
    for message in _messages(name):
        rendered = _OWN.render(message, locale)
        page = _Page(rendered.html)
        assert not page.open
        assert not page.tags & {"script", "img", "link", "iframe", "form"}
        assert "49" not in rendered.text + "".join(page.seen)
        assert len(rendered.subject.splitlines()) == 1


@pytest.mark.parametrize("locale", _LOCALES)
def test_a_password_stands_alone_on_a_line_as_it_is(locale: str) -> None:
    mail = _OWN.render(GeneratedPassword("Ann", _PASSWORD), locale)
    assert mail.text.splitlines().count(_PASSWORD) == 1
    assert "".join(_Page(mail.html).seen).count(_PASSWORD) == 1


@pytest.mark.parametrize("locale", _LOCALES)
def test_a_reset_mail_reminds_of_the_user_name_where_it_shall(locale: str) -> None:
    lifetime, names = timedelta(minutes=20), ("", "ann.o'd&c")
    plain, reminding = (_OWN.render(PasswordResetLink("Ann", _RESET, lifetime, name), locale) for name in names)
    assert "ann.o'd&c" in reminding.text
    assert "ann.o'd&c" in "".join(_Page(reminding.html).seen)
    assert len(reminding.text.splitlines()) > len(plain.text.splitlines())


def test_nothing_is_loaded_from_anywhere() -> None:
    for message in EXAMPLES:
        page = _OWN.render(message, "en").html
        assert not re.search(r"url\(|@import|src=|xmlns|//(?!front\.example)", page)


@pytest.mark.parametrize("locale", _LOCALES)
def test_text_and_html_say_the_same(locale: str) -> None:
    for message in _messages("Ann Example"):
        rendered = _OWN.render(message, locale)
        page = " ".join("".join(_Page(rendered.html).seen).split())
        for paragraph in rendered.text.partition("\n-- \n")[0].split("\n\n"):
            # The text says what the button does with a colon, and the link below it.
            assert all(" ".join(piece.split()) in page for piece in paragraph.split(":\n"))


@pytest.mark.parametrize("locale", _LOCALES)
def test_every_mail_names_the_service_its_purpose_and_the_person(locale: str) -> None:
    for message in _messages("Ann Example"):
        rendered = _OWN.render(message, locale)
        assert "Northwind Portal" in rendered.subject
        assert "Northwind Portal" in rendered.text
        assert "Ann Example" in rendered.text
    assert "\n    012345\n" in _OWN.render(_messages("")[0], locale).text
    assert "10 minutes" in _OWN.render(_messages("")[0], "en").text
    assert "20 Minuten" in _OWN.render(_messages("")[1], "de").text


@pytest.mark.parametrize("seconds", [1, 60, 119])
def test_one_minute_is_no_minutes_and_the_least_that_is_told(seconds: int) -> None:
    assert "within 1 minute." in _OWN.render(SignInCode("", "012345", timedelta(seconds=seconds)), "en").text


@pytest.mark.parametrize(
    ("wanted", "written"),
    [
        *(("de", "de"), ("de-AT", "de"), ("de_CH", "de"), ("DE", "de"), ("en-GB", "en"), ("zh-Hant-TW", "en")),
        *(
            (None, "en"),
            ("", "en"),
            ("fr", "en"),
            ("../de", "en"),
            ("de/../../etc", "en"),
            ("de\n", "en"),
            ("x" * 99, "en"),
        ),
    ],
)
def test_the_language_is_the_nearest_there_is(wanted: str | None, written: str) -> None:
    assert _OWN.render(EXAMPLES[0], wanted).locale == written


def test_the_default_language_is_a_setting() -> None:
    assert Renderer(mail_settings(default_locale="de")).render(EXAMPLES[0], "fr").locale == "de"
    with pytest.raises(SettingsError, match="GATEWAY_MAIL__DEFAULT_LOCALE"):
        Renderer(mail_settings(default_locale="fr"))


def _put(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def test_an_operators_template_goes_first_and_others_stay(tmp_path: Path) -> None:
    _put(
        tmp_path,
        "en/words.jinja",
        "{% extends layout %}{% block greeting %}Dear {{ name }},{% endblock %}{% block footer %}ACME{% endblock %}",
    )
    renderer = Renderer(mail_settings(templates=tmp_path))
    assert renderer.render(EXAMPLES[0], "en").text.startswith("Dear Ann Example,\n\nEnter this code")
    assert renderer.render(EXAMPLES[0], "de").text.startswith("Guten Tag Ann Example,")


def test_an_operator_may_add_a_language_mail_by_mail(tmp_path: Path) -> None:
    _put(
        tmp_path,
        "fr/sign_in_code.jinja",
        '{% extends "en/words.jinja" %}{% block subject %}Votre code{% endblock %}'
        "{% block heading %}Code{% endblock %}{% block body %}{{ code }}{% endblock %}",
    )
    renderer = Renderer(mail_settings(templates=tmp_path))
    assert renderer.render(EXAMPLES[0], "fr-CA").subject == "Votre code"
    assert renderer.render(EXAMPLES[1], "fr-CA").locale == "en"


@pytest.mark.parametrize(
    "template",
    [
        "{% block subject %}",
        "{% block subject %}{{ nobody }}{% endblock %}",
        "no subject",
        "{% block subject %}{{ ''.__class__.__mro__ }}{% endblock %}",
        "{% block subject %}{{ 1 / 0 }}{% endblock %}",
        '{% extends "nowhere.jinja" %}',
    ],
)
def test_a_template_that_cannot_be_used_is_told_at_the_start(tmp_path: Path, template: str) -> None:
    _put(tmp_path, "en/sign_in_code.jinja", template)
    with pytest.raises(SettingsError, match=r"GATEWAY_MAIL__TEMPLATES: en/sign_in_code\.jinja"):
        Renderer(mail_settings(templates=tmp_path))


def test_a_template_that_stumbles_later_tells_nothing_of_the_message(tmp_path: Path) -> None:
    _put(tmp_path, "en/sign_in_code.jinja", "{% block subject %}{{ 1 / (minutes - 3) }}{% endblock %}")
    renderer = Renderer(mail_settings(templates=tmp_path))
    with capture_logs() as logs, pytest.raises(Unavailable):
        renderer.render(SignInCode("Ann", "987654", timedelta(minutes=3)), "en")
    assert "987654" not in str(logs)


def test_colours_are_the_organizations() -> None:
    page = Renderer(mail_settings(accent_color="#FFD400")).render(EXAMPLES[1], "en").html
    assert "background-color:#ffd400" in page
    assert "color:#000; text-decoration:none" in page


def test_a_message_shows_nothing_personal_in_a_representation() -> None:
    assert not [message for message in EXAMPLES if "Ann" in repr(message) or "012345" in repr(message)]
    assert "token" not in repr(EXAMPLES[1])
