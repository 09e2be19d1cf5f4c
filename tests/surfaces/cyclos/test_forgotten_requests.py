"""Keys for a new password, asked for (contract section 10)."""

import secrets

import pytest

from tests.conftest import Mailbox, Stack
from tests.servers.gateway import watched_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.bodies import WRONG_TYPES
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import JSON, Cyclos, refusal, require_empty, told
from tests.surfaces.cyclos.forgetting import NEW, Forgetting
from tests.surfaces.cyclos.further import (
    CHANGE,
    REQUEST,
    sent,
)
from tests.surfaces.logged import awaited
from tests.surfaces.mailing import mailing_through


@pytest.mark.parametrize("name", ["username", "email", "phone", "quoted"])
def test_a_person_is_found_by_any_name(forgetting: Forgetting, make_person: PersonMaker, name: str) -> None:
    number = f"+1777{secrets.randbelow(10**7):07}"
    person = make_person(phone=number)
    typed = {
        "username": person.username.upper(),
        "email": f" {person.email.upper()} ",
        "phone": f"+1 777 {number.removeprefix('+1777')}",
        "quoted": f"'{person.username}",
    }
    require_empty(forgetting.ask(typed[name]), 204)
    assert forgetting.letters.key(person)


def test_nobody_learns_who_has_an_account(forgetting: Forgetting, make_person: PersonMaker, mailbox: Mailbox) -> None:
    disabled, unreachable, known = make_person(enabled=False), make_person(email=""), make_person()
    names = ["nobody-at-all", "nobody@example.test", disabled.username, unreachable.username, known.username]
    names += ["'", "\u200b", "x" * 5000, "a@b@c", "+15550000", "*"]
    answers = [forgetting.ask(name) for name in names if name != "'"]
    for answer in answers:
        require_empty(answer, 204)
    assert len({tuple(sorted(set(answer.headers) - {"date", "x-request-id"})) for answer in answers}) == 1
    forgetting.letters.key(known)
    forgetting.post.settled()
    assert mailbox.count(disabled.email) == 0


@pytest.mark.parametrize("body", [{}, {"user": ""}, {"user": "  "}, {"user": None}, {"user": "'"}, {"user": " ' "}])
def test_a_user_has_to_be_named(forgetting: Forgetting, body: dict[str, object]) -> None:
    said = refusal(sent(forgetting.cyclos, "POST", REQUEST, body), 422)
    assert (said["code"], said["properties"]) == ("validation", ["user"])
    assert said["propertyErrors"].keys() == {"user"}


@pytest.mark.parametrize("body", ["[]", '"text"', "5", '{"user":5}', '{"user":["a"]}', "{", "", "\u0000"])
@pytest.mark.parametrize("path", [REQUEST, CHANGE])
def test_what_is_no_object_of_texts_is_not_read(forgetting: Forgetting, path: str, body: str) -> None:
    wrong = body.replace("user", "user" if path == REQUEST else "key")
    answer = forgetting.cyclos.http.post(path, content=wrong.encode(), headers=JSON)
    assert refusal(answer, 400)["code"] == "json"


_NO_TEXTS = {name: value for name, value in WRONG_TYPES.items() if name != "null"}
_NO_BOOLEANS = {"text": "true", **{name: value for name, value in _NO_TEXTS.items() if name != "bool"}}


@pytest.mark.parametrize("kind", _NO_TEXTS)
def test_the_name_is_a_text(forgetting: Forgetting, kind: str) -> None:
    assert refusal(forgetting.ask(_NO_TEXTS[kind]), 400)["code"] == "json"


def test_a_change_of_wrong_types_is_not_read_and_the_key_stays_good(forgetting: Forgetting, person: Person) -> None:
    good = {"key": forgetting.key(person), "newPassword": NEW, "newPasswordConfirmation": NEW}
    spoiled = [{**good, name: wrong} for name in good for wrong in _NO_TEXTS.values()]
    spoiled += [{**good, "checkConfirmation": wrong} for wrong in _NO_BOOLEANS.values()]
    for body in spoiled:
        assert refusal(sent(forgetting.cyclos, "POST", CHANGE, body), 400)["code"] == "json", body
    require_empty(sent(forgetting.cyclos, "POST", CHANGE, {**good, "checkConfirmation": True}), 204)


@pytest.mark.parametrize("path", [REQUEST, CHANGE])
def test_forms_and_texts_are_not_taken(forgetting: Forgetting, path: str, person: Person) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data"):
        content = b'{"user": "somebody", "key": "x"}'
        answer = forgetting.cyclos.http.post(path, content=content, headers={**JSON, "content-type": kind})
        refusal(answer, 415, code="general", message=answer.json()["message"])
    bare = {"accept": "application/json"}
    answer = forgetting.cyclos.http.post(REQUEST, content=b'{"user": "nobody-at-all"}', headers=bare)
    require_empty(answer, 204)


def test_a_body_is_no_longer_than_64_kib(forgetting: Forgetting) -> None:
    for path in (REQUEST, CHANGE):
        answer = forgetting.cyclos.http.post(path, content=b"{" + b" " * (1 << 20), headers=JSON)
        refusal(answer, 413)


def test_more_than_three_requests_in_a_while_mail_nothing_and_cancel_nothing(
    forgetting: Forgetting, person: Person, mailbox: Mailbox
) -> None:
    keys = [forgetting.key(person, count) for count in (1, 2, 3)]
    for _ in range(2):
        require_empty(forgetting.ask(person.username), 204)
    awaited(forgetting.served, "reset_mail", person.id, times=5)
    assert mailbox.count(person.email) == 3
    assert [forgetting.data(key).status_code for key in keys] == [404, 404, 200]
    require_empty(forgetting.change(keys[2]), 204)


def test_a_host_of_somebody_else_s_changes_no_link(forgetting: Forgetting, person: Person) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example"}
    answer = forgetting.cyclos.http.post(REQUEST, json={"user": person.username}, headers={**JSON, **forged})
    require_empty(answer, 204)
    assert "evil.example" not in forgetting.letters.text(person)
    assert forgetting.letters.key(person)
    refusal(forgetting.cyclos.http.post(REQUEST, json={"user": "x"}, headers={"host": "evil.example"}), 400)


def test_what_the_document_has_besides_is_of_no_concern(forgetting: Forgetting, person: Person) -> None:
    captcha = {"response": "x", "challenge": "y"}
    require_empty(sent(forgetting.cyclos, "POST", REQUEST, {"user": person.username, "captcha": captcha}), 204)
    key = forgetting.letters.key(person)
    require_empty(forgetting.change(key, securityAnswer="a cat"), 204)


def test_it_can_be_switched_off(cyclos_apart: Apart, stack: Stack, person: Person, mailbox: Mailbox) -> None:
    variables = cyclos_apart(CYCLOS__FORGOTTEN_PASSWORD="false", **mailing_through(stack))
    with watched_gateway(variables) as served, served.client() as client:
        cyclos = Cyclos(client)
        for body in ({"user": person.username}, {}):
            refusal(sent(cyclos, "POST", REQUEST, body), 403, code="permissionDenied")
        assert "forgotPasswordMediums" not in told(cyclos.data_for_login())
    assert mailbox.count(person.email) == 0


def test_guests_are_told_how_keys_come(forgetting: Forgetting, cyclos: Cyclos) -> None:
    said = told(forgetting.cyclos.data_for_login())
    assert said["forgotPasswordMediums"] == ["email"]
    assert said["extraForgotPasswordPrincipalTypes"] == ["email"]
    # Without a mail server there is none.
    assert "forgotPasswordMediums" not in told(cyclos.data_for_login())
