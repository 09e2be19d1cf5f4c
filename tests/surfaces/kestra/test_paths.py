"""404 and 405 and never a redirect; HEAD without effects; connections that stay open (contract sections 0 and 2)."""

import time
from collections.abc import Callable
from functools import partial

import httpx
import pytest

from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.client import (
    ACCEPT,
    AUTHS,
    CODE,
    CREATE,
    FORGOT,
    INVITATIONS,
    LOGIN,
    METHODS,
    RESET,
    Kestra,
    refusal,
    require_done,
    tokens,
)
from tests.surfaces.kestra.conftest import Settled
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.kestra.services import service_token
from tests.surfaces.paths import OTHER_METHODS, near_misses, require_safe_headers
from tests.surfaces.witness import Witness


@pytest.mark.parametrize(
    ("path", "method"),
    [(path, other) for path, methods in METHODS.items() for other in OTHER_METHODS if other not in methods],
)
def test_another_method_is_told_what_is_allowed(kestra: Kestra, path: str, method: str) -> None:
    answer = kestra.target(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, ", ".join(METHODS[path]))
    if method != "HEAD":
        assert refusal(answer, 405)["_links"]["self"]["href"] == path


def test_a_head_mails_nothing(kestra: Kestra, make_person: PersonMaker, mailbox: Mailbox, settled: Settled) -> None:
    person = make_person()
    for target in (f"{FORGOT}?username={person.username}", f"{CODE}/{person.email}"):
        answer = kestra.target("HEAD", target)
        assert (answer.status_code, answer.content) == (405, b"")
    settled()
    assert mailbox.count(person.email) == 0


def test_a_head_counts_as_no_request(kestra_apart: Apart) -> None:
    variables = kestra_apart(KESTRA__RESET_MAX_REQUESTS="1", KESTRA__CODE_MAX_REQUESTS="1")
    with served_gateway(variables) as served, served.client() as client:
        kestra = Kestra(client)
        for target in (f"{FORGOT}?username=nobody", f"{CODE}/nobody%40example.test"):
            for _ in range(2):
                assert kestra.target("HEAD", target).status_code == 405
            require_done(kestra.target("GET", target))
            refusal(kestra.target("GET", target), 429)


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1",
        "/api/v1/",
        "/api/v1/nothing",
        "/api/v1/main/auths",
        f"{CODE}/a/b",
        f"{LOGIN}/",
        f"{LOGIN}/x",
        "/api/v1//invitations",
        "/api/v1/invitation/nothing/x",
        *near_misses([AUTHS, FORGOT, RESET, INVITATIONS]),
        *(f"{path}/x" for path in near_misses([CREATE, ACCEPT])),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_not_found(kestra: Kestra, path: str, method: str) -> None:
    answer = kestra.target(method, path)
    assert refusal(answer, 404)["_links"]["self"]["href"] == path
    assert "location" not in answer.headers


def test_a_refusal_repeats_no_query(kestra: Kestra) -> None:
    answer = kestra.target("GET", "/api/v1/nothing?username=ann%40example.test")
    assert refusal(answer, 404)["_links"]["self"]["href"] == "/api/v1/nothing"
    assert "ann" not in answer.text


@pytest.mark.parametrize("path", [*METHODS, "/api/v1/nothing"])
@pytest.mark.parametrize("method", ["POST", "GET"])
def test_no_answer_may_be_stored_or_sniffed(kestra: Kestra, path: str, method: str) -> None:
    answer = kestra.target(method, path)
    require_safe_headers(answer)
    assert answer.headers["content-type"] == "application/json"
    assert "retry-after" not in answer.headers


def test_a_prefix_moves_the_whole_surface(kestra_apart: Apart, make_person: PersonMaker) -> None:
    person = make_person()
    with served_gateway(kestra_apart(KESTRA__PREFIX="/kestra")) as served, served.client() as client:
        kestra = Kestra(client)
        assert kestra.target("GET", f"/kestra{AUTHS}").status_code == 200
        assert kestra.target("GET", f"/kestra{CODE}/a%2Fb%40c.de").status_code == 200
        assert refusal(kestra.target("GET", "/kestra/api/v1/x"), 404)["_links"]["self"]["href"] == "/kestra/api/v1/x"
        tokens(kestra.post(f"/kestra{LOGIN}", {"username": person.username, "password": person.password}))
        answer = kestra.target("GET", f"/kestra{LOGIN}")
        assert (refusal(answer, 405)["_links"]["self"]["href"], answer.headers["allow"]) == (f"/kestra{LOGIN}", "POST")
        assert refusal(kestra.target("POST", f"/kestra{LOGIN}/x"), 404)["_links"]["self"]["href"] == f"/kestra{LOGIN}/x"
        for method, path in (("GET", AUTHS), ("POST", LOGIN)):
            assert kestra.target(method, path).json() == {"detail": "Not Found"}


def test_an_idle_connection_stays_open_longer_than_a_server_s_usual_five_seconds(kestra_gateway: ServedGateway) -> None:
    with kestra_gateway.client(limits=httpx.Limits(keepalive_expiry=60)) as client:
        before = _own_port(client)
        time.sleep(6)
        assert _own_port(client) == before


def _own_port(client: httpx.Client) -> int:
    with client.stream("GET", AUTHS) as answer:
        answer.read()
        port: int = answer.extensions["network_stream"].get_extra_info("client_addr")[1]
    return port


def test_nobody_is_signed_in_by_a_get(kestra: Kestra, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person()
    target = f"{LOGIN}?username={person.username}&password={person.password}"
    refusal(kestra.target("GET", target), 405)
    assert witness.sessions(person.id) == set()


@pytest.mark.parametrize("kind", ["link", "code", "invitation"])
def test_forged_hosts_move_no_link(
    kestra_apart: Apart, make_person: PersonMaker, letters: KestraLetters, kind: str
) -> None:
    person, variables = make_person(), kestra_apart()
    forged = {"x-forwarded-host": "evil.example", "x-forwarded-proto": "http", "forwarded": "host=evil.example"}
    with served_gateway(variables) as served, served.client() as client:
        kestra = Kestra(client)
        asks: dict[str, Callable[..., httpx.Response]] = {
            "link": partial(kestra.target, "GET", f"{FORGOT}?username={person.username}"),
            "code": partial(kestra.target, "GET", f"{CODE}/{person.email}"),
            "invitation": partial(_invite, client, person.email, f"Bearer {service_token(variables)}"),
        }
        assert asks[kind](**forged).is_success
        told = letters.text(person) + letters.text(person, part="html")
        assert "evil" not in told
        assert ("https://front.example/" in told) == (kind != "code")
        refusal(asks[kind](host="evil.example"), 400)


def _invite(client: httpx.Client, email: str, bearer: str, **headers: str) -> httpx.Response:
    return client.post(INVITATIONS, json={"email": email}, headers={"authorization": bearer, **headers})
