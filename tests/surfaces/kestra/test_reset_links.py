"""Links for new passwords that are no good (contract section 1.3)."""

import secrets
from collections.abc import Mapping

import pytest
import redis

from tests.servers.people import Person, PersonMaker
from tests.surfaces.kestra.client import Kestra, refusal, require_done, tokens
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.witness import Witness

_NEW = "An0ther!word"


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody with a password."""
    return make_person()


@pytest.fixture
def link(kestra: Kestra, person: Person, letters: KestraLetters) -> str:
    """The token of a link that was mailed to that person."""
    require_done(kestra.forgot(person.email))
    return letters.token(person)


def test_all_bad_links_are_answered_alike_and_before_the_password_is_judged(
    kestra: Kestra, make_person: PersonMaker, letters: KestraLetters, witness: Witness
) -> None:
    def mailed(person: Person) -> str:
        kestra.forgot(person.email)
        return letters.token(person)

    used, gone, disabled, moved = (make_person() for _ in range(4))
    links = [mailed(each) for each in (used, gone, disabled, moved)]
    require_done(kestra.reset(links[0], _NEW))
    witness.admin.delete_user(gone.id)
    witness.admin.update_user(disabled.id, {**witness.admin.get_user(disabled.id), "enabled": False})
    elsewhere = f"new-{moved.email}"
    witness.admin.update_user(moved.id, {**witness.admin.get_user(moved.id), "email": elsewhere})
    made_up = [secrets.token_urlsafe(32), "x", "../..", "x" * 5000, "ü", f"{links[1]} "]
    said = set()
    for token in [*links, *made_up]:
        for password in (_NEW, "weak", "x" * 300):
            answer = kestra.reset(token, password)
            refusal(answer, 404)
            said.add((answer.content, tuple(sorted(answer.headers))))
    assert len(said) == 1
    assert witness.password_is(moved.username, moved.password)
    witness.admin.update_user(disabled.id, {**witness.admin.get_user(disabled.id), "enabled": True})
    assert witness.password_is(disabled.username, disabled.password)


def test_an_expired_link_is_no_good(
    kestra: Kestra, person: Person, link: str, store: redis.Redis, kestra_variables: Mapping[str, str]
) -> None:
    (good,) = store.scan_iter(f"{kestra_variables['GATEWAY_REDIS__PREFIX']}*{person.id}*:links:reset")
    assert 3000 < store.ttl(good) <= 3600
    store.pexpire(good, 1)
    while store.exists(good):
        pass
    refusal(kestra.reset(link, _NEW), 404)


def test_no_other_secret_is_a_reset_token(
    kestra: Kestra, person: Person, letters: KestraLetters, witness: Witness
) -> None:
    kestra.request_code(person.email)
    signed_in = tokens(kestra.login(person.username, person.password))
    for secret in (letters.code(person), signed_in["access_token"], signed_in["refresh_token"], person.id):
        refusal(kestra.reset(secret, _NEW), 404)
    assert witness.password_is(person.username, person.password)


def test_a_link_of_another_surface_voids_this_one(
    kestra: Kestra, person: Person, link: str, letters: KestraLetters
) -> None:
    assert Pipeshub(kestra.http).forgot(person.email).status_code == 200
    letters.text(person, 2)
    refusal(kestra.reset(link, _NEW), 404)
