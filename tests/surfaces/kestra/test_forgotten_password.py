"""Reset links asked for by name (contract section 1.2)."""

import secrets
import socket
from collections.abc import Callable

import pytest
import redis

from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.stored import only_key
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.client import FORGOT, Kestra, problems, refusal, require_done
from tests.surfaces.kestra.conftest import Settled, settled_at
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.logged import request_line, told_of
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.witness import Witness

_NEW = "An0ther!word"


@pytest.mark.parametrize("spelled", [str, str.upper, "  {}  ".format])
@pytest.mark.parametrize("by", ["username", "email"])
def test_a_link_is_mailed_by_either_name_in_any_case(
    kestra: Kestra, person: Person, letters: KestraLetters, by: str, spelled: Callable[[str], str]
) -> None:
    require_done(kestra.forgot(spelled(getattr(person, by))))
    assert len(letters.token(person)) >= 22
    html = letters.text(person, part="html")
    assert letters.token(person) in html
    text = letters.text(person)
    assert "60 minutes" in text
    assert person.password not in text + html


def test_the_way_of_newer_clients_does_the_same(kestra: Kestra, person: Person, letters: KestraLetters) -> None:
    require_done(kestra.forgot_by_post({"username": person.username, "email": "else@example.test"}))
    assert letters.token(person)


@pytest.mark.parametrize("body", [{}, {"username": None}, {"username": ""}, {"username": "  "}])
def test_a_post_without_a_name_is_answered_alike(kestra: Kestra, body: object) -> None:
    require_done(kestra.forgot_by_post(body))


def test_a_post_of_another_type_is_invalid(kestra: Kestra) -> None:
    assert problems(kestra.forgot_by_post({"username": 1})).keys() == {"username"}


@pytest.mark.parametrize("query", ["", "?", "?user=x", "?Username=x", "?username=a&username=a", "?username=%ff"])
def test_a_query_without_exactly_one_name_is_a_400(kestra: Kestra, query: str) -> None:
    assert refusal(kestra.target("GET", f"{FORGOT}{query}"), 400)["_links"]["self"]["href"] == FORGOT


def test_a_name_given_twice_is_mailed_to_nobody(
    kestra: Kestra, person: Person, mailbox: Mailbox, settled: Settled
) -> None:
    refusal(kestra.target("GET", f"{FORGOT}?username={person.username}&username={person.username}"), 400)
    settled()
    assert mailbox.count(person.email) == 0


@pytest.mark.parametrize(
    "name",
    [
        "",
        " ",
        "nobody-at-all",
        "x" * 300,
        "x" * 5000,
        "\r\nBcc: x@y.zz",
        "\0",
        "*",
        "%",
        "_",
        "\u202e",
        "a@b.cd,c@d.ef",
    ],
)
def test_a_name_that_nobody_has_is_answered_alike(kestra: Kestra, name: str) -> None:
    require_done(kestra.forgot(name))


def test_some_get_no_mail(
    kestra: Kestra, make_person: PersonMaker, witness: Witness, listed_provider: str, mailbox: Mailbox, settled: Settled
) -> None:
    brokered = make_person(password=None)
    witness.admin.add_user_social_login(brokered.id, listed_provider, "sub", "name")
    keyed = make_person(password=None, factors=["webauthn-passwordless"])
    silent = [make_person(enabled=False), brokered, keyed]
    for each in silent:
        require_done(kestra.forgot(each.email))
    unaddressed = make_person(email="")
    require_done(kestra.forgot(unaddressed.username))
    settled()
    assert [mailbox.count(each.email) for each in silent] == [0, 0, 0]


def test_who_has_nothing_yet_or_a_password_beside_a_provider_gets_one(
    kestra: Kestra, make_person: PersonMaker, witness: Witness, listed_provider: str, letters: KestraLetters
) -> None:
    fresh, both = make_person(password=None), make_person()
    witness.admin.add_user_social_login(both.id, listed_provider, "sub-of-both", "name")
    for each in (fresh, both):
        require_done(kestra.forgot(each.email))
        assert letters.token(each)


def test_a_name_of_two_people_is_nobody_s(
    kestra: Kestra, make_person: PersonMaker, witness: Witness, mailbox: Mailbox, settled: Settled
) -> None:
    shared = f"{secrets.token_hex(4)}@example.test"
    # As in a realm that has not always taken addresses for user names.
    with witness.realm_with(loginWithEmailAllowed=False, duplicateEmailsAllowed=True):
        named = make_person(username=shared, email=f"x{shared}")
        make_person(email=shared)
    require_done(kestra.forgot(shared))
    settled()
    assert (mailbox.count(named.email), mailbox.count(shared)) == (0, 0)


def test_within_the_pause_there_is_no_second_mail_and_the_first_link_works(
    kestra: Kestra, person: Person, letters: KestraLetters, mailbox: Mailbox, settled: Settled
) -> None:
    for name in (person.email, person.username, person.email):
        require_done(kestra.forgot(name))
    settled()
    assert mailbox.count(person.email) == 1
    require_done(kestra.reset(letters.token(person), _NEW))


def test_after_the_pause_a_newer_link_voids_the_older_one(
    kestra: Kestra, person: Person, letters: KestraLetters, end_pause: Callable[[str], None]
) -> None:
    kestra.forgot(person.email)
    old = letters.token(person)
    end_pause(person.id)
    kestra.forgot(person.email)
    new = letters.token(person, 2)
    refusal(kestra.reset(old, _NEW), 404)
    require_done(kestra.reset(new, _NEW))


def test_the_pause_and_the_life_of_a_link_are_as_set(
    kestra_apart: Apart, store: redis.Redis, person: Person, letters: KestraLetters
) -> None:
    variables = kestra_apart(KESTRA__RESET_COOLDOWN="PT2M", KESTRA__RESET_TOKEN_TTL="PT30M")
    with served_gateway(variables) as served, served.client() as client:
        require_done(Kestra(client).forgot(person.email))
        assert "30 minutes" in letters.text(person)
        prefix = variables["GATEWAY_REDIS__PREFIX"]
        pause = only_key(store, f"{prefix}*:pause:*:{person.id}")
        good = only_key(store, f"{prefix}*{person.id}*:links:reset")
        assert 60 < store.ttl(pause) <= 120
        assert 1200 < store.ttl(good) <= 1800


@pytest.mark.parametrize("name", ["known", "nobody"])
def test_too_many_requests_of_a_client_are_a_429_whatever_the_name(
    kestra_apart: Apart, person: Person, name: str
) -> None:
    with served_gateway(kestra_apart(KESTRA__RESET_MAX_REQUESTS="2")) as served, served.client() as client:
        kestra = Kestra(client)
        username = person.username if name == "known" else "nobody-at-all"
        for _ in range(2):
            require_done(kestra.forgot(username))
        for answer in (kestra.forgot(username), kestra.forgot_by_post({"username": username})):
            assert 3000 < refusal(answer, 429)["retryAfter"] <= 3600
        assert kestra.request_code("nobody@example.test").status_code == 200


def test_the_links_of_all_surfaces_share_one_mailbox_s_limit(
    kestra_apart: Apart, person: Person, mailbox: Mailbox, store: redis.Redis
) -> None:
    variables = kestra_apart(LIMITS__MAILS_PER_MAILBOX="1")
    with served_gateway(variables) as served, served.client() as client:
        assert Pipeshub(client).forgot(person.email).status_code == 200
        mailbox.wait_for(person.email)
        require_done(Kestra(client).forgot(person.email))
        settled_at(store, variables)()
    assert mailbox.count(person.email) == 1


def test_without_a_mail_server_nothing_is_mailed_and_one_warning_told(apart: Apart, person: Person) -> None:
    with served_gateway(apart()) as served, served.client() as client:
        answer = Kestra(client).forgot(person.email)
        require_done(answer)
        (told,) = told_of(served, answer, "reset_asked")
        assert (told["level"], told["reason"]) == ("warning", "no_mail_server")


def test_the_answer_does_not_wait_for_the_mail_server(kestra_apart: Apart, person: Person) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        variables = kestra_apart(MAIL__PORT=str(silent.getsockname()[1]))
        with served_gateway(variables) as served, served.client() as client:
            for name in (person.email, f"no-{person.email}"):
                answer = Kestra(client).forgot(name)
                require_done(answer)
                assert request_line(served, answer)["milliseconds"] < 2000


def test_what_was_asked_is_told_without_the_name(
    kestra: Kestra, kestra_gateway: ServedGateway, person: Person, letters: KestraLetters
) -> None:
    answer = kestra.forgot(person.email)
    (told,) = told_of(kestra_gateway, answer, "reset_asked")
    assert (told["outcome"], told["surface"]) == ("done", "kestra")
    assert letters.token(person)
    assert person.email not in kestra_gateway.log
