import pytest

from gateway.mail.colors import readable_on


@pytest.mark.parametrize(
    ("background", "text"),
    [("#2457d6", "#fff"), ("#000000", "#fff"), ("#FFFFFF", "#000"), ("#ffd400", "#000"), ("#c00000", "#fff")],
)
def test_the_label_of_a_button_can_be_read(background: str, text: str) -> None:
    assert readable_on(background) == text
