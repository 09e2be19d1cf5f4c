"""What must not be read by whoever reads the log or Redis (security S45, S48)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import pytest
import redis

from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.people import BOTH, Letters, Members
from tests.surfaces.pipeshub.saml import BINDING, Saml, failure, signed_in
from tests.surfaces.readable import kept_for_ever, kept_under, readable_in, tokens_in
from tests.surfaces.saml_provider import SamlProvider

_NEW = "An0ther!word-to-look-for"
_WRONG = "Wr0ng!word-to-look-for"


@dataclass
class Flows:
    """Every flow, done and refused, and what was secret in them.

    Attributes:
        served: the gateway they went through.
        prefix: what its Redis keys begin with.
        secrets: passwords, tokens and links.
        codes: six digits each, which a longer number may hold by chance.
        people: whom they were about.
    """

    served: ServedGateway
    prefix: str
    secrets: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    people: list[Person] = field(default_factory=list)

    def readable_in(self, text: str) -> list[str]:
        """Return what can be read of all that."""
        names = {name for each in self.people for name in (each.username, each.email, each.password)}
        return readable_in(text, self.secrets | names, self.codes)


@pytest.fixture(scope="module")
def flows(mailing_apart: Apart, members: Members, letters: Letters) -> Iterator[Flows]:
    """Every flow, done once, through a gateway as talkative as can be."""
    variables = mailing_apart(LOG__LEVEL="debug")
    with served_gateway(variables) as served, served.client() as client:
        done = Flows(served, variables["GATEWAY_REDIS__PREFIX"], {_NEW, _WRONG})
        _sign_in(done, Pipeshub(client), members, letters)
        _left_open(done, Pipeshub(client), members, letters)
        _passwords(done, Pipeshub(client), members, letters)
        yield done


def _sign_in(flows: Flows, pipeshub: Pipeshub, members: Members, letters: Letters) -> None:
    person = members(BOTH)
    flows.people.append(person)
    token = pipeshub.begun(person.email)
    refusal(pipeshub.by_password(token, _WRONG), 401, "INVALID_CREDENTIALS")
    next_step(pipeshub.by_password(token, person.password))
    pipeshub.ask_code(person.email)
    code = letters.code(person)
    tokens = fully(pipeshub.by_code(token, code))
    refreshed = pipeshub.refresh(tokens["refreshToken"]).json()["accessToken"]
    flows.secrets |= {token, tokens["accessToken"], tokens["refreshToken"], refreshed}
    flows.codes.add(code)
    assert pipeshub.bearing(refreshed).logout().status_code == 200


def _left_open(flows: Flows, pipeshub: Pipeshub, members: Members, letters: Letters) -> None:
    """Leave a sign-in, a code and a link in Redis."""
    person = members(BOTH)
    flows.people.append(person)
    token = pipeshub.begun(person.email)
    next_step(pipeshub.by_password(token, person.password))
    pipeshub.ask_code(person.email)
    flows.codes.add(letters.code(person))
    pipeshub.forgot(person.email)
    flows.secrets |= {token, letters.token(person, 2)}


def _passwords(flows: Flows, pipeshub: Pipeshub, members: Members, letters: Letters) -> None:
    person = members()
    flows.people.append(person)
    pipeshub.forgot(person.email)
    link = letters.token(person)
    assert pipeshub.reset(link, _NEW).status_code == 200
    tokens = pipeshub.sign_in(person.email, _NEW)
    calls = pipeshub.bearing(tokens["accessToken"])
    refusal(calls.change(_WRONG, person.password), 401, "INVALID_CREDENTIALS")
    assert calls.change(_NEW, person.password).status_code == 200
    token = pipeshub.begun(person.email)
    for _ in range(6):
        pipeshub.by_password(token, _WRONG)
    flows.secrets |= {link, token, tokens["accessToken"], tokens["refreshToken"]}


def test_the_log_holds_no_secret_and_no_name(flows: Flows) -> None:
    log = flows.served.log
    assert all(each.id in log for each in flows.people)
    assert flows.readable_in(log) == []
    assert tokens_in(log) == []


def test_redis_holds_nothing_readable_and_nothing_for_ever(flows: Flows, store: redis.Redis) -> None:
    kept = kept_under(store, flows.prefix).decode("latin-1")
    assert all(part in kept for part in ("session:", "code:", "links:"))
    assert flows.readable_in(kept) == []
    assert tokens_in(kept) == []
    assert kept_for_ever(store, flows.prefix) == []


def test_nothing_of_a_sign_in_by_saml_is_logged(
    saml: Saml, saml_gateway: ServedGateway, members: Members, provider: SamlProvider
) -> None:
    person = members([["samlSso"]])
    provider.enrol(person)
    token = saml.pipeshub.begun(person.email)
    address = saml.through(saml.left(person.email, token), person)
    binding = [each.value or "" for each in saml.browser.cookies.jar if each.name == BINDING]
    tokens = signed_in(saml.arrive(address))
    assert failure(saml.arrive(address)) == "auth_failed"
    brought = [value for values in parse_qs(urlsplit(address).query).values() for value in values]
    secret = [token, person.email, *binding, *tokens.values(), *brought]
    log = saml_gateway.log
    assert person.id in log
    assert not [each for each in secret if each in log]
