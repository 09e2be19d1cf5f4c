"""Resets asked for one name, no more than a few (contract section 3.4)."""

import time

import pytest

from tests.servers.people import PersonMaker
from tests.surfaces.parallel import at_once
from tests.surfaces.post import Post
from tests.surfaces.toan.answers import refusal, require_done
from tests.surfaces.toan.client import Toan


@pytest.mark.parametrize("known", [True, False])
def test_fourth_ask_is_told_when_to_come_back(toan: Toan, make_person: PersonMaker, *, known: bool) -> None:
    name = make_person().username if known else f"nobody-{time.monotonic_ns()}"
    for _ in range(3):
        require_done(toan.reset(name))
    answer = toan.reset(name)
    refusal(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 900


def test_spelling_does_not_widen_the_limit(toan: Toan, make_person: PersonMaker) -> None:
    name = make_person().username
    for spelled in (name, name.upper(), f" {name} "):
        require_done(toan.reset(spelled))
    refusal(toan.reset(name.title()), 429)


def test_asks_at_once_do_not_widen_the_limit(toan: Toan, make_person: PersonMaker, post: Post) -> None:
    person, before = make_person(), post.settled()
    answers = at_once([lambda: toan.reset(person.username)] * 12)
    assert sorted(each.status_code for each in answers) == [200] * 3 + [429] * 9
    assert post.settled() - before == {person.email: 3}


def test_limit_of_one_name_concerns_no_other(toan: Toan, make_person: PersonMaker) -> None:
    name, other = make_person().username, make_person().username
    for _ in range(4):
        toan.reset(name)
    require_done(toan.reset(other))
