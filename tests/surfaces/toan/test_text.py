"""Text is passed on as it comes, or refused; nothing breaks (contract section 4)."""

import pytest

from tests.servers.people import PersonMaker
from tests.surfaces.toan.answers import refusal
from tests.surfaces.toan.client import LOGIN, MEMBERS, Toan
from tests.surfaces.witness import Witness


@pytest.mark.parametrize(
    "password",
    ["Zoë!Passw0rd", "Zoe\u0308!Passw0rd", "𝒫𐍈!Passw0rd😀", " Passw0rd!x ", "Passw0rd!\u200b", "Aa1!" + "é" * 200],
)
def test_password_is_neither_normalised_nor_trimmed(toan: Toan, make_person: PersonMaker, password: str) -> None:
    person = make_person(password=password)
    toan.sign_in(person.username, password)
    for other in (password.strip() + "x", password.strip() if password != password.strip() else password + " "):
        refusal(toan.login(person.username, other), 401)


def test_composed_and_decomposed_passwords_differ(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person(password="Zo\u00eb!Passw0rd")
    refusal(toan.login(person.username, "Zoe\u0308!Passw0rd"), 401)


def test_name_beyond_ascii_is_a_name(toan: Toan, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person()
    renamed = f"zoë-{person.username}"
    witness.rename(person.id, renamed)
    toan.sign_in(renamed, person.password)
    refusal(toan.login(f"zoe-{person.username}", person.password), 401)


@pytest.mark.parametrize(
    "text",
    [
        "\0",
        "x\0y",
        "\x01",
        "\x1b[31m",
        "\r\nx: y",
        "\x7f",
        "\u202e",
        "\u2028",
        "\ufeff",
        "\ufffe",
        "👩‍👩‍👧",
        "ﷺ" * 60,
        "İ" * 100,
        "%00",
        "*",
        "(",
        "'--",
    ],
)
@pytest.mark.parametrize("member", ["user", "password"])
def test_odd_characters_are_refused(toan: Toan, make_person: PersonMaker, member: str, text: str) -> None:
    person = make_person()
    credentials = {"user": person.username, "password": person.password}
    answer = toan.post(LOGIN, {**credentials, member: text})
    assert answer.status_code in (401, 422), answer.text


@pytest.mark.parametrize("text", ["\0", "x\ud83d\ude00\x0by", "\x1b[31m", "\u202e"])
@pytest.mark.parametrize("path", MEMBERS)
def test_odd_characters_break_no_operation(caller: Toan, path: str, text: str) -> None:
    odd = text.encode("utf-16", "surrogatepass").decode("utf-16")
    answer = caller.post(path, dict.fromkeys(MEMBERS[path], odd), {"x-org": "acme"})
    assert 400 <= answer.status_code < 500, answer.text


def test_very_long_password_is_refused(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    for length in (4096, 10000, 60000):
        answer = toan.login(person.username, "x" * length)
        refusal(answer, 401)
        assert answer.elapsed.total_seconds() < 2
