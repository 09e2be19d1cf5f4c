"""A token in two halves, one of which a browser keeps (contract sections 3 and 6, security S41, S42)."""

import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import Person
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, halves_of, refusal, require_empty, token_of, told
from tests.surfaces.witness import Witness


@pytest.fixture
def halves(cyclos: Cyclos, person: Person) -> tuple[str, str]:
    """The halves of a session's token; the connections have forgotten the second one."""
    halves = halves_of(cyclos.login(person.username, person.password, cookie=True))
    cyclos.http.cookies.clear()
    return halves


@pytest.mark.parametrize("header", ["Session-Token", "Session-Prefix"])
def test_both_halves_together_are_the_session(cyclos: Cyclos, halves: tuple[str, str], header: str) -> None:
    first, second = halves
    said = told(cyclos.by(**{header.replace("-", "__"): first, "Cookie": f"other=x; Session-Token={second}"}).auth())
    assert said["sessionToken"] == first
    assert second not in str(said)


@pytest.mark.parametrize("header", ["Session-Token", "Session-Prefix"])
@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "Session-Token=",
        f"Session-Token={'x' * 32}",
        "session-token={second}",
        'Session-Token="{second}"',
        "Session-Token={second}x",
        "Session-Token={second}; Session-Token={second}",
        f"Session-Token={'x' * 32}; Session-Token={{second}}",
        "Session-Token={first}",
        "Session-Token={second},",
    ],
)
def test_a_half_without_its_other_half_is_nothing(
    cyclos: Cyclos, halves: tuple[str, str], header: str, cookie: str
) -> None:
    first, second = halves
    headers = {header.replace("-", "__"): first, "Cookie": cookie.format(first=first, second=second)}
    refusal(cyclos.by(**headers).auth(), 401, code="loggedOut")
    refusal(cyclos.by(**headers).logout(), 401, code="loggedOut")


def test_the_second_half_alone_shows_nobody(cyclos: Cyclos, halves: tuple[str, str]) -> None:
    by_cookie = cyclos.by(Cookie=f"Session-Token={halves[1]}")
    assert "user" not in told(by_cookie.auth())
    assert by_cookie.data_for_login().status_code == 200
    refusal(by_cookie.logout(), 401, code="missingAuthorization")


def test_the_second_half_is_not_taken_for_the_first(cyclos: Cyclos, halves: tuple[str, str]) -> None:
    first, second = halves
    refusal(cyclos.by(Session__Token=second, Cookie=f"Session-Token={first}").auth(), 401, code="loggedOut")


def test_halves_of_two_tokens_are_no_session(cyclos: Cyclos, person: Person, halves: tuple[str, str]) -> None:
    other = halves_of(cyclos.login(person.username, person.password, cookie=True))
    cyclos.http.cookies.clear()
    for first, second in ((halves[0], other[1]), (other[0], halves[1])):
        refusal(cyclos.by(Session__Token=first, Cookie=f"Session-Token={second}").auth(), 401, code="loggedOut")


@pytest.mark.parametrize("stale", ["x" * 32, "", "x; Session-Token=y"])
def test_a_stale_cookie_beside_a_whole_token_is_of_no_concern(cyclos: Cyclos, person: Person, stale: str) -> None:
    token = token_of(cyclos.login(person.username, person.password))
    by_both = cyclos.by(Session__Token=token, Cookie=f"Session-Token={stale}")
    assert told(by_both.auth())["sessionToken"] == token
    assert told(by_both.by(Session__Token="").auth()).keys().isdisjoint({"user", "sessionToken"})


def test_a_browser_that_keeps_cookies_stays_logged_in_until_it_logs_out(
    cyclos: Cyclos, person: Person, witness: Witness
) -> None:
    first, second = halves_of(cyclos.login(person.username, person.password, cookie=True))
    assert cyclos.http.cookies.get("Session-Token") == second
    by_prefix = cyclos.by(Session__Prefix=first)
    assert told(by_prefix.auth())["user"]["id"] == person.id
    answer = by_prefix.logout(cookie=True)
    require_empty(answer, 200)
    assert answer.headers["set-cookie"] == "Session-Token=; Max-Age=0; Path=/api; SameSite=Lax; HttpOnly"
    assert "Session-Token" not in cyclos.http.cookies
    assert witness.sessions(person.id) == set()
    refusal(by_prefix.auth(), 401, code="loggedOut")


@pytest.mark.parametrize("token", [None, "x" * 64])
def test_a_refused_logout_has_the_cookie_forgotten_as_well(cyclos: Cyclos, token: str | None) -> None:
    asked = cyclos if token is None else cyclos.by_session(token)
    forgotten = asked.logout(cookie=True)
    refusal(forgotten, 401, code="missingAuthorization" if token is None else "loggedOut")
    assert forgotten.headers["set-cookie"] == "Session-Token=; Max-Age=0; Path=/api; SameSite=Lax; HttpOnly"
    assert "set-cookie" not in asked.logout().headers
    assert "set-cookie" not in asked.logout(cookie=False).headers


def test_the_cookie_is_for_the_base_path_and_no_script(cyclos: Cyclos, person: Person) -> None:
    answer = cyclos.login(person.username, person.password, cookie=True)
    second = halves_of(answer)[1]
    assert answer.headers.get_list("set-cookie") == [
        f"Session-Token={second}; Path=/api; SameSite=Lax; HttpOnly",
    ]


def test_behind_https_the_cookie_is_sent_by_https_only(cyclos_apart: Apart, person: Person) -> None:
    names = {"SERVER__PUBLIC_URL": "https://id.example", "CYCLOS__PREFIX": "/pre"}
    with served_gateway(cyclos_apart(**names)) as served, served.client(headers={"host": "id.example"}) as client:
        cyclos = Cyclos(client).within("pre")
        answer = cyclos.login(person.username, person.password, cookie=True)
        expected = f"Session-Token={halves_of(answer)[1]}; Path=/pre/api; SameSite=Lax; Secure; HttpOnly"
        assert answer.headers["set-cookie"] == expected
        forgotten = cyclos.logout(cookie=True)
        assert forgotten.status_code == 401
        expected = "Session-Token=; Max-Age=0; Path=/pre/api; SameSite=Lax; Secure; HttpOnly"
        assert forgotten.headers["set-cookie"] == expected


@pytest.mark.parametrize("said", ["True", "true", "TRUE", "1"])
def test_true_may_be_spelled_in_several_ways(cyclos: Cyclos, person: Person, said: str) -> None:
    halves_of(cyclos.login(person.username, person.password, cookie=said))


@pytest.mark.parametrize("said", ["False", "false", "0"])
def test_so_may_false(cyclos: Cyclos, person: Person, said: str) -> None:
    token_of(cyclos.login(person.username, person.password, cookie=said))
