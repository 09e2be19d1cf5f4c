"""Links for new passwords that are no good (contract section 1.3)."""

import secrets
from collections.abc import Callable, Mapping
from typing import Any

import pytest
import redis

from tests.servers.people import Person, PersonMaker
from tests.servers.stored import expire, only_key
from tests.surfaces.kestra.client import Kestra, problems, refusal, require_done, tokens
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.witness import Witness

_NEW = "An0ther!word"

GoodLinks = Callable[..., dict[str, float]]


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
    good = only_key(store, f"{kestra_variables['GATEWAY_REDIS__PREFIX']}*{person.id}*:links:reset")
    assert 3000 < store.ttl(good) <= 3600
    expire(store, good)
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


def test_a_link_that_was_mailed_while_another_was_being_used_is_void(
    kestra: Kestra,
    person: Person,
    link: str,
    letters: KestraLetters,
    end_pause: Callable[[str], None],
    good_links: GoodLinks,
) -> None:
    older = good_links(person)
    end_pause(person.id)
    kestra.forgot(person.email)
    newer = letters.token(person, 2)
    # A link that is being used goes on to its end, although a newer one is mailed meanwhile.
    good_links(person, **older)
    assert problems(kestra.reset(newer, "weak"))
    require_done(kestra.reset(link, _NEW))
    refusal(kestra.reset(newer, "Y3t!another"), 404)


@pytest.fixture
def good_links(store: redis.Redis, kestra_variables: Mapping[str, str]) -> GoodLinks:
    """Reads which links of a person are good, as Redis has it, and has further ones be so."""

    def of(person: Person, **further: float) -> dict[str, float]:
        good = only_key(store, f"{kestra_variables['GATEWAY_REDIS__PREFIX']}*{person.id}*:links:reset")
        if further:
            store.zadd(good, further)
        kept: Any = store.zrange(good, 0, -1, withscores=True)
        return {digest.decode(): until for digest, until in kept}

    return of
