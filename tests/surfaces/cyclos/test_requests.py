"""Queries and bodies, as the client sends them and as others do (contract sections 2, 4, 5 and 7)."""

import pytest

from tests.servers.people import Person
from tests.surfaces.bodies import ENDLESS_NUMBERS, MALFORMED, NO_OBJECT
from tests.surfaces.cyclos.client import AUTH, DATA, METHODS, SESSION, Cyclos, basic, refusal, token_of, told
from tests.surfaces.witness import Witness

_WAYS = [(method, path) for path, methods in METHODS.items() for method in methods if method != "HEAD"]
_CHOOSING = [("GET", AUTH), ("GET", DATA), ("POST", SESSION)]
_PLACED = "properties"


@pytest.mark.parametrize("fields", ["sessionToken", ["sessionToken"], ["sessionToken", "nope"], " sessionToken ,"])
def test_a_login_may_ask_for_its_token_alone(cyclos: Cyclos, person: Person, fields: object) -> None:
    answer = cyclos.login(person.username, person.password, fields=fields)
    assert told(answer).keys() == {"sessionToken"}
    token_of(answer)


def test_a_login_that_leaves_the_token_out_begins_a_session_all_the_same(
    cyclos: Cyclos, person: Person, witness: Witness
) -> None:
    said = told(cyclos.login(person.username, person.password, fields="-sessionToken"))
    assert "sessionToken" not in said
    assert said["user"]["id"] == person.id
    assert len(witness.sessions(person.id)) == 1


def test_members_of_members_may_be_chosen(cyclos: Cyclos, person: Person) -> None:
    by_token = cyclos.by_session(token_of(cyclos.login(person.username, person.password)))
    assert told(by_token.auth(fields=["user.id,principalType.name", "global"])) == {
        "user": {"id": person.id},
        "principalType": {"name": "Login name"},
        "global": False,
    }
    whole = told(by_token.auth())
    assert told(by_token.auth(fields=["", ","])) == whole
    assert told(by_token.auth(fields="nope")) == {}
    assert told(by_token.auth(fields="user.nope")) == {"user": {}}
    without = told(by_token.auth(fields="-permissions.users,-permissions.passwords.passwords"))
    assert without["permissions"] == {
        "myProfile": {"editProfile": False},
        "passwords": {"manage": False},
        "contacts": {"enable": False},
        "notifications": {"enable": False},
    }
    assert without.keys() == whole.keys()


@pytest.mark.parametrize(("method", "path"), _CHOOSING)
@pytest.mark.parametrize("fields", ["a,-a", "a..b", "-", "*a", ".".join("abcdefghijk"), ",".join(["a"] * 101)])
def test_an_unreadable_choice_is_invalid(cyclos: Cyclos, method: str, path: str, fields: str) -> None:
    said = refusal(cyclos.call(method, path, query={"fields": fields}), 422)
    assert said.keys() == {"code", _PLACED, "propertyErrors"}
    assert (said["code"], said[_PLACED], list(said["propertyErrors"])) == ("validation", ["fields"], ["fields"])
    assert all(isinstance(each, str) for each in said["propertyErrors"]["fields"])


def test_a_choice_of_a_hundred_values_is_read_and_one_of_more_is_not(cyclos: Cyclos) -> None:
    assert told(cyclos.auth(fields=["configuration.id"] * 100)) == {"configuration": {"id": "default"}}
    beside = cyclos.login("nobody", "x", fields=["configuration.id"] * 100, cookie=False, timeoutInSeconds=60)
    refusal(beside, 401, code="login")
    for many in (101, 120):
        said = refusal(cyclos.auth(fields=["configuration"] * many), 422)
        assert (said["code"], said["properties"]) == ("validation", ["fields"])


@pytest.mark.parametrize("said", ["maybe", "yes", "2", "", "None", " true", "tru\u00e9", "on"])
@pytest.mark.parametrize(("method", "path"), [("POST", SESSION), ("DELETE", SESSION), ("DELETE", AUTH)])
def test_what_is_no_boolean_cannot_be_converted(cyclos: Cyclos, method: str, path: str, said: str) -> None:
    refusal(cyclos.call(method, path, query={"cookie": said}), 422, code="dataConversion", value=said)


@pytest.mark.parametrize("said", ["soon", "1.5", "1e3", "", "0x10", "\u0661", "--1", "+1", "1 ", "True"])
def test_what_is_no_whole_number_cannot_be_converted(cyclos: Cyclos, person: Person, said: str) -> None:
    answer = cyclos.login(person.username, person.password, timeoutInSeconds=said)
    refusal(answer, 422, code="dataConversion", value=said)


@pytest.mark.parametrize("said", ["0", "-1", "-0", "000", f"-{'9' * 40}"])
def test_a_timeout_below_a_second_is_invalid(cyclos: Cyclos, person: Person, said: str) -> None:
    answer = refusal(cyclos.login(person.username, person.password, timeoutInSeconds=said), 422)
    assert (answer["code"], answer[_PLACED]) == ("validation", ["timeoutInSeconds"])


@pytest.mark.parametrize("credential", [{}, {"session-token": "x"}, basic("nobody-there", "x")])
def test_a_query_is_judged_before_the_credential(cyclos: Cyclos, credential: dict[str, str]) -> None:
    for method, path in _WAYS:
        query = {"cookie": "maybe"} if (method, path) not in _CHOOSING else {"fields": "-"}
        assert refusal(cyclos.call(method, path, credential, query), 422)["code"] in ("dataConversion", "validation")


@pytest.mark.parametrize(("method", "path"), _WAYS)
def test_unknown_parameters_are_ignored(cyclos: Cyclos, method: str, path: str) -> None:
    known, unknown = (cyclos.call(method, path, query=each) for each in ({}, {"x": "y", "medium": "z", "": "w"}))
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)


@pytest.mark.parametrize("kind", [*MALFORMED, *NO_OBJECT])
@pytest.mark.parametrize(("method", "path"), _WAYS)
def test_bodies_are_ignored_where_none_is_defined(cyclos: Cyclos, method: str, path: str, kind: str) -> None:
    content = {**MALFORMED, **NO_OBJECT}[kind]
    with_body = cyclos.http.request(method, path, content=content, headers={"content-type": "text/html"})
    without = cyclos.http.request(method, path)
    assert (with_body.status_code, with_body.content) == (without.status_code, without.content)


def test_endless_numbers_are_ignored_as_well(cyclos: Cyclos, person: Person) -> None:
    for number in ENDLESS_NUMBERS:
        headers = {**basic(person.username, person.password), "content-type": "application/json"}
        token_of(cyclos.http.post(SESSION, content=number, headers=headers))


@pytest.mark.parametrize(("method", "path"), _WAYS)
def test_a_mebibyte_is_too_much(cyclos: Cyclos, method: str, path: str) -> None:
    answer = cyclos.http.request(method, path, content=b" " * (1 << 20))
    assert refusal(answer, 413)["code"] == "general"
    assert refusal(cyclos.http.request(method, path, content=iter([b" " * 40000] * 2)), 413)["code"] == "general"


def test_another_host_is_refused(cyclos: Cyclos) -> None:
    assert refusal(cyclos.target("GET", AUTH, host="evil.example"), 400)["code"] == "general"


@pytest.mark.parametrize("query", ["%ff", "fields=%c3%28", "cookie=%80"])
def test_a_query_that_is_no_utf_8_is_invalid(cyclos: Cyclos, query: str) -> None:
    assert refusal(cyclos.target("GET", f"{AUTH}?{query}"), 422)["code"] == "validation"
