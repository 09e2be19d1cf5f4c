"""What must not be read by whoever reads the log or Redis (security S45, S48)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import httpx
import pytest
import redis

from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway, served_gateway, whole_lines
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.logged import awaited, request_line
from tests.surfaces.readable import kept_for_ever, kept_under, tokens_in
from tests.surfaces.toan.client import LOGIN, Toan
from tests.surfaces.toan.people import Members

_NEW = "N3w!marked-password"
_WRONG = "Wr0ng!marked-password"
_PATIENCE = 20.0
_LINE_BREAKS = '\r\n{"event":"forged"}\x1b[31m\u2028\u2029\x85'


@dataclass
class Flows:
    """All operations, done and refused, and what was secret in them.

    Attributes:
        served: the gateway they went through.
        prefix: what its Redis keys begin with.
        secrets: passwords and tokens, which nobody may read anywhere.
        names: user names and addresses, which may be no part of a key or a log line.
    """

    served: ServedGateway
    prefix: str
    secrets: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)

    def keep(self, *people: Person) -> None:
        """Remember what is secret about people."""
        self.secrets |= {each.password for each in people}
        self.names |= {name for each in people for name in (each.username, each.email)}

    def keep_tokens(self, answer: httpx.Response) -> dict[str, str]:
        """Remember the tokens of a sign-in, whole and by their signatures."""
        told: dict[str, str] = answer.json()
        held = [told["access_token"], told["refresh_token"]]
        self.secrets |= {*held, *(each.rpartition(".")[2] for each in held)}
        return told


@pytest.fixture(scope="module")
def served(apart: Apart) -> Iterator[Flows]:
    """A gateway of this test's own, as talkative as can be."""
    variables = apart(LOG__LEVEL="debug", LOCKOUT__MAX_FAILURES="3")
    with served_gateway(variables) as gateway:
        yield Flows(gateway, variables["GATEWAY_REDIS__PREFIX"])


@pytest.fixture(scope="module")
def flows(served: Flows, members: Members, mailbox: Mailbox) -> Flows:
    """Every flow, done once."""
    with served.served.client() as client:
        toan = Toan(client)
        _sign_ins(served, toan, members.make_person)
        _passwords(served, replace(members, toan=toan))
        _resets(served, toan, members.make_person, mailbox)
        _malformed(served, toan)
    return served


def _sign_ins(flows: Flows, toan: Toan, make_person: PersonMaker) -> None:
    person, locked = make_person(password="Passw0rd!marked-one"), make_person(password="Passw0rd!marked-two")
    flows.keep(person, locked)
    flows.secrets.add(_WRONG)
    for remember_me in (False, True):
        told = flows.keep_tokens(toan.login(person.username, person.password, remember_me=remember_me))
        flows.keep_tokens(toan.refresh(told["refresh_token"]))
        toan.bearing(told["access_token"]).logout(told["refresh_token"])
        toan.refresh(told["refresh_token"])
        toan.refresh(told["access_token"])
    for _ in range(5):
        toan.login(locked.email, _WRONG)
    toan.login("nobody-marked", _WRONG)
    flows.names.add("nobody-marked")


def _passwords(flows: Flows, members: Members) -> None:
    administrator = members.administrator()
    person, target = administrator.person, administrator.colleague
    flows.keep(person, target)
    flows.secrets |= {_NEW, administrator.tokens.access_token, administrator.tokens.refresh_token}
    org = administrator.org.alias
    administrator.toan.change_of_user(target.id, _NEW, org=org)
    administrator.toan.change_of_user(target.id, "weak-marked", org=org)
    administrator.toan.change(_WRONG, _NEW, org=org)
    administrator.toan.change(person.password, _NEW, org=org)
    administrator.toan.bearing("marked-bearer").change(person.password, _NEW, org=org)
    flows.secrets |= {"weak-marked", "marked-bearer"}


def _resets(flows: Flows, toan: Toan, make_person: PersonMaker, mailbox: Mailbox) -> None:
    person = make_person()
    flows.keep(person)
    for _ in range(5):
        toan.reset(person.email)
    toan.reset("nobody-marked@example.test")
    flows.names.add("nobody-marked@example.test")
    mailbox.wait_for(person.email, _PATIENCE)
    awaited(flows.served, "reset_mail", person.id)


def _malformed(flows: Flows, toan: Toan) -> None:
    toan.post_raw(LOGIN, b'{"user":"nobody-marked","password":"weak-marked"', {"content-type": "application/json"})
    toan.post(LOGIN, {"user": ["nobody-marked"], "password": {"weak-marked": 1}})
    toan.post(f"{LOGIN}/weak-marked?password=weak-marked", {})
    for text in (_LINE_BREAKS, f"nobody-marked{_LINE_BREAKS}"):
        toan.login(text, "weak-marked")
        toan.reset(text)
        last = toan.refresh(text)
    request_line(flows.served, last)


def test_log_holds_no_secret_and_no_name(flows: Flows) -> None:
    log = flows.served.log
    assert [each for each in flows.secrets | flows.names if each in log] == []
    assert tokens_in(log) == []
    assert "uthorization" not in log


def test_every_line_of_the_log_is_an_event_of_ours(flows: Flows) -> None:
    lines = whole_lines(flows.served.log_file)
    events = [json.loads(each) for each in lines]
    assert all(isinstance(each, dict) and each["event"] != "forged" for each in events)
    assert all(byte >= 0x20 for line in lines for byte in line.encode())


def test_log_tells_what_happened_by_ids(flows: Flows) -> None:
    told = {(each["event"], each.get("outcome")) for each in flows.served.events}
    assert told >= {("sign_in", "done"), ("sign_out", "done"), ("refresh", "refused")}
    assert told >= {("sign_in", "refused"), ("account_locked", "done"), ("sessions_ended", "done")}
    assert told >= {(each, how) for each in ("password_changed", "password_set") for how in ("done", "refused")}
    assert told >= {("reset_asked", "done"), ("reset_asked", "refused"), ("reset_mail", "done")}
    for each in flows.served.events:
        assert not {"path", "query", "body", "user", "password"} & set(each)


def test_redis_holds_nothing_readable_and_nothing_for_ever(flows: Flows, store: redis.Redis) -> None:
    kept = kept_under(store, flows.prefix)
    assert [each for each in flows.secrets | flows.names if each.encode() in kept] == []
    assert tokens_in(kept.decode("latin-1")) == []
    assert kept_for_ever(store, flows.prefix) == []
