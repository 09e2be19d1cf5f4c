"""Forgotten passwords: keys asked for, looked at and used (contract section 10)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
import redis

from gateway.state.keys import Keys
from tests.conftest import Mailbox, Realm, Stack
from tests.servers.gateway import ServedGateway, watched_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import JSON, Cyclos, basic, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.further import (
    CHANGE,
    DATA_FOR_CHANGE,
    REQUEST,
    CyclosLetters,
    activated,
    activation_code,
    by_client,
    sent,
)
from tests.surfaces.logged import awaited
from tests.surfaces.mailing import mailing_through
from tests.surfaces.parallel import at_once
from tests.surfaces.post import Post
from tests.surfaces.waiting import until
from tests.surfaces.witness import Witness

_NEW = "N3w!password"
_UNKNOWN = {"entityType": "ForgottenPasswordRequest"}


@dataclass(frozen=True, slots=True)
class Forgetting:
    """A gateway that mails keys.

    Attributes:
        post: what it has mailed.
    """

    served: ServedGateway
    cyclos: Cyclos
    letters: CyclosLetters
    variables: Mapping[str, str]
    post: Post

    def ask(self, user: object, **headers: str) -> httpx.Response:
        """Ask for a key."""
        return sent(self.cyclos.by(**headers), "POST", REQUEST, {"user": user})

    def key(self, person: Person, count: int = 1) -> str:
        """Ask for a key, and read it."""
        require_empty(self.ask(person.username), 204)
        return self.letters.key(person, count)

    def data(self, key: str) -> httpx.Response:
        """Look at a key."""
        return self.cyclos.call("GET", DATA_FOR_CHANGE, query={"key": key})

    def change(self, key: str, new: object = _NEW, **further: object) -> httpx.Response:
        """Use a key."""
        return sent(self.cyclos, "POST", CHANGE, {"key": key, "newPassword": new, **further})


@pytest.fixture(scope="module")
def forgetting(
    cyclos_apart: Apart, stack: Stack, mailbox: Mailbox, store: redis.Redis, realm: Realm
) -> Iterator[Forgetting]:
    variables = cyclos_apart(
        CYCLOS__SESSION_RECHECK="300", CYCLOS__PRINCIPAL_TYPES="username,mobilePhone", **mailing_through(stack)
    )
    post = Post(store, Keys(variables["GATEWAY_REDIS__PREFIX"]).outbox, stack.mails, realm.name)
    with watched_gateway(variables) as served, served.client() as client:
        yield Forgetting(served, Cyclos(client), CyclosLetters(mailbox), variables, post)


def test_a_key_is_mailed_and_sets_a_new_password(forgetting: Forgetting, person: Person, witness: Witness) -> None:
    key = forgetting.key(person)
    assert len(key) >= 43
    for _ in range(2):
        assert told(forgetting.data(key)) == {"generated": False}
    require_empty(forgetting.change(key), 204)
    assert witness.password_is(person.username, _NEW)
    token_of(forgetting.cyclos.login(person.username, _NEW))
    refusal(forgetting.cyclos.login(person.username, person.password), 401, code="login")
    refusal(forgetting.data(key), 404, **_UNKNOWN)
    refusal(forgetting.change(key, "An0ther!word"), 404, **_UNKNOWN)
    assert "changed" in forgetting.letters.text(person, 2)


@pytest.mark.parametrize("name", ["username", "email", "phone", "quoted"])
def test_a_person_is_found_by_any_name(forgetting: Forgetting, make_person: PersonMaker, name: str) -> None:
    number = f"+1777{abs(hash(name)) % 10**7:07}"
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


def test_a_newer_key_cancels_the_older_ones(forgetting: Forgetting, person: Person) -> None:
    first, second = forgetting.key(person), forgetting.key(person, 2)
    for answer in (forgetting.data(first), forgetting.change(first)):
        refusal(answer, 404, **_UNKNOWN)
    require_empty(forgetting.change(second), 204)


@pytest.mark.parametrize("key", ["made-up", "x" * 5000, "\u00e9", "a b", "../.."])
def test_an_unknown_key_is_not_repeated(forgetting: Forgetting, key: str) -> None:
    refusal(forgetting.data(key), 404, **_UNKNOWN)
    refusal(forgetting.change(key), 404, **_UNKNOWN)


def test_what_is_missing_or_differs_is_told_together_and_spends_no_key(forgetting: Forgetting, person: Person) -> None:
    refusal(forgetting.cyclos.call("GET", DATA_FOR_CHANGE), 422, code="missingParameter", name="key")
    without: list[dict[str, object]] = [{}, {"key": ""}, {"key": None, "newPassword": _NEW}]
    for each in without:
        assert refusal(sent(forgetting.cyclos, "POST", CHANGE, each), 422)["properties"] == ["key"]
    key = forgetting.key(person)
    for body, members in (
        ({"key": key}, ["newPassword"]),
        ({"key": key, "newPassword": ""}, ["newPassword"]),
        ({"key": key, "checkConfirmation": True}, ["newPassword"]),
        (
            {"key": key, "checkConfirmation": True, "newPasswordConfirmation": "x"},
            ["newPassword", "newPasswordConfirmation"],
        ),
        (
            {"key": key, "newPassword": _NEW, "checkConfirmation": True, "newPasswordConfirmation": "x"},
            ["newPasswordConfirmation"],
        ),
        ({"key": key, "newPassword": _NEW, "checkConfirmation": True}, ["newPasswordConfirmation"]),
    ):
        said = refusal(sent(forgetting.cyclos, "POST", CHANGE, body), 422)
        assert (said["code"], said["properties"]) == ("validation", members)
        assert list(said["propertyErrors"]) == members
    unknown = sent(forgetting.cyclos, "POST", CHANGE, {"key": "made-up", "checkConfirmation": True})
    refusal(unknown, 404, **_UNKNOWN)
    require_empty(forgetting.change(key, newPasswordConfirmation="other", checkConfirmation=False), 204)


@pytest.mark.parametrize("weak", ["short", "nodigits!X", "x" * 257 + "A1!", "        "])
def test_the_realm_s_policy_is_told_and_spends_no_key(forgetting: Forgetting, person: Person, weak: str) -> None:
    key = forgetting.key(person)
    said = refusal(forgetting.change(key, weak), 422)
    assert (said["code"], said["properties"]) == ("validation", ["newPassword"])
    assert weak not in str(said["propertyErrors"])
    require_empty(forgetting.change(key, _NEW, checkConfirmation=True, newPasswordConfirmation=_NEW), 204)


def test_all_sessions_end_and_access_clients_stay(forgetting: Forgetting, person: Person, witness: Witness) -> None:
    sessions = [
        forgetting.cyclos.by_session(token_of(forgetting.cyclos.login(person.username, person.password)))
        for _ in range(2)
    ]
    code = activation_code(forgetting.variables, person)
    token = str(told(activated(forgetting.cyclos, person, code))["token"])
    remembered = witness.tokens(
        "gateway",
        grant_type="password",
        username=person.username,
        password=person.password,
        scope="openid offline_access",
    )
    require_empty(forgetting.change(forgetting.key(person)), 204)
    for session in sessions:
        refusal(session.auth(), 401, code="loggedOut")
    assert witness.sessions(person.id) == set()
    assert not witness.refreshes(remembered["refresh_token"])
    assert told(by_client(forgetting.cyclos, token).auth())["user"]["id"] == person.id
    assert len(witness.offline_sessions(person.id, "gateway-verified")) == 1


def test_a_new_password_clears_its_own_action_and_lifts_the_lock(
    forgetting: Forgetting, make_person: PersonMaker, witness: Witness
) -> None:
    overdue, locked = make_person(required_actions=["UPDATE_PASSWORD"]), make_person()
    refusal(forgetting.cyclos.login(overdue.username, overdue.password), 401, code="login", passwordStatus="reset")
    for _ in range(6):
        refusal(forgetting.cyclos.login(locked.username, "Wr0ng!word"), 401, code="login")
    forgetting.letters.text(locked)  # the notice of the lock
    for person in (overdue, locked):
        require_empty(
            forgetting.change(forgetting.key(person, 1 + forgetting.letters.mailbox.count(person.email))), 204
        )
        token_of(forgetting.cyclos.login(person.username, _NEW))


def test_credentials_are_of_no_concern(forgetting: Forgetting, person: Person, make_person: PersonMaker) -> None:
    somebody = make_person()
    headers = {"Authorization": basic(somebody.username, "wrong")["authorization"], "Session__Token": "x" * 64}
    cyclos = forgetting.cyclos.by(**headers)
    require_empty(sent(cyclos, "POST", REQUEST, {"user": person.username}), 204)
    key = forgetting.letters.key(person)
    assert told(cyclos.call("GET", DATA_FOR_CHANGE, query={"key": key})) == {"generated": False}
    require_empty(sent(cyclos, "POST", CHANGE, {"key": key, "newPassword": _NEW, "user": somebody.username}), 204)
    token_of(forgetting.cyclos.login(person.username, _NEW))
    token_of(forgetting.cyclos.login(somebody.username, somebody.password))


def test_of_two_at_once_one_sets_a_password(forgetting: Forgetting, person: Person) -> None:
    key = forgetting.key(person)
    news = [f"N3w!password-{number}" for number in range(6)]
    answers = at_once([partial(forgetting.change, key, new) for new in news])
    assert sorted(each.status_code for each in answers) == [204] + [404] * 5
    winner = next(new for new, each in zip(news, answers, strict=True) if each.status_code == 204)
    token_of(forgetting.cyclos.login(person.username, winner))


def test_a_host_of_somebody_else_s_changes_no_link(forgetting: Forgetting, person: Person) -> None:
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "Forwarded": "host=evil.example"}
    answer = forgetting.cyclos.http.post(REQUEST, json={"user": person.username}, headers={**JSON, **forged})
    require_empty(answer, 204)
    assert "evil.example" not in forgetting.letters.text(person)
    assert forgetting.letters.key(person)
    refusal(forgetting.cyclos.http.post(REQUEST, json={"user": "x"}, headers={"host": "evil.example"}), 400)


def test_a_key_of_a_person_who_is_disabled_or_has_moved_is_worthless(
    forgetting: Forgetting, make_person: PersonMaker, witness: Witness
) -> None:
    disabled, moved = make_person(), make_person()
    keys = [forgetting.key(person) for person in (disabled, moved)]
    witness.admin.update_user(disabled.id, {"enabled": False})
    account = witness.admin.get_user(moved.id)
    witness.admin.update_user(moved.id, {**account, "email": f"moved-{moved.email}"})
    for key in keys:
        refusal(forgetting.change(key), 404, **_UNKNOWN)


def test_parts_of_the_data_may_be_wanted(forgetting: Forgetting, person: Person) -> None:
    key = forgetting.key(person)
    for fields, wanted in (("generated", {"generated": False}), ("-generated", {}), ("nope", {})):
        answer = forgetting.cyclos.call("GET", DATA_FOR_CHANGE, query={"key": key, "fields": fields})
        assert told(answer) == wanted
    refusal(forgetting.cyclos.call("GET", DATA_FOR_CHANGE, query={"key": key, "fields": "a..b"}), 422)


def test_keys_expire(cyclos_apart: Apart, stack: Stack, mailbox: Mailbox, person: Person) -> None:
    variables = cyclos_apart(CYCLOS__FORGOTTEN_KEY_TTL="2", **mailing_through(stack))
    with watched_gateway(variables) as served, served.client() as client:
        cyclos = Cyclos(client)
        require_empty(sent(cyclos, "POST", REQUEST, {"user": person.username}), 204)
        key = CyclosLetters(mailbox).key(person)
        until(lambda: cyclos.call("GET", DATA_FOR_CHANGE, query={"key": key}).status_code == 404)
        refusal(sent(cyclos, "POST", CHANGE, {"key": key, "newPassword": _NEW}), 404, **_UNKNOWN)


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
