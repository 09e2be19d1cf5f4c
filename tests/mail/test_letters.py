from email.headerregistry import Address

import pytest

from gateway.mail.letters import Letter, LetterWriter
from gateway.mail.rendering import Rendered
from tests.mail.opening import SENDER, THEN, read
from tests.servers.mailbox import text_of

_SAYING = Rendered("de", "Größe & Übung", "Grüße\n.\n" + "x" * 2000 + "\n", "<p>Grüße</p>\n")


def _letter(rendered: Rendered = _SAYING, *, recipient: str = "ann@id.example", name: str = "Portal") -> Letter:
    return LetterWriter(SENDER, name, lambda: THEN).write(rendered, recipient, "17-0")


def test_headers_say_that_no_person_wrote_it() -> None:
    mail = read(_letter().content)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Content-Language"] == "de"
    assert mail["Subject"] == "Größe & Übung"


def test_lines_are_short_and_seven_bit() -> None:
    content = _letter().content
    assert content.isascii()
    assert max(map(len, content.split(b"\r\n"))) <= 78
    assert b"\n" not in content.replace(b"\r\n", b"")


def test_parts_come_out_as_they_went_in() -> None:
    mail = read(_letter().content)
    assert [each.get_content_type() for each in mail.iter_parts()] == ["text/plain", "text/html"]
    assert text_of(mail).replace("\r\n", "\n") == _SAYING.text
    assert text_of(mail, "html").replace("\r\n", "\n") == _SAYING.html


@pytest.mark.parametrize("name", ["Größe, GmbH", 'A "quoted" <name>', "a@b.example", "Portal; Bcc: eve@evil.example"])
def test_the_senders_name_stays_a_name(name: str) -> None:
    mail = read(_letter(name=name).content)
    assert mail["From"].addresses == (Address(name, addr_spec=SENDER),)


@pytest.mark.parametrize("ending", ["\r\nBcc: eve@evil.example", "\nX: y", "\rX: y"])
def test_a_line_break_in_a_header_is_refused(ending: str) -> None:
    with pytest.raises(ValueError, match=r"(?i)linefeed|invalid|defect|CR or LF"):
        _letter(Rendered("en", "Subject" + ending, "", ""))
    with pytest.raises(ValueError, match=r"(?i)linefeed|invalid|CR or LF"):
        _letter(recipient="ann@id.example" + ending)
    with pytest.raises(ValueError, match=r"(?i)linefeed|invalid|CR or LF"):
        _letter(name="Portal" + ending)


@pytest.mark.parametrize("mail_id", ["", "a b", "1-0>\r\nBcc: eve@evil.example", "1@2", "x" * 65, "-1"])
def test_an_id_that_is_none_is_refused(mail_id: str) -> None:
    with pytest.raises(ValueError, match="id"):
        LetterWriter(SENDER, "Portal", lambda: THEN).write(_SAYING, "ann@id.example", mail_id)


def test_nothing_personal_shows_in_a_representation() -> None:
    assert "ann" not in repr(_letter())
    assert "Gr" not in repr(_SAYING)
