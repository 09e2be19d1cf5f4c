"""What must not be read by whoever reads the log or Redis (security S45, S48)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
import redis

from tests.conftest import Realm
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting
from tests.surfaces.kestra.client import Kestra, invitation, refusal, require_done, tokens
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.kestra.services import service_token
from tests.surfaces.logged import request_line
from tests.surfaces.readable import kept_for_ever, kept_under, readable_in, tokens_in

_NEW = "An0ther!word-to-look-for"
_WRONG = "Wr0ng!word-to-look-for"
_NOBODY = "nobody-to-look-for@example.test"


@dataclass
class Flows:
    """Every flow, done and refused, and what was secret in them.

    Attributes:
        served: the gateway they went through.
        prefix: what its Redis keys begin with.
        secrets: passwords, tokens and names.
        codes: six digits each, which a longer number may hold by chance.
        typed: what the commands have logged.
    """

    served: ServedGateway
    prefix: str
    secrets: set[str] = field(default_factory=lambda: {_NEW, _WRONG, _NOBODY})
    codes: set[str] = field(default_factory=set)
    people: list[Person] = field(default_factory=list)
    typed: list[str] = field(default_factory=list)

    def add(self, person: Person) -> Person:
        """Note somebody."""
        self.people.append(person)
        self.secrets |= {person.username, person.email, person.password}
        return person


@pytest.fixture(scope="module")
def flows(kestra_apart: Apart, realm: Realm, letters: KestraLetters) -> Iterator[Flows]:
    """Every flow, done once, through a gateway as talkative as can be."""
    variables, make_person = kestra_apart(LOG__LEVEL="debug"), PersonMaker(realm)
    with served_gateway(variables) as served, served.client() as client:
        done, kestra = Flows(served, variables["GATEWAY_REDIS__PREFIX"]), Kestra(client)
        _resets(done, kestra, done.add(make_person()), letters)
        _codes(done, kestra, done.add(make_person()), letters)
        _left_open(done, kestra, done.add(make_person()), letters)
        _invitations(done, kestra, Inviting(variables), done.add(make_person()))
        _invited_by_a_service(done, kestra, service_token(variables), letters)
        for ask in (kestra.forgot, kestra.request_code):
            require_done(ask(_NOBODY))
        refusal(kestra.login(_NOBODY, _WRONG), 401)
        answer = kestra.target("GET", f"/api/v1/nothing/{_NOBODY}?username={_NOBODY}")
        refusal(answer, 404)
        request_line(served, answer)
        yield done


def _resets(flows: Flows, kestra: Kestra, person: Person, letters: KestraLetters) -> None:
    require_done(kestra.forgot(person.email))
    link = letters.token(person)
    assert kestra.reset(link, "weak").status_code == 422
    require_done(kestra.reset(link, _NEW))
    refusal(kestra.reset(link, _NEW), 404)
    flows.secrets.add(link)


def _codes(flows: Flows, kestra: Kestra, person: Person, letters: KestraLetters) -> None:
    require_done(kestra.request_code(person.email))
    code = letters.code(person)
    told = tokens(kestra.login(person.email, code))
    refusal(kestra.login_by_form(person.email, _WRONG), 401)
    flows.codes.add(code)
    flows.secrets |= {told["access_token"], told["refresh_token"]}


def _left_open(flows: Flows, kestra: Kestra, person: Person, letters: KestraLetters) -> None:
    """Leave a code and a link in Redis."""
    require_done(kestra.forgot(person.username))
    flows.secrets.add(letters.token(person))
    require_done(kestra.request_code(person.email))
    flows.codes.add(letters.code(person, 2))


def _invitations(flows: Flows, kestra: Kestra, inviting: Inviting, person: Person) -> None:
    """Use two invitations of an operator's, each in vain at first, and leave a third one in Redis."""
    newcomer, late = (f"{each}-to-look-for@example.test" for each in ("newcomer", "late"))
    created, accepted, left = (inviting.made(each)["id"] for each in (newcomer, person.email, late))
    names = {"firstName": "Look-for-this", "lastName": "And-for-that"}
    assert kestra.create(created, **names, password="weak").status_code == 422
    invitation(kestra.create(created, **names, password=_NEW))
    refusal(kestra.create(created, **names, password=_NEW), 409)
    refusal(kestra.create("unknown-to-look-for", **names, password=_NEW), 404)
    refusal(kestra.accept(left), 409)
    invitation(kestra.accept(accepted))
    refusal(kestra.accept(accepted), 409)
    typed = [inviting(late), inviting("--revoke", accepted), inviting("nobody-to-look-for")]
    assert [each.returncode for each in typed] == [3, 4, 2]
    flows.typed += [each.stderr for each in typed[:2]]
    flows.secrets |= {created, accepted, left, newcomer, late, *names.values(), "unknown-to-look-for"}


def _invited_by_a_service(flows: Flows, kestra: Kestra, token: str, letters: KestraLetters) -> None:
    """Have a service invite somebody, in vain the second time, and let somebody else in at once."""
    invited, let_in = (f"{each}-to-look-for@example.test" for each in ("invited", "let-in"))
    invitation(kestra.invite("main", token, email=invited), 201)
    refusal(kestra.invite("main", token, email=invited), 409)
    refusal(kestra.invite("main", f"{token}x", email=invited), 401)
    assert kestra.invite("main", token, email=let_in, createUserIfNotExist=True).status_code == 204
    flows.secrets |= {token, invited, let_in, letters.invitation(invited)}


def test_the_log_holds_no_secret_and_no_name(flows: Flows) -> None:
    log = "\n".join([flows.served.log, *flows.typed])
    assert all(each.id in log for each in flows.people)
    assert readable_in(log, flows.secrets, flows.codes) == []
    assert tokens_in(log) == []


def test_redis_holds_nothing_readable_and_nothing_for_ever(flows: Flows, store: redis.Redis) -> None:
    kept = kept_under(store, flows.prefix).decode("latin-1")
    assert all(part in kept for part in ("code:", "links:", "pause:", "{invitations}:kept:"))
    assert readable_in(kept, flows.secrets, flows.codes) == []
    assert tokens_in(kept) == []
    assert kept_for_ever(store, flows.prefix) == []


def test_requests_are_counted_by_their_operation(flows: Flows) -> None:
    told = {each["operation"] for each in flows.served.events if each["event"] == "request"}
    invitations = {"create_from_invitation", "accept_invitation", "create_invitation"}
    assert told == {"forgotten_password", "request_code", "reset_password", "login", "none"} | invitations
