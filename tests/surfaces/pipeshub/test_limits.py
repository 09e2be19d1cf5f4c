"""Limits by client address at the operations of PipesHub, shared with those of other surfaces (security S10)."""

import itertools
from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.gateway import served_gateway
from tests.servers.identity_provider import IdentityProvider
from tests.servers.people import PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.outages import wired_gateway
from tests.surfaces.pipeshub.client import Pipeshub, fully, refusal
from tests.surfaces.pipeshub.external import Firm, until_offered
from tests.surfaces.pipeshub.people import CODE, Letters, Members, other_than
from tests.surfaces.toan.client import Toan

_WRONG = "Wr0ng!word"
_NEW = "An0ther!word"
_MAILS = 4
_KINDS = 5
"""Of failures that count together."""

_numbers = itertools.count(1)

Ask = Callable[[Pipeshub, str], httpx.Response]


@pytest.fixture(scope="module")
def proxied(mailing_apart: Apart) -> Iterator[Pipeshub]:
    """A gateway behind a proxy, whose limits are low."""
    variables = mailing_apart(
        LIMITS__FAILURES_PER_ADDRESS=str(_KINDS),
        LIMITS__MAILS_PER_ADDRESS=str(_MAILS),
        SERVER__TRUSTED_PROXIES="127.0.0.0/8",
    )
    with served_gateway(variables) as served, served.client() as client:
        yield Pipeshub(client)


def _elsewhere(pipeshub: Pipeshub) -> Pipeshub:
    """Call from an address that no other test has."""
    return pipeshub.sending(x_forwarded_for=f"203.0.113.{next(_numbers)}")


def _toan(pipeshub: Pipeshub) -> Toan:
    """Call the other surface from the same address."""
    return Toan(pipeshub.http, headers=pipeshub.headers)


def _reset(pipeshub: Pipeshub, email: str) -> httpx.Response:
    return _toan(pipeshub).reset(email)


_ASKS: tuple[Ask, ...] = (Pipeshub.ask_code, Pipeshub.forgot, _reset)


@pytest.mark.parametrize("ask", _ASKS)
def test_requests_for_mail_of_one_address_count_together(proxied: Pipeshub, ask: Ask) -> None:
    here = _elsewhere(proxied)
    for number in range(_MAILS):
        assert ask(here, f"nobody-{number}@example.test").status_code in (200, 404)
    for other in _ASKS:
        answer = other(here, "nobody-else@example.test")
        assert answer.status_code == 429
        assert 0 < int(answer.headers["retry-after"]) <= 3600
    assert Pipeshub.forgot(_elsewhere(proxied), "nobody-else@example.test").status_code == 200


def test_failures_of_one_address_count_together(
    proxied: Pipeshub,
    make_person: PersonMaker,
    members: Members,
    letters: Letters,
    forged: Firm,
    foreign: IdentityProvider,
) -> None:
    until_offered(proxied, forged, "google")
    person, coded, employee = make_person(), members(CODE), forged.employ()
    assert _elsewhere(proxied).ask_code(coded.email).status_code == 200
    wrong = other_than(letters.code(coded))
    here, there = _elsewhere(proxied), _elsewhere(proxied)
    bearer = there.sign_in(person.email, person.password)["accessToken"]
    token, code_token = here.begun(person.email), here.begun(coded.email)
    refusal(here.by_password(token, _WRONG), 401, "INVALID_CREDENTIALS")
    refusal(here.by_code(code_token, wrong), 401, "INVALID_CREDENTIALS")
    refusal(here.bearing(bearer).change(_WRONG, _NEW), 401, "INVALID_CREDENTIALS")
    forgery = foreign.token(employee.email, aud="another")
    refusal(here.by_google(here.begun(employee.email), forgery), 401, "INVALID_CREDENTIALS")
    assert _toan(here).login(person.username, _WRONG).status_code == 401
    for answer in (
        here.by_password(token, person.password),
        here.by_code(code_token, letters.code(coded)),
        here.bearing(bearer).change(person.password, _NEW),
        here.by_google(here.begun(employee.email), foreign.token(employee.email)),
    ):
        refusal(answer, 429, "TOO_MANY_REQUESTS")
    assert _toan(here).login(person.username, person.password).status_code == 429
    fully(there.by_password(there.begun(person.email), person.password))


def test_who_is_blocked_learns_of_nobody(mailing_apart: Apart, stack: Stack, make_person: PersonMaker) -> None:
    person = make_person()
    with wired_gateway(mailing_apart, stack, Pipeshub, LIMITS__FAILURES_PER_ADDRESS="1") as wired:
        token = wired.client.begun(person.email)
        refusal(wired.client.by_password(token, _WRONG), 401, "INVALID_CREDENTIALS")
        # Whoever is looked up takes his time, so nobody may be.
        with wired.keycloak.cut():
            refusal(wired.client.by_password(token, person.password), 429, "TOO_MANY_REQUESTS")
