import re
from datetime import timedelta

import pytest

from gateway.domain.purposes import CodePurpose
from gateway.third_parties.texts import code_text

_PURPOSES = [CodePurpose.SECOND_FACTOR, CodePurpose.CONFIRMATION]


@pytest.mark.parametrize("purpose", _PURPOSES)
@pytest.mark.parametrize("locale", ["en", "de", "pt-BR", None])
def test_a_message_has_one_code_the_service_and_the_time_and_no_link(purpose: CodePurpose, locale: str | None) -> None:
    text = code_text(purpose, "012345", timedelta(minutes=5), service="Northwind Portal", locale=locale)
    assert re.findall(r"[0-9]{6}", text) == ["012345"]
    assert "Northwind Portal" in text
    assert re.search(r"\b5 min", text, re.IGNORECASE)
    assert "://" not in text
    assert len(text) <= 160


def test_a_message_says_what_the_code_is_for_in_the_language_of_who_reads_it() -> None:
    def written(purpose: CodePurpose, locale: str | None) -> str:
        return code_text(purpose, "012345", timedelta(minutes=5), service="S", locale=locale)

    told = {written(purpose, locale) for purpose in _PURPOSES for locale in ("en", "de")}
    assert len(told) == 4
    for locale in ("de-AT", "de_CH", "DE"):
        assert written(CodePurpose.CONFIRMATION, locale) == written(CodePurpose.CONFIRMATION, "de")
    for other in (None, "", "fr", "../de"):
        assert written(CodePurpose.CONFIRMATION, other) == written(CodePurpose.CONFIRMATION, "en")
