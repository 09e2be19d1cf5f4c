import pytest
from hypothesis import example, given, strategies

from gateway.domain.accounts import normalise_address, normalise_name
from gateway.domain.mail_addresses import mail_address

_PIECES = strategies.sampled_from(
    [
        "Ann",
        "@",
        "ID.Example",
        "Ü",
        "Müller.example",
        ".",
        "..",
        "-",
        " ",
        "\n",
        "\u212a",
        '"',
        "\\",
        ",",
        "<",
        "+",
        "'",
    ]
)
_TYPED = strategies.text(max_size=40) | strategies.lists(_PIECES, max_size=9).map("".join)


@pytest.mark.parametrize("typed", ["ann", "ANN", " Ann ", "ann\u00a0", "\tann\n"])
def test_spellings_that_keycloak_takes_for_one_account_are_one_name(typed: str) -> None:
    assert normalise_name(typed) == "ann"


def test_letters_beyond_ascii_keep_their_accents_and_lose_their_case() -> None:
    assert normalise_name("ÄNNÄ@Example.test") == "ännä@example.test"


@pytest.mark.parametrize(
    "typed",
    ["", "   ", "a\0nn", "a\nnn", "an\u200bn", "an\u202en", "an\ud800n", "a\u0378n", "\u212aim", "\u0130nn", "x" * 256],
)
def test_a_name_that_no_account_can_have_is_none(typed: str) -> None:
    assert normalise_name(typed) is None


def test_a_name_of_the_longest_length_is_one() -> None:
    assert normalise_name("X" * 255) == "x" * 255


@pytest.mark.parametrize("typed", ["Ann@Example.Test", "ANN@example.test", "ann@example.test"])
def test_spellings_of_an_address_are_one(typed: str) -> None:
    assert normalise_address(typed) == "ann@example.test"


@pytest.mark.parametrize(
    "typed",
    ["a@b..c", "a@-b.c", ".a@b.c", "a.@b.c", '"a"@b.c', "a\\b@b.c", " a@b.c", "a@b.c ", "a@b.c,d@e.f", "\u212aim@b.c"],
)
def test_what_no_mail_goes_to_is_no_address(typed: str) -> None:
    assert normalise_address(typed) is None


@example("Ann@Müller.example")
@example("a@b..c")
@given(_TYPED)
def test_an_address_is_one_that_mail_goes_to_in_the_spelling_of_names(typed: str) -> None:
    address = normalise_address(typed)
    if address is None:
        return
    assert address == normalise_name(typed) == normalise_address(address)
    assert mail_address(address).lower() == mail_address(typed).lower()
