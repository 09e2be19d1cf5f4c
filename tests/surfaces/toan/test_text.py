"""Text is passed on as it comes, or refused; nothing breaks (contract section 4)."""

import pytest

from tests.servers.people import PersonMaker
from tests.surfaces.toan.answers import refusal
from tests.surfaces.toan.client import LOGIN, MEMBERS, Toan
from tests.surfaces.toan.people import Member
from tests.surfaces.witness import Witness, claims


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


@pytest.mark.parametrize(
    ("letters", "others"),
    [
        ("zoë", "zoe"),
        ("zoe\u0308", "zo\u00eb"),
        ("zo\u00eb", "zoe\u0308"),
        ("\U00010348\U00020000", "\U00010349\U00020000"),
    ],
)
def test_name_beyond_ascii_is_a_name(
    toan: Toan, make_person: PersonMaker, witness: Witness, letters: str, others: str
) -> None:
    person = make_person()
    renamed = f"{letters}-{person.username}"
    witness.rename(person.id, renamed)
    assert claims(toan.sign_in(renamed, person.password).access_token)["sub"] == person.id
    refusal(toan.login(f"{others}-{person.username}", person.password), 401)


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


@pytest.mark.parametrize("text", ["\0", "x\U0001f600\x0by", "\x1b[31m", "\u202e"])
def test_odd_characters_are_no_password_of_anybody(administrator: Member, witness: Witness, text: str) -> None:
    toan, org = administrator.toan, administrator.org.alias
    people = administrator.person, administrator.colleague
    for answer in (
        toan.change(text, "N3w!password", org=org),
        toan.change(people[0].password, text, org=org),
        toan.change_of_user(people[1].id, text, org=org),
    ):
        assert answer.status_code in (400, 422), answer.text
    for person in people:
        assert witness.password_is(person.username, person.password)


def test_very_long_password_is_refused_and_nobody_evaluates_it(toan: Toan, member: Member, witness: Witness) -> None:
    person = member.person
    with witness.realm_with(eventsEnabled=True):
        for length in (4097, 10000, 60000):
            refusal(toan.login(person.username, "x" * length), 401)
            refusal(member.toan.change("x" * length, "N3w!password", org=member.org.alias), 400)
        assert witness.failed_sign_ins(person.id) == 0
        refusal(toan.login(person.username, "x" * 4096), 401)
        assert witness.failed_sign_ins(person.id) == 1
