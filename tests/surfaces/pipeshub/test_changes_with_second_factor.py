"""A changed password of who has a second factor enrolled in Keycloak: it is never skipped (security S29)."""

from typing import Any

import pytest

from tests.servers.people import PersonMaker
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.witness import Witness

_NEW = "An0ther!word"


@pytest.mark.parametrize("enrolled", [{"totp": "a-key-of-twenty-char"}, {"factors": ["webauthn"]}])
def test_no_session_begins_beside_an_enrolled_factor(
    pipeshub: Pipeshub, make_person: PersonMaker, witness: Witness, enrolled: dict[str, Any]
) -> None:
    person = make_person(**enrolled)
    signed_in = pipeshub.bearing(witness.verified(person.username)["access_token"])
    answer = signed_in.change(person.password, _NEW)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"data": "password reset"}
    assert witness.sessions(person.id) == set()
    assert witness.password_is(person.username, _NEW)
