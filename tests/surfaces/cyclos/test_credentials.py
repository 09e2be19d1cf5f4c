"""What shows who is asking, and what does not (contract sections 2, 3 and 12)."""

import base64
from collections.abc import Callable

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.gateway import served_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import AUTH, DATA, SESSION, Cyclos, basic, refusal, require_empty, token_of, told
from tests.surfaces.outages import wired_gateway
from tests.surfaces.witness import Witness

_LATIN = "P\u00e4ssw0rd!\u00f1"
_COLONS = "P:ssw0rd!:x:"


def _raw(encoded: str) -> dict[str, str]:
    return {"authorization": f"Basic {encoded}"}


@pytest.mark.parametrize("password", [_LATIN, _COLONS, f"{_LATIN}:{_LATIN}"])
@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_names_and_passwords_come_as_latin_1_or_utf_8_and_may_hold_colons(
    cyclos: Cyclos, make_person: PersonMaker, password: str, encoding: str
) -> None:
    person = make_person(password=password)
    token_of(cyclos.login(person.username, password, encoding))


def test_a_password_may_hold_what_latin_1_has_not(cyclos: Cyclos, make_person: PersonMaker) -> None:
    person = make_person(password="P\u00e4ssw0rd!\u674e")
    token_of(cyclos.login(person.username, person.password, "utf-8"))


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])
def test_a_name_may_be_of_latin_1(cyclos: Cyclos, make_person: PersonMaker, witness: Witness, encoding: str) -> None:
    person = make_person()
    name = f"\u00e4nn-{person.username}"
    witness.rename(person.id, name)
    said = told(cyclos.login(name, person.password, encoding))
    assert (said["principal"], said["user"]["shortDisplay"]) == (name, name)


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_scheme_may_be_spelled_in_any_case(cyclos: Cyclos, person: Person, scheme: str) -> None:
    encoded = basic(person.username, person.password)["authorization"].partition(" ")[2]
    told(cyclos.call("GET", AUTH, {"authorization": f"{scheme}  {encoded}"}))


@pytest.mark.parametrize(
    "headers",
    [
        _raw("!"),
        _raw("Og"),
        _raw("Og=="[:3]),
        _raw(base64.b64encode(b"no colon").decode()),
        {"authorization": "Basic"},
        _raw("Og==, Basic Og=="),
        _raw(base64.urlsafe_b64encode(b"\xff\xfe?>\xff:x").decode()),
        basic("ann", ""),
        basic("", "Passw0rd!x"),
        basic(" ", "x"),
        basic("ann\0", "x"),
        basic("ann\n", "x"),
        basic("x" * 256, "x"),
        basic("ann", "x" * 5000),
        basic("ann", "x\0y"),
        basic("ann", "\x01\x02\x7f"),
        basic("*", "x"),
        basic("'", "x"),
    ],
)
@pytest.mark.parametrize(("method", "path"), [("POST", SESSION), ("GET", AUTH), ("GET", DATA)])
def test_what_cannot_be_right_is_wrong(cyclos: Cyclos, method: str, path: str, headers: dict[str, str]) -> None:
    refusal(cyclos.call(method, path, headers), 401, code="login")


@pytest.mark.parametrize("headers", [_raw("!"), basic("ann", ""), basic("", "x"), basic("ann\0", "x")])
def test_what_cannot_be_right_is_counted_and_nobody_is_asked(cyclos_apart: Apart, headers: dict[str, str]) -> None:
    # No Keycloak is there to be asked.
    unreachable = {"KEYCLOAK__URL": "http://127.0.0.1:9", "LIMITS__FAILURES_PER_ADDRESS": "3"}
    with (
        served_gateway(cyclos_apart(**unreachable), wait_ready=False) as served,
        served.client() as client,
    ):
        cyclos = Cyclos(client)
        for _ in range(3):
            refusal(cyclos.call("GET", AUTH, headers), 401, code="login")
        refusal(cyclos.call("GET", AUTH, headers), 401, code="remoteAddressBlocked")


def test_an_address_that_fails_too_often_is_blocked_for_right_passwords_as_well(
    cyclos_apart: Apart, make_person: PersonMaker
) -> None:
    with (
        served_gateway(cyclos_apart(LIMITS__FAILURES_PER_ADDRESS="6")) as served,
        served.client() as client,
    ):
        cyclos, people = Cyclos(client), [make_person() for _ in range(2)]
        token = token_of(cyclos.login(people[0].username, people[0].password))
        for name in (people[0].username, "nobody-there", people[0].email):
            for ask in (cyclos.login, cyclos.auth):
                refusal(ask(name, "Wr0ng!word"), 401, code="login")
        for ask in (cyclos.login, cyclos.auth):
            answer = refusal(ask(people[1].username, people[1].password), 401)
            assert answer == {"code": "remoteAddressBlocked"}
        # A session is no guess.
        told(cyclos.by_session(token).auth())


def test_who_is_blocked_learns_of_nobody(cyclos_apart: Apart, stack: Stack, person: Person) -> None:
    with wired_gateway(cyclos_apart, stack, Cyclos, LIMITS__FAILURES_PER_ADDRESS="3") as wired:
        for ask in (wired.client.login, wired.client.auth, wired.client.login):
            refusal(ask(person.username, "Wr0ng!word"), 401, code="login")
        # Whoever is looked up takes his time, so nobody may be.
        with wired.keycloak.cut():
            for name in (person.username, person.email, "nobody-there"):
                for ask in (wired.client.login, wired.client.auth):
                    refusal(ask(name, person.password), 401, code="remoteAddressBlocked")


def test_an_unknown_session_is_nobody_s_guess(cyclos_apart: Apart, person: Person) -> None:
    with (
        served_gateway(cyclos_apart(LIMITS__FAILURES_PER_ADDRESS="3")) as served,
        served.client() as client,
    ):
        cyclos = Cyclos(client)
        for number in range(5):
            refusal(cyclos.by_session(f"{number}" * 64).auth(), 401, code="loggedOut")
        token_of(cyclos.login(person.username, person.password))


@pytest.mark.parametrize("name", ["'{username}", "'{email}"])
def test_a_quote_in_front_of_a_name_is_no_part_of_it(cyclos: Cyclos, person: Person, name: str) -> None:
    typed = name.format(username=person.username, email=person.email)
    assert told(cyclos.login(typed, person.password))["principal"] == typed[1:]


@pytest.mark.parametrize(
    ("kind", "by", "is_good"),
    [
        ("username", "username", True),
        ("email", "email", True),
        ("*", "username", True),
        ("*", "email", True),
        ("", "email", True),
        ("username", "email", False),
        ("email", "username", False),
    ],
)
def test_the_kind_of_a_name_may_be_said(
    cyclos: Cyclos, person: Person, witness: Witness, kind: str, by: str, *, is_good: bool
) -> None:
    for method, path in (("POST", SESSION), ("GET", AUTH)):
        headers = {**basic(getattr(person, by), person.password), "principal-type": kind}
        answer = cyclos.call(method, path, headers)
        if is_good:
            assert told(answer)["principalType"]["id"] == by
        else:
            refusal(answer, 401, code="login")
    assert len(witness.sessions(person.id)) == is_good


@pytest.mark.parametrize("kind", ["mobilePhone", "accountNumber", "user", "Username"])
def test_a_kind_of_name_that_nobody_logs_in_by_is_not_accessible(cyclos: Cyclos, person: Person, kind: str) -> None:
    for method, path in (("POST", SESSION), ("GET", AUTH)):
        headers = {**basic(person.username, person.password), "principal-type": kind}
        refusal(cyclos.call(method, path, headers), 403, code="inaccessiblePrincipal")


@pytest.mark.parametrize("headers", [{"authorization": "Bearer x"}, {"authorization": "Digest x"}, {"channel": "x"}])
def test_other_headers_show_nobody(cyclos: Cyclos, headers: dict[str, str]) -> None:
    assert "user" not in told(cyclos.call("GET", AUTH, {**headers, "preferred-locale": "de", "x-theme": "7"}))


@pytest.mark.parametrize("query", [{"sessionToken": "x" * 64}, {"Session-Token": "x" * 64}, {"accessClientToken": "x"}])
def test_a_token_in_the_query_shows_nobody(cyclos: Cyclos, query: dict[str, str]) -> None:
    assert "user" not in told(cyclos.call("GET", AUTH, query=query))


@pytest.mark.parametrize("credential", ["none", "basic", "access client"])
def test_only_a_session_can_be_ended(cyclos: Cyclos, person: Person, credential: str) -> None:
    headers = {
        "none": {},
        "basic": basic(person.username, person.password),
        "access client": {"access-client-token": "x"},
    }[credential]
    for path in (SESSION, AUTH):
        refusal(cyclos.call("DELETE", path, headers), 401, code="missingAuthorization")


@pytest.mark.parametrize("ask", [Cyclos.auth, Cyclos.data_for_login, Cyclos.logout])
@pytest.mark.parametrize("token", ["x", "x" * 32, "x" * 63, "x" * 64, "x" * 65, "x" * 5000, "-" * 64, "a:b}{c"])
def test_a_made_up_session_is_over(cyclos: Cyclos, ask: Callable[[Cyclos], httpx.Response], token: str) -> None:
    refusal(ask(cyclos.by_session(token)), 401, code="loggedOut")


def test_how_to_log_in_is_told_to_guests_only(cyclos: Cyclos, person: Person) -> None:
    token = token_of(cyclos.login(person.username, person.password))
    require_empty(cyclos.by_session(token).data_for_login(), 204)
    require_empty(cyclos.call("GET", DATA, basic(person.username, person.password)), 204)
    assert told(cyclos.data_for_login())
    refusal(cyclos.call("GET", DATA, basic(person.username, "Wr0ng!word")), 401, code="login")
