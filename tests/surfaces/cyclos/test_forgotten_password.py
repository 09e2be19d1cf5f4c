"""Keys for a new password, looked at and used (contract section 10)."""

from functools import partial

import pytest
import redis

from tests.conftest import Mailbox, Stack
from tests.servers.gateway import watched_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, basic, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.forgetting import NEW, Forgetting
from tests.surfaces.cyclos.further import (
    CHANGE,
    DATA_FOR_CHANGE,
    REQUEST,
    CyclosLetters,
    activated,
    activation_code,
    by_client,
    logged_in_by_client,
    lose,
    sent,
)
from tests.surfaces.mailing import mailing_through
from tests.surfaces.parallel import at_once
from tests.surfaces.witness import Witness

_RULES = {"Sh0rt!": "8", "nodigits!X": "digits", "x" * 257 + "A1!": "256", "        ": ""}
"""What breaks the realm's policy → a word of what is said of the rule."""
_UNKNOWN = {"entityType": "ForgottenPasswordRequest"}


def test_a_key_is_mailed_and_sets_a_new_password(forgetting: Forgetting, person: Person, witness: Witness) -> None:
    key = forgetting.key(person)
    assert len(key) >= 43
    for _ in range(2):
        assert told(forgetting.data(key)) == {"generated": False}
    require_empty(forgetting.change(key), 204)
    assert witness.password_is(person.username, NEW)
    token_of(forgetting.cyclos.login(person.username, NEW))
    refusal(forgetting.cyclos.login(person.username, person.password), 401, code="login")
    refusal(forgetting.data(key), 404, **_UNKNOWN)
    refusal(forgetting.change(key, "An0ther!word"), 404, **_UNKNOWN)
    assert "changed" in forgetting.letters.text(person, 2)


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
    without: list[dict[str, object]] = [{}, {"key": ""}, {"key": None, "newPassword": NEW}]
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
            {"key": key, "newPassword": NEW, "checkConfirmation": True, "newPasswordConfirmation": "x"},
            ["newPasswordConfirmation"],
        ),
        ({"key": key, "newPassword": NEW, "checkConfirmation": True}, ["newPasswordConfirmation"]),
    ):
        said = refusal(sent(forgetting.cyclos, "POST", CHANGE, body), 422)
        assert (said["code"], said["properties"]) == ("validation", members)
        assert list(said["propertyErrors"]) == members
    unknown = sent(forgetting.cyclos, "POST", CHANGE, {"key": "made-up", "checkConfirmation": True})
    refusal(unknown, 404, **_UNKNOWN)
    require_empty(forgetting.change(key, newPasswordConfirmation="other", checkConfirmation=False), 204)


@pytest.mark.parametrize("weak", [*_RULES])
def test_the_realm_s_policy_is_told_and_spends_no_key(forgetting: Forgetting, person: Person, weak: str) -> None:
    key = forgetting.key(person)
    said = refusal(forgetting.change(key, weak), 422)
    assert (said["code"], said["properties"]) == ("validation", ["newPassword"])
    (rule,) = said["propertyErrors"]["newPassword"]
    assert weak not in rule
    assert _RULES[weak] in rule
    require_empty(forgetting.change(key, NEW, checkConfirmation=True, newPasswordConfirmation=NEW), 204)


def test_all_sessions_end_and_access_clients_stay(forgetting: Forgetting, person: Person, witness: Witness) -> None:
    sessions = [
        forgetting.cyclos.by_session(token_of(forgetting.cyclos.login(person.username, person.password)))
        for _ in range(2)
    ]
    code = activation_code(forgetting.variables, person)
    token = str(told(activated(forgetting.cyclos, person, code))["token"])
    by_program = token_of(logged_in_by_client(forgetting.cyclos, token))
    sessions.append(forgetting.cyclos.by_session(by_program))
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
    again = forgetting.cyclos.by_session(token_of(logged_in_by_client(forgetting.cyclos, token)))
    assert told(again.auth())["user"]["id"] == person.id
    assert len(witness.offline_sessions(person.id, "gateway-verified")) == 1


def test_access_clients_that_a_stranger_may_have_made_end_too(
    forgetting: Forgetting, make_person: PersonMaker, witness: Witness
) -> None:
    """As long as nobody has verified the address, whoever registered it may be somebody else (security S18)."""
    person = make_person(email_verified=False)
    code = activation_code(forgetting.variables, person)
    token = str(told(activated(forgetting.cyclos, person, code))["token"])
    assert by_client(forgetting.cyclos, token).auth().status_code == 200
    require_empty(forgetting.change(forgetting.key(person)), 204)
    refusal(by_client(forgetting.cyclos, token).auth(), 401, code="invalidAccessClient")
    assert witness.offline_sessions(person.id, "gateway-verified") == set()
    assert witness.admin.get_user(person.id)["emailVerified"]


def test_a_new_password_clears_its_own_action_and_lifts_the_lock(
    forgetting: Forgetting, make_person: PersonMaker
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
        token_of(forgetting.cyclos.login(person.username, NEW))


def test_credentials_are_of_no_concern(forgetting: Forgetting, person: Person, make_person: PersonMaker) -> None:
    somebody = make_person()
    headers = {"Authorization": basic(somebody.username, "wrong")["authorization"], "Session__Token": "x" * 64}
    cyclos = forgetting.cyclos.by(**headers)
    require_empty(sent(cyclos, "POST", REQUEST, {"user": person.username}), 204)
    key = forgetting.letters.key(person)
    assert told(cyclos.call("GET", DATA_FOR_CHANGE, query={"key": key})) == {"generated": False}
    require_empty(sent(cyclos, "POST", CHANGE, {"key": key, "newPassword": NEW, "user": somebody.username}), 204)
    token_of(forgetting.cyclos.login(person.username, NEW))
    token_of(forgetting.cyclos.login(somebody.username, somebody.password))


def test_of_two_at_once_one_sets_a_password(forgetting: Forgetting, person: Person) -> None:
    key = forgetting.key(person)
    news = [f"N3w!password-{number}" for number in range(6)]
    answers = at_once([partial(forgetting.change, key, new) for new in news])
    assert sorted(each.status_code for each in answers) == [204] + [404] * 5
    winner = next(new for new, each in zip(news, answers, strict=True) if each.status_code == 204)
    token_of(forgetting.cyclos.login(person.username, winner))


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


def test_the_page_of_the_link_is_as_set(cyclos_apart: Apart, stack: Stack, mailbox: Mailbox, person: Person) -> None:
    page = "https://other.example/x?k="
    variables = cyclos_apart(CYCLOS__FORGOTTEN_URL=f"{page}{{key}}", **mailing_through(stack))
    with watched_gateway(variables) as served, served.client() as client:
        cyclos = Cyclos(client)
        require_empty(sent(cyclos, "POST", REQUEST, {"user": person.username}), 204)
        key = CyclosLetters(mailbox).key(person, page=page)
        require_empty(sent(cyclos, "POST", CHANGE, {"key": key, "newPassword": NEW}), 204)
        token_of(cyclos.login(person.username, NEW))


def test_keys_expire(cyclos_apart: Apart, stack: Stack, mailbox: Mailbox, person: Person) -> None:
    variables = cyclos_apart(CYCLOS__FORGOTTEN_KEY_TTL="2", **mailing_through(stack))
    with watched_gateway(variables) as served, served.client() as client:
        cyclos = Cyclos(client)
        require_empty(sent(cyclos, "POST", REQUEST, {"user": person.username}), 204)
        key = CyclosLetters(mailbox).key(person)
        until(lambda: cyclos.call("GET", DATA_FOR_CHANGE, query={"key": key}).status_code == 404)
        refusal(sent(cyclos, "POST", CHANGE, {"key": key, "newPassword": NEW}), 404, **_UNKNOWN)


def test_keys_are_lost_with_redis(forgetting: Forgetting, person: Person, store: redis.Redis) -> None:
    key = forgetting.key(person)
    lose(store, forgetting.variables)
    refusal(forgetting.data(key), 404, **_UNKNOWN)
    refusal(forgetting.change(key), 404, **_UNKNOWN)
    require_empty(forgetting.change(forgetting.key(person, 2)), 204)
