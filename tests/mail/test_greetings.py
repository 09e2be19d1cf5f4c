import re
import unicodedata

import pytest
from hypothesis import example, given, strategies

from gateway.mail.greetings import greetable


@pytest.mark.parametrize(
    "name",
    [
        "Ann Example",
        "J.R.R. Tolkien",
        "Dr. Jürgen Müller-Lüdenscheidt",
        "Seán O\u2019Hara",
        "李小龙",
        "مریم",
        "Louis 14",
        "Ann 4711 B2",
    ],
)
def test_a_name_is_greeted_as_it_is(name: str) -> None:
    assert greetable(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "Click https://evil.example",
        "evil.example",
        "www.evil",
        "evil\uff0eexample",
        "ev\u200bil.exam\u200bple",
        "eve@evil",
        "123456",
        "Your code is 123-456",
        "1 2 3 4 5 6",
        "\uff11\uff12\uff13\uff14\uff15\uff16",
        "①②③④⑤⑥",
        "12\u200b3456",
        "12_34_56",
        "٣٤٥٦٧٨",
        "Ann 1234567",
        "You have won a prize. " * 5,
        "",
        " \r\n ",
    ],
)
def test_a_name_that_speaks_for_a_stranger_is_left_out(name: str) -> None:
    assert greetable(name) == ""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Ann\r\nBcc: eve", "Ann Bcc: eve"),
        ("Ann\u2028Bcc", "Ann Bcc"),
        ("\u202eannA\u202c", "annA"),
        ("Ann\0\x1b[2J", "Ann [2J"),
        ("  Ann   Example\t", "Ann Example"),
    ],
)
def test_a_name_stays_on_its_line(name: str, shown: str) -> None:
    assert greetable(name) == shown


@example("Ann\r\n123456")
@given(strategies.text() | strategies.lists(strategies.sampled_from("1٢\uff13.@ -a\n\u200b"), max_size=20).map("".join))
def test_no_name_brings_a_link_a_code_or_a_line(name: str) -> None:
    shown = unicodedata.normalize("NFKC", greetable(name))
    assert len(shown.splitlines()) <= 1
    assert not re.search(r"\d{6}|://|@|\w\.\w\w", shown)
    assert not any(unicodedata.category(character).startswith("C") for character in shown)
