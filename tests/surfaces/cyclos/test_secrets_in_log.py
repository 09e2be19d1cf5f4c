"""What must not be read by whoever reads the log or Redis (security S45, S48)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import redis

from tests.conftest import Realm
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import OrganizationMaker, Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, basic, halves_of, refusal, token_of
from tests.surfaces.logged import told_of
from tests.surfaces.readable import kept_for_ever, kept_under, readable_in, tokens_in

_WRONG = "Wr0ng!word-to-look-for"
_NOBODY = "nobody-to-look-for@example.test"


@dataclass
class Flows:
    """Every flow, done and refused, and what was secret in them.

    Attributes:
        served: the gateway they went through.
        prefix: what its Redis keys begin with.
        secrets: passwords, tokens and names.
    """

    served: ServedGateway
    prefix: str
    secrets: set[str] = field(default_factory=lambda: {_WRONG, _NOBODY})


@pytest.fixture(scope="module")
def person(realm: Realm) -> Person:
    """Somebody."""
    return PersonMaker(realm)()


@pytest.fixture(scope="module")
def flows(cyclos_apart: Apart, realm: Realm, person: Person) -> Iterator[Flows]:
    """Every flow, done once, through a gateway as talkative as can be."""
    variables = cyclos_apart(LOG__LEVEL="debug", CYCLOS__SESSION_RECHECK="0")
    with served_gateway(variables) as served, served.client() as client:
        done, cyclos = Flows(served, variables["GATEWAY_REDIS__PREFIX"]), Cyclos(client)
        done.secrets |= {person.username, person.email, person.password}
        done.secrets |= set(basic(person.username, person.password)["authorization"].split()[1:])
        _sessions(done, cyclos, person)
        _sessions(done, cyclos.within(OrganizationMaker(realm)(members=[person]).alias), person)
        for name in (_NOBODY, person.username, "nobody\n-to-look-for"):
            refusal(cyclos.login(name, _WRONG), 401)
            refusal(cyclos.auth(name, _WRONG), 401)
        refusal(cyclos.by(Access__Client__Token=_WRONG).auth(), 401)
        answer = cyclos.target("GET", f"/api/auth/{_NOBODY}?fields={_NOBODY}")
        assert answer.status_code == 404
        until(lambda: told_of(served, answer, "request") != [])
        yield done


def _sessions(flows: Flows, cyclos: Cyclos, person: Person) -> None:
    """Leave some in Redis."""
    for number in range(3):
        token = token_of(cyclos.login(person.username, person.password))
        assert cyclos.by_session(token).auth().status_code == 200
        if number == 0:
            cyclos.by_session(token).logout()
            refusal(cyclos.by_session(token).auth(), 401)
        flows.secrets |= {token, token[:32], token[32:]}
    first, second = halves_of(cyclos.login(person.email, person.password, cookie=True))
    cyclos.http.cookies.clear()
    refusal(cyclos.by(Session__Prefix=first).auth(), 401)
    assert cyclos.auth(person.username, person.password).status_code == 200
    flows.secrets |= {first, second}


def test_the_log_holds_no_secret_and_no_name(flows: Flows, person: Person) -> None:
    log = flows.served.log
    assert person.id in log
    assert readable_in(log, flows.secrets) == []
    assert tokens_in(log) == []


def test_redis_holds_nothing_readable_and_nothing_for_ever(flows: Flows, store: redis.Redis) -> None:
    kept = kept_under(store, flows.prefix).decode("latin-1")
    assert "opaque-session:" in kept
    assert readable_in(kept, flows.secrets) == []
    assert tokens_in(kept) == []
    assert kept_for_ever(store, flows.prefix) == []


def test_requests_are_counted_by_their_operation(flows: Flows) -> None:
    told = {each["operation"] for each in flows.served.events if each["event"] == "request"}
    assert told == {"login", "logout", "getCurrentAuth", "none"}


def test_what_happened_is_told(flows: Flows, person: Person) -> None:
    told = {
        (each["event"], each["outcome"], each["reason"])
        for each in flows.served.events
        if each.get("surface") == "cyclos" and each["event"] != "request"
    }
    assert told == {
        ("sign_in", "done", None),
        ("sign_in", "done", "one_request"),
        ("sign_in", "refused", "credentials"),
        ("sign_in", "refused", "malformed"),
        ("sign_out", "done", None),
        ("access_client", "refused", "token"),
        ("bearer", "refused", "token"),
    }
