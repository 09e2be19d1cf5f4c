"""Refresh tokens that somebody has made up: nothing they say is believed (security S25)."""

import pytest

from tests.keycloak.tokens_apart import with_claims
from tests.servers.people import PersonMaker
from tests.surfaces.pipeshub.client import Pipeshub, refusal


@pytest.mark.parametrize("account", ["00000000-0000-4000-8000-000000000000", "", "nobody", "../users", None])
def test_a_made_up_account_is_not_told_from_a_real_one(
    pipeshub: Pipeshub, make_person: PersonMaker, account: str | None
) -> None:
    person = make_person()
    genuine = pipeshub.sign_in(person.email, person.password)["refreshToken"]
    for forged in (with_claims(genuine, jti="made-up"), with_claims(genuine, sub=account)):
        refusal(pipeshub.refresh(forged), 401, "INVALID_TOKEN")
