"""Tokens of sign-ins that the caller has chosen: none is taken over (security S20)."""

import pytest

from tests.servers.people import Person, PersonMaker
from tests.surfaces.pipeshub.client import INIT, Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.people import BOTH, Members
from tests.surfaces.pipeshub.saml import Saml
from tests.surfaces.saml_provider import SamlProvider

_CHOSEN = "chosen-by-whoever-sends-it-and-long-enough-"


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody with a password."""
    return make_person()


def test_a_sign_in_begins_under_a_token_of_its_own(pipeshub: Pipeshub, person: Person) -> None:
    sending = pipeshub.sending(x_session_token=_CHOSEN)
    answer = sending.post(INIT, {"email": person.email, "sessionToken": _CHOSEN, "x-session-token": _CHOSEN})
    assert answer.status_code == 200, answer.text
    token = answer.headers["x-session-token"]
    assert _CHOSEN not in token
    refusal(pipeshub.by_password(_CHOSEN, person.password), 404, "SESSION_EXPIRED")
    fully(pipeshub.by_password(token, person.password))


def test_a_sign_in_under_way_is_not_begun_anew(pipeshub: Pipeshub, members: Members, person: Person) -> None:
    other = members(BOTH)
    under_way = pipeshub.begun(other.email)
    next_step(pipeshub.by_password(under_way, other.password))
    token = pipeshub.sending(x_session_token=under_way).begun(person.email)
    assert token != under_way
    refusal(pipeshub.by_password(under_way, person.password), 400, "METHOD_NOT_ALLOWED")
    fully(pipeshub.by_password(token, person.password))


def test_every_sign_in_has_another_token(pipeshub: Pipeshub, person: Person) -> None:
    tokens = [pipeshub.begun(person.email) for _ in range(20)]
    assert len(set(tokens)) == len(tokens)
    assert min(map(len, tokens)) >= 43


def test_a_browser_goes_to_the_provider_under_no_token_it_has_made_up(
    saml: Saml, members: Members, provider: SamlProvider
) -> None:
    person = members([["samlSso", "password"]])
    provider.enrol(person)
    refusal(saml.leave(person.email, _CHOSEN), 404, "SESSION_EXPIRED")
    refusal(saml.pipeshub.by_password(_CHOSEN, person.password), 404, "SESSION_EXPIRED")
