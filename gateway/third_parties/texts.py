"""What text messages say: which service, what the code is for, how long it works; one code and no link (S19)."""

from collections.abc import Mapping
from datetime import timedelta

from gateway.domain.lifetimes import whole_minutes
from gateway.domain.purposes import CodePurpose

_LAST_RESORT = "en"
_WORDS: Mapping[str, Mapping[CodePurpose, str]] = {
    "en": {
        CodePurpose.SECOND_FACTOR: "{code} is your code to sign in to {service}. It works for {minutes} min. "
        "Do not pass it on.",
        CodePurpose.CONFIRMATION: "{code} is your code to confirm what you are doing at {service}. It works for "
        "{minutes} min. Do not pass it on.",
    },
    "de": {
        CodePurpose.SECOND_FACTOR: "{code} ist Ihr Code zur Anmeldung bei {service}. Er gilt {minutes} Min. "
        "Geben Sie ihn nicht weiter.",
        CodePurpose.CONFIRMATION: "{code} ist Ihr Code zur Bestätigung bei {service}. Er gilt {minutes} Min. "
        "Geben Sie ihn nicht weiter.",
    },
}


def code_text(purpose: CodePurpose, code: str, lifetime: timedelta, *, service: str, locale: str | None) -> str:
    """Write a message with a code.

    Args:
        purpose: what the code proves.
        code: its digits.
        lifetime: how long it works.
        service: what the service is called.
        locale: language of who reads it, as Keycloak has it; English where there are no words in it.
    """
    language = (locale or "").lower().replace("_", "-").partition("-")[0]
    words = _WORDS.get(language, _WORDS[_LAST_RESORT])
    return words[purpose].format(code=code, service=service, minutes=whole_minutes(lifetime))
