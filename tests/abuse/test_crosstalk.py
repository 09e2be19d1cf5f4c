"""Nobody gets an answer that is for somebody else, whoever breaks off in between (security S50, R4)."""

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from urllib.parse import urlsplit

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.gateway import ServedGateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos import client as cyclos
from tests.surfaces.kestra import client as kestra
from tests.surfaces.nap import client as nap
from tests.surfaces.outages import Wired, wired_gateway
from tests.surfaces.parallel import at_once
from tests.surfaces.pipeshub import client as pipeshub
from tests.surfaces.toan import answers as toan_answers
from tests.surfaces.toan import client as toan
from tests.surfaces.witness import claims

_PEOPLE = 12
_STRANGERS = 20
_BROKEN_OFF = 400
_AT_ONCE = 8
_PATIENCE = 120.0
_DEADLINE = 2.0
_HELD_UP = 2
_PAUSE = 3.0


@pytest.fixture
def wired(gateway_variables: Mapping[str, str], stack: Stack) -> Iterator[Wired[toan.Toan]]:
    """A gateway behind wires, whose limits by address let all of this pass.

    Its deadline comes before the end of any call to Keycloak or Redis: what takes too long is cancelled half-way.
    """
    own = {
        "LIMITS__FAILURES_PER_ADDRESS": "100000",
        "SIGN_IN__STEPS": '[["password"]]',
        "SERVER__DEADLINE": str(_DEADLINE),
        "KEYCLOAK__TIMEOUT": "5",
        "REDIS__TIMEOUT": "5",
    }
    with wired_gateway(Apart(gateway_variables), stack, toan.Toan, **own) as wired:
        yield wired


def test_people_at_once_on_all_surfaces_get_their_own_tokens(wired: Wired[toan.Toan], make_person: PersonMaker) -> None:
    gateway = wired.served
    people = [make_person() for _ in range(_PEOPLE)]
    strangers = [make_person() for _ in range(_STRANGERS)]
    with gateway.client() as http:
        http.timeout = httpx.Timeout(_PATIENCE)
        rounds = [partial(_told, http, surface, each) for each in people for surface in _ROUNDS]
        leaving = [partial(_leave_often, gateway, strangers, number) for number in range(_AT_ONCE)]
        answers = at_once([*rounds, *leaving, partial(_hold_up, wired)])
    assert answers[: len(rounds)] == [{each.id} for each in people for _ in _ROUNDS]
    assert _cancelled(gateway) >= len(leaving), "nothing was cancelled"
    assert [each for each in gateway.events if each["event"] == "unexpected_error"] == []


def _hold_up(wired: Wired[toan.Toan]) -> set[str]:
    """Let Keycloak and Redis answer too late in turn; what they say then still arrives."""
    for wire in (wired.keycloak, wired.redis) * _HELD_UP:
        with wire.frozen():
            time.sleep(_DEADLINE + 1)
        time.sleep(_PAUSE)
    return set()


def _cancelled(gateway: ServedGateway) -> int:
    """Count the requests that were out of time."""
    asked = [each for each in gateway.events if each["event"] == "request" and each["status"] >= 500]
    return sum(each["milliseconds"] >= _DEADLINE * 1000 for each in asked)


def _told(http: httpx.Client, surface: str, person: Person) -> set[str]:
    """Go through several calls as one person; name whoever the answers are about."""
    return set(_ROUNDS[surface](http, person))


def _toan(http: httpx.Client, person: Person) -> Iterator[str]:
    calls = toan.Toan(http)
    signed_in = toan_answers.tokens(_available(lambda: calls.login(person.username, person.password)))
    yield claims(signed_in.access_token)["sub"]
    renewed = toan_answers.tokens(_available(lambda: calls.refresh(signed_in.refresh_token)))
    yield claims(renewed.access_token)["sub"]


def _pipeshub(http: httpx.Client, person: Person) -> Iterator[str]:
    calls = pipeshub.Pipeshub(http)
    signed_in = pipeshub.fully(_begun_anew(calls, person))
    yield claims(signed_in["accessToken"])["sub"]
    renewed = _available(lambda: calls.refresh(signed_in["refreshToken"])).json()
    yield renewed["user"]["_id"]
    yield claims(renewed["accessToken"])["sub"]


def _begun_anew(calls: pipeshub.Pipeshub, person: Person) -> httpx.Response:
    """Sign in step by step; a sign-in whose end nobody was told of is over, and another one is begun."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        begun = _available(lambda: calls.init(person.email)).headers["x-session-token"]
        answer = _available(partial(calls.by_password, begun, person.password))
        if answer.status_code != httpx.codes.NOT_FOUND or time.monotonic() > deadline:
            return answer


def _nap(http: httpx.Client, person: Person) -> Iterator[str]:
    calls = nap.Nap(http)
    signed_in = nap.tokens(_available(lambda: calls.login(person.email, person.password)))
    yield claims(nap.unwrapped(signed_in["session_token"]))["sub"]
    renewed = nap.tokens(_available(lambda: calls.refresh(signed_in["refresh_token"])))
    yield claims(nap.unwrapped(renewed["session_token"]))["sub"]


def _kestra(http: httpx.Client, person: Person) -> Iterator[str]:
    signed_in = kestra.tokens(_available(lambda: kestra.Kestra(http).login(person.username, person.password)))
    assert signed_in["username"] == person.username
    yield claims(signed_in["access_token"])["sub"]


def _cyclos(http: httpx.Client, person: Person) -> Iterator[str]:
    calls = cyclos.Cyclos(http)
    token = cyclos.token_of(_available(lambda: calls.login(person.username, person.password)))
    yield cyclos.told(_available(calls.by_session(token).auth))["user"]["id"]
    yield cyclos.told(_available(lambda: calls.auth(person.email, person.password)))["user"]["id"]


_ROUNDS: Mapping[str, Callable[[httpx.Client, Person], Iterator[str]]] = {
    "toan": _toan,
    "pipeshub": _pipeshub,
    "nap": _nap,
    "kestra": _kestra,
    "cyclos": _cyclos,
}


def _available(call: Callable[[], httpx.Response]) -> httpx.Response:
    """Repeat a call that came when too many were with Keycloak, or when it was held up (security R1, R6)."""
    deadline = time.monotonic() + _PATIENCE
    while (answer := call()).status_code in (429, 500, 503) and time.monotonic() < deadline:
        time.sleep(0.5)
    return answer


def _leave_often(gateway: ServedGateway, strangers: list[Person], first: int) -> set[str]:
    """Ask again and again, on all surfaces, and go away before the answer."""
    for number in range(first, _BROKEN_OFF, _AT_ONCE):
        person = strangers[number % len(strangers)]
        path, body = _SIGN_INS[number % len(_SIGN_INS)](person)
        _break_off(gateway, path, body, patience=number % 20 * 0.02)
    return set()


def _sign_in(path: str, name: str, person: Person) -> tuple[str, dict[str, str]]:
    return path, {name: person.email, "password": person.password}


_SIGN_INS: list[Callable[[Person], tuple[str, dict[str, str]]]] = [
    partial(_sign_in, toan.LOGIN, "user"),
    partial(_sign_in, nap.LOGIN, "email"),
    partial(_sign_in, kestra.LOGIN, "username"),
    lambda person: (pipeshub.INIT, {"email": person.email}),
]


def _break_off(gateway: ServedGateway, path: str, body: Mapping[str, str], *, patience: float) -> None:
    there, content = urlsplit(gateway.url), json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: {there.netloc}\r\ncontent-type: application/json\r\n"
    with socket.create_connection((there.hostname, there.port), timeout=5) as connection:
        connection.sendall(f"{head}content-length: {len(content)}\r\n\r\n".encode() + content)
        time.sleep(patience)
