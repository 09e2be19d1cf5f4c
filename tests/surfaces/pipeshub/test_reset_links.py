"""Mailed links that are no good any more, and what is told of them (contract section 10, security S14 and S49)."""

import pytest

from tests.servers.gateway import ServedGateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.logged import told_of
from tests.surfaces.pipeshub.client import RESET, Pipeshub, refusal
from tests.surfaces.pipeshub.people import Letters, asked_link
from tests.surfaces.pipeshub.scoped import minted
from tests.surfaces.witness import Witness, claims

_NEW = "An0ther!word"
_LATER = "L4ter!words"


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody with a password."""
    return make_person()


@pytest.mark.parametrize("before", ["Passw0rd!x", None])
def test_a_password_set_in_keycloak_itself_voids_older_links(
    pipeshub: Pipeshub, make_person: PersonMaker, letters: Letters, witness: Witness, before: str | None
) -> None:
    person = make_person(password=before)
    older = asked_link(pipeshub, letters, person)
    witness.admin.set_user_password(person.id, _LATER, temporary=False)
    refusal(pipeshub.reset(older, _NEW), 401, "INVALID_TOKEN")
    assert witness.password_is(person.username, _LATER)
    assert pipeshub.reset(asked_link(pipeshub, letters, person, 2), _NEW).status_code == 200


def test_a_password_taken_away_in_keycloak_voids_none(
    pipeshub: Pipeshub, person: Person, letters: Letters, witness: Witness
) -> None:
    link = asked_link(pipeshub, letters, person)
    (password,) = witness.admin.get_credentials(person.id)
    witness.admin.delete_credential(person.id, password["id"])
    assert pipeshub.reset(link, _NEW).status_code == 200


def test_a_link_is_judged_before_the_shape(pipeshub: Pipeshub, person: Person, letters: Letters) -> None:
    replaced = asked_link(pipeshub, letters, person)
    used = asked_link(pipeshub, letters, person, 2)
    refusal(pipeshub.bearing(used).post(RESET, {}), 400, "VALIDATION_ERROR")
    assert pipeshub.reset(used, _NEW).status_code == 200
    for token in (replaced, used, minted("password:reset", person.id), minted("password:reset", None, jti=None)):
        refusal(pipeshub.bearing(token).post(RESET, {}), 401, "INVALID_TOKEN")


def test_a_link_whose_account_is_no_good_any_more_is_told(
    pipeshub: Pipeshub, pipeshub_gateway: ServedGateway, make_person: PersonMaker, letters: Letters, witness: Witness
) -> None:
    gone, disabled, moved = (make_person() for _ in range(3))
    links = {each.id: asked_link(pipeshub, letters, each) for each in (gone, disabled, moved)}
    witness.admin.delete_user(gone.id)
    witness.admin.update_user(disabled.id, {**witness.admin.get_user(disabled.id), "enabled": False})
    witness.admin.update_user(moved.id, {**witness.admin.get_user(moved.id), "email": f"new-{moved.email}"})
    for account, link in links.items():
        answer = pipeshub.reset(link, _NEW)
        refusal(answer, 404, "USER_NOT_FOUND")
        (told,) = told_of(pipeshub_gateway, answer, "password_set")
        assert (told["outcome"], told["reason"], told["account"]) == ("refused", "link", account)


def test_each_refusal_of_a_link_is_told_once(
    pipeshub: Pipeshub, pipeshub_gateway: ServedGateway, person: Person, letters: Letters, witness: Witness
) -> None:
    link = asked_link(pipeshub, letters, person)
    unknown = minted("password:reset", person.id, jti=f"{claims(link)['jti']}x")
    answers = [pipeshub.reset(unknown, _NEW)]
    witness.admin.set_user_password(person.id, _LATER, temporary=False)
    answers += [pipeshub.reset(link, _NEW)]
    for answer in answers:
        refusal(answer, 401, "INVALID_TOKEN")
        (told,) = told_of(pipeshub_gateway, answer, "password_set")
        assert (told["outcome"], told["reason"], told["account"]) == ("refused", "link", person.id)
