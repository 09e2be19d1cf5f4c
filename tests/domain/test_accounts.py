import pytest

from gateway.domain.accounts import normalise_name


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
