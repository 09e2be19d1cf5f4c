"""Ask for a mail that leads to Keycloak's page for a new password (contract section 3.4)."""

import secrets
from collections.abc import Callable
from functools import partial
from urllib.parse import quote

import httpx
import pytest

from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway
from tests.servers.people import PersonMaker
from tests.surfaces import counted, logged
from tests.surfaces.keycloak_page import KeycloakPage, lifetime_of, link_in
from tests.surfaces.post import Post
from tests.surfaces.toan.answers import problems, refusal, require_done
from tests.surfaces.toan.client import RESET, Toan
from tests.surfaces.witness import Witness

_NEW = "N3w!password"
# Where the answer and the mail are far apart: the answer never waits for the mail, and a test must.
_PATIENCE = 20.0


@pytest.mark.parametrize("spelled", [str, str.upper, lambda name: f"  {name} "])
def test_user_name_brings_a_mail(
    toan: Toan, make_person: PersonMaker, mailbox: Mailbox, spelled: Callable[[str], str]
) -> None:
    person = make_person()
    require_done(toan.reset(spelled(person.username)))
    mail = mailbox.wait_for(person.email, _PATIENCE)
    assert mail["to"] == person.email
    assert link_in(mail)


@pytest.mark.parametrize("spelled", [str, str.upper])
def test_email_address_brings_a_mail(
    toan: Toan, make_person: PersonMaker, mailbox: Mailbox, spelled: Callable[[str], str]
) -> None:
    person = make_person()
    require_done(toan.reset(spelled(person.email)))
    assert mailbox.wait_for(person.email, _PATIENCE)["to"] == person.email


def test_plus_in_an_address_is_taken_for_what_it_is(toan: Toan, make_person: PersonMaker, mailbox: Mailbox) -> None:
    plain = make_person()
    person = make_person(email=plain.email.replace("@", "+tag@"))
    require_done(toan.reset(person.email))
    assert mailbox.wait_for(person.email, _PATIENCE)


def test_name_beyond_ascii_is_read_as_utf_8(
    toan: Toan, make_person: PersonMaker, mailbox: Mailbox, witness: Witness
) -> None:
    person = make_person()
    renamed = f"zoë-{person.username}"
    witness.rename(person.id, renamed)
    require_done(toan.reset(renamed))
    assert mailbox.wait_for(person.email, _PATIENCE)


def test_exactly_one_mail_is_sent(toan: Toan, make_person: PersonMaker, post: Post) -> None:
    person, before = make_person(), post.settled()
    require_done(toan.reset(person.username))
    assert post.settled() - before == {person.email: 1}


@pytest.mark.parametrize("bearer", ["garbage", "Bearer x", "Basic dTpw"])
def test_bearer_has_no_influence(toan: Toan, make_person: PersonMaker, mailbox: Mailbox, bearer: str) -> None:
    person = make_person()
    require_done(toan.bearing(bearer).reset(person.username))
    assert mailbox.wait_for(person.email, _PATIENCE)


def test_bearer_of_somebody_else_has_no_influence(toan: Toan, make_person: PersonMaker, post: Post) -> None:
    person, other, before = make_person(), make_person(), post.settled()
    held = toan.sign_in(other.username, other.password)
    require_done(toan.bearing(held.access_token).reset(person.username))
    assert post.settled() - before == {person.email: 1}
    assert toan.refresh(held.refresh_token).status_code == 200


def test_expired_bearer_has_no_influence(toan: Toan, make_person: PersonMaker, post: Post, expired: str) -> None:
    person, before = make_person(), post.settled()
    require_done(toan.bearing(expired).reset(person.username))
    assert post.settled() - before == {person.email: 1}


def test_link_sets_a_new_password_once(
    toan: Toan, make_person: PersonMaker, mailbox: Mailbox, witness: Witness, http: httpx.Client
) -> None:
    person = make_person(email_verified=False)
    require_done(toan.reset(person.username))
    link = link_in(mailbox.wait_for(person.email, _PATIENCE))
    toan.sign_in(person.username, person.password)
    assert KeycloakPage(http).set_password(link, _NEW)
    toan.sign_in(person.username, _NEW)
    refusal(toan.login(person.username, person.password), 401)
    assert witness.admin.get_user(person.id)["emailVerified"]
    assert not KeycloakPage(http).set_password(link, "An0ther!word")
    assert witness.password_is(person.username, _NEW)


def test_link_works_for_an_hour(toan: Toan, make_person: PersonMaker, mailbox: Mailbox) -> None:
    person = make_person()
    require_done(toan.reset(person.username))
    assert lifetime_of(link_in(mailbox.wait_for(person.email, _PATIENCE))) == 3600


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "OPTIONS"])
def test_other_method_sends_no_mail(toan: Toan, make_person: PersonMaker, post: Post, method: str) -> None:
    person, before = make_person(), post.settled()
    assert toan.http.request(method, f"{RESET}?username={person.username}").status_code == 405
    assert post.settled() == before


def test_link_is_keycloaks_whatever_the_request_says(
    toan: Toan, make_person: PersonMaker, mailbox: Mailbox, witness: Witness
) -> None:
    person = make_person()
    forged = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "x-forwarded-proto": "gopher"}
    require_done(toan.post_raw(f"{RESET}?username={person.username}", b"", forged))
    mail = mailbox.wait_for(person.email, _PATIENCE)
    assert link_in(mail).startswith(str(witness.http.base_url))
    assert "evil.example" not in mail.as_string()


def test_foreign_host_is_refused(toan: Toan, make_person: PersonMaker) -> None:
    person = make_person()
    answer = toan.post_raw(f"{RESET}?username={person.username}", b"", {"host": "evil.example"})
    refusal(answer, 400)


@pytest.fixture
def names(make_person: PersonMaker) -> dict[str, str]:
    """Reason → the name asked for."""
    disabled, without_address = make_person(enabled=False), make_person(email="")
    return {
        "unknown": "nobody-of-this-name",
        "unknown address": "nobody@nowhere.example.test",
        "disabled": disabled.username,
        "disabled, by address": disabled.email,
        "without address": without_address.username,
        "overlong": "n" * 300,
        "wildcard": "%",
        "list of addresses": f"{disabled.email},evil@example.test",
        "control characters": "x\r\nBcc: evil@example.test",
        "NUL": "x\0y",
    }


def test_nobody_to_mail_is_told_the_same_and_no_mail_comes_to_anybody(
    toan: Toan, make_person: PersonMaker, post: Post, names: dict[str, str]
) -> None:
    known, before = make_person(), post.settled()
    answers = {reason: toan.reset(name) for reason, name in names.items()}
    told = toan.reset(known.username)
    assert {reason: (each.status_code, each.content) for reason, each in answers.items()} == dict.fromkeys(
        names, (told.status_code, told.content)
    )
    assert {tuple(sorted(each.headers)) for each in answers.values()} == {tuple(sorted(told.headers))}
    assert post.settled() - before == {known.email: 1}


def test_part_of_a_name_is_nobody(toan: Toan, make_person: PersonMaker, post: Post) -> None:
    person, before = make_person(), post.settled()
    require_done(toan.reset(person.username[:-1]))
    require_done(toan.reset(f"{person.username[:-1]}_"))
    assert post.settled() == before


@pytest.mark.parametrize(("letter", "alike"), [("k", "\u212a"), ("i", "\u0131"), ("a", "\uff41"), ("s", "\u017f")])
def test_look_alike_of_a_known_address_gets_no_mail(
    toan: Toan, make_person: PersonMaker, post: Post, letter: str, alike: str
) -> None:
    person, before = make_person(username=f"kias-{secrets.token_hex(5)}"), post.settled()
    for name in (person.username, person.email):
        require_done(toan.reset(name.replace(letter, alike, 1)))
    assert post.settled() == before


@pytest.mark.parametrize("query", ["", "?", "?username=", "?username=+", "?username=%20%09", "?user=x", "?USERNAME=x"])
def test_absent_or_blank_name_is_told_where(toan: Toan, query: str) -> None:
    assert [each.loc for each in problems(toan.post_raw(RESET + query, b"", {}))] == [("query", "username")]


def test_body_is_not_looked_at(toan: Toan, make_person: PersonMaker, post: Post) -> None:
    person, before = make_person(), post.settled()
    assert [each.loc for each in problems(toan.post(RESET, {"username": person.username}))] == [("query", "username")]
    assert post.settled() == before


def test_longer_body_is_refused_and_sends_no_mail(toan: Toan, make_person: PersonMaker, post: Post) -> None:
    person, before = make_person(), post.settled()
    refusal(toan.post_raw(f"{RESET}?username={person.username}", b"x" * 65537, {}), 413)
    assert post.settled() == before


@pytest.mark.parametrize("query", ["?username=%ff%fe", "?username=%ed%a0%80"])
def test_name_that_is_not_utf_8_is_refused(toan: Toan, query: str) -> None:
    assert problems(toan.post_raw(RESET + query, b"", {}))[0].loc[0] == "query"


def test_further_parameters_are_ignored(toan: Toan, make_person: PersonMaker, mailbox: Mailbox, post: Post) -> None:
    person, before = make_person(), post.settled()
    query = f"?redirect_uri=https://evil.example&username={quote(person.username)}&email=evil@example.test"
    require_done(toan.post_raw(RESET + query, b"", {}))
    assert "evil" not in mailbox.wait_for(person.email, _PATIENCE).as_string()
    assert post.settled() - before == {person.email: 1}


def test_mail_trouble_does_not_show_is_counted_and_the_mail_comes_later(
    toan: Toan, gateway: ServedGateway, make_person: PersonMaker, post: Post, witness: Witness
) -> None:
    person, before = make_person(), post.settled()
    failures = partial(counted.security_events, gateway, "reset_mail", outcome="failed", reason="smtp")
    counted_before = failures()
    server = witness.admin.get_realm(witness.realm)["smtpServer"]
    with witness.realm_with(smtpServer={**server, "port": "1"}):
        require_done(toan.reset(person.username))
        assert logged.awaited(gateway, "reset_mail", person.id)[0]["outcome"] == "failed"
        assert failures() > counted_before
    assert post.settled() - before == {person.email: 1}
