"""Passwords that are too long to be anybody's: nobody evaluates them (security S32)."""

import pytest

from tests.servers.people import PersonMaker
from tests.surfaces.pipeshub.client import Pipeshub, refusal
from tests.surfaces.witness import Witness

_MOST = 4096
"""Bytes that are evaluated."""


@pytest.mark.parametrize("too_long", ["x" * (_MOST + 1), "é" * (_MOST // 2 + 1), "x" * 60000])
def test_a_very_long_password_is_refused_and_nobody_evaluates_it(
    pipeshub: Pipeshub, make_person: PersonMaker, witness: Witness, too_long: str
) -> None:
    person = make_person()
    token = pipeshub.begun(person.email)
    signed_in = pipeshub.bearing(pipeshub.sign_in(person.email, person.password)["accessToken"])
    with witness.realm_with(eventsEnabled=True):
        refusal(pipeshub.by_password(token, too_long), 401, "INVALID_CREDENTIALS")
        refusal(signed_in.change(too_long, "An0ther!word"), 401, "INVALID_CREDENTIALS")
        assert witness.failed_sign_ins(person.id) == 0
        refusal(pipeshub.by_password(token, "x" * _MOST), 401, "INVALID_CREDENTIALS")
        refusal(signed_in.change("x" * _MOST, "An0ther!word"), 401, "INVALID_CREDENTIALS")
        assert witness.failed_sign_ins(person.id) == 2
