import pytest

from gateway.domain.phones import normalise_number


@pytest.mark.parametrize("written", ["+15550100", "+1 555-0100", "+1 (555) 0100", " +1.555/0100 "])
def test_a_number_has_one_form(written: str) -> None:
    assert normalise_number(written) == "+15550100"


@pytest.mark.parametrize(
    "written",
    [
        "",
        "+",
        "15550100",
        "0015550100",
        "+0555010012",
        "+1555",
        "+1555010012345678",
        "+1555010a",
        "+\u0661\u0665\u0665\u0665\u0660\u0661\u0660\u0660",
    ],
)
def test_what_cannot_be_called_from_anywhere_has_none(written: str) -> None:
    assert normalise_number(written) is None
