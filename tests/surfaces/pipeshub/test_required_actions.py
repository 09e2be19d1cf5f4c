"""What Keycloak wants of somebody besides, which no step may skip: actions that are due, and second factors."""

from typing import Any

import pytest

from tests.servers.people import PersonMaker
from tests.servers.waiting import until
from tests.surfaces.pipeshub.client import Pipeshub, refusal
from tests.surfaces.pipeshub.people import BOTH, CODE, Letters, Members
from tests.surfaces.witness import Witness


@pytest.mark.parametrize("steps", [[["password"]], BOTH])
def test_a_required_action_is_told_to_who_knows_the_password(
    pipeshub: Pipeshub, members: Members, steps: list[list[str]], witness: Witness
) -> None:
    person = members(steps, required_actions=["UPDATE_PASSWORD"])
    token = pipeshub.begun(person.email)
    refusal(pipeshub.by_password(token, "wrong"), 401, "INVALID_CREDENTIALS")
    for _ in range(6):
        refusal(pipeshub.by_password(token, person.password), 403, "ACCOUNT_NOT_READY")
    assert witness.sessions(person.id) == set()


def test_a_required_action_is_told_to_who_knows_the_code(
    pipeshub: Pipeshub, members: Members, letters: Letters
) -> None:
    person = members(CODE, required_actions=["UPDATE_PASSWORD"])
    pipeshub.ask_code(person.email)
    code, token = letters.code(person), pipeshub.begun(person.email)
    for _ in range(2):  # the code is not used up by it
        refusal(pipeshub.by_code(token, code), 403, "ACCOUNT_NOT_READY")


@pytest.mark.parametrize("factor", [{"totp": "a-key-of-twenty-char"}, {"factors": ["webauthn"]}], ids=["otp", "key"])
@pytest.mark.parametrize("steps", [CODE, BOTH])
def test_a_second_factor_enrolled_in_keycloak_is_never_skipped(
    pipeshub: Pipeshub,
    members: Members,
    letters: Letters,
    steps: list[list[str]],
    factor: dict[str, Any],
    witness: Witness,
) -> None:
    person = members(steps, **factor)
    token = pipeshub.begun(person.email)
    if steps == CODE:
        pipeshub.ask_code(person.email)
        refusal(pipeshub.by_code(token, letters.code(person)), 403, "ACCOUNT_NOT_READY")
    else:
        refusal(pipeshub.by_password(token, person.password), 403, "ACCOUNT_NOT_READY")
    assert witness.sessions(person.id) == set()


@pytest.mark.parametrize("factor", [{"totp": "a-key-of-twenty-char"}, {"factors": ["webauthn"]}], ids=["otp", "key"])
def test_a_password_alone_skips_none_either(
    pipeshub: Pipeshub, make_person: PersonMaker, factor: dict[str, Any], witness: Witness
) -> None:
    person = make_person(**factor)
    token = pipeshub.begun(person.email)
    refusal(pipeshub.by_password(token, person.password), 401, "INVALID_CREDENTIALS")
    until(lambda: witness.sessions(person.id) == set())
