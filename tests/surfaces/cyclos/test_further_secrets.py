"""What of further passwords, access clients and keys must not be read in the log or in Redis (security S45, S48)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import pytest
import redis

from tests.conftest import Mailbox, Realm, Stack
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.sms_provider import SmsProvider, sms_provider
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.further import (
    ACTIVATE,
    CHANGE,
    DATA_FOR_CHANGE,
    REQUEST,
    CyclosLetters,
    activation_code,
    ask_for_code,
    by_client,
    disconnect,
    give,
    logged_in_by_client,
    mailing_and_texting,
    sent,
)
from tests.surfaces.readable import kept_for_ever, kept_under, readable_in, tokens_in

_NEW = "N3w!password-to-look-for"
_CLIENT = "till-to-look-for"
_PREFIX = "pre-to-look-for"
_WRONG = "wrong-to-look-for"


@dataclass
class Flows:
    """Every flow, done and refused, and what was secret in it.

    Attributes:
        served: the gateway they went through.
        variables: its settings.
        number: the person's.
        full: a session with both passwords.
        secrets: passwords, tokens, keys, numbers and names.
        codes: six digits each, which a longer number may hold by chance.
    """

    served: ServedGateway
    variables: Mapping[str, str]
    person: Person
    cyclos: Cyclos
    letters: CyclosLetters
    provider: SmsProvider
    number: str
    full: Cyclos = field(init=False)
    secrets: set[str] = field(default_factory=lambda: {_NEW, _CLIENT, _PREFIX, _WRONG})
    codes: set[str] = field(default_factory=set)


@pytest.fixture(scope="module")
def flows(cyclos_apart: Apart, stack: Stack, realm: Realm, mailbox: Mailbox) -> Iterator[Flows]:
    """Every flow, done once, through a gateway as talkative as can be."""
    with sms_provider() as provider:
        settings = {**mailing_and_texting(stack, provider), "CYCLOS__CONFIRMATION_PASSWORD": "otp"}
        variables = cyclos_apart(CYCLOS__SECONDARY_PASSWORD="otp", LOG__LEVEL="debug", **settings)
        number = provider.number()
        person = PersonMaker(realm)(phone=number)
        with served_gateway(variables) as served, served.client() as client:
            done = Flows(served, variables, person, Cyclos(client), CyclosLetters(mailbox), provider, number)
            done.secrets |= {person.username, person.email, person.password, number}
            _second_password(done)
            _access_client(done, done.full)
            _forgotten_password(done)
            _left_open(done)
            _refused(done, PersonMaker(realm))
            refusal(done.cyclos.target("GET", f"/api/auth/nothing/{person.username}?key={_NEW}"), 404)
            yield done


def _second_password(flows: Flows) -> None:
    flows.full = _pending(flows, flows.person.password)
    code = flows.provider.code_to(flows.number)
    require_empty(give(flows.full, code), 204)


def _access_client(flows: Flows, session: Cyclos) -> None:
    """Make one, have it begin a session, and fail to disconnect it; then disconnect another one."""
    code = activation_code(flows.variables, flows.person, _CLIENT)
    token = str(told(session.call("POST", ACTIVATE, query={"code": code, "prefix": _PREFIX}))["token"])
    by_token = token_of(logged_in_by_client(flows.cyclos, _PREFIX + token))
    refusal(session.call("POST", ACTIVATE, query={"code": code}), 404)
    refusal(by_client(flows.cyclos, token).auth(), 401)
    assert ask_for_code(by_client(flows.cyclos, _PREFIX + token)).status_code == 200
    flows.codes.add(flows.letters.code(flows.person))
    refusal(disconnect(flows.cyclos, _PREFIX + token, _WRONG), 403)
    another = activation_code(flows.variables, flows.person, _CLIENT)
    ended = str(told(session.call("POST", ACTIVATE, query={"code": another}))["token"])
    require_empty(disconnect(flows.cyclos, ended, flows.letters.code(flows.person)), 200)
    flows.secrets |= {code, token, by_token, another, ended}


def _forgotten_password(flows: Flows) -> None:
    """Use one key, and leave another one open."""
    cyclos, person = flows.cyclos, flows.person
    require_empty(sent(cyclos, "POST", REQUEST, {"user": person.username}), 204)
    key = flows.letters.key(person, 2)
    assert cyclos.call("GET", DATA_FOR_CHANGE, query={"key": key}).status_code == 200
    require_empty(sent(cyclos, "POST", CHANGE, {"key": key, "newPassword": _NEW}), 204)
    flows.letters.text(person, 3)
    require_empty(sent(cyclos, "POST", REQUEST, {"user": person.email}), 204)
    flows.secrets |= {key, flows.letters.key(person, 4)}


def _refused(flows: Flows, make_person: PersonMaker) -> None:
    """Fail in every way that is told."""
    unheard, unreached = make_person(phone=flows.provider.number(500)), make_person(email="")
    pending = flows.cyclos.by_session(token_of(flows.cyclos.login(unheard.username, unheard.password)))
    assert ask_for_code(pending, "sms").status_code == 500
    for _ in range(5):
        assert ask_for_code(pending).status_code == 200
    refusal(ask_for_code(pending), 422)
    refusal(give(pending, "wrong"), 403)
    refusal(flows.cyclos.login(unreached.username, unreached.password), 401)


def _left_open(flows: Flows) -> None:
    """Leave an activation, a session that awaits its code, and that code."""
    flows.secrets.add(activation_code(flows.variables, flows.person, _CLIENT))
    _pending(flows, _NEW)


def _pending(flows: Flows, password: str) -> Cyclos:
    token = token_of(flows.cyclos.login(flows.person.username, password))
    pending = flows.cyclos.by_session(token)
    assert ask_for_code(pending, "sms").status_code == 200
    flows.secrets.add(token)
    flows.codes.add(flows.provider.code_to(flows.number))
    return pending


def test_the_log_holds_no_secret_and_no_name(flows: Flows) -> None:
    log = flows.served.log
    assert flows.person.id in log
    assert readable_in(log, flows.secrets, flows.codes) == []
    assert tokens_in(log) == []


def test_redis_holds_nothing_readable_and_nothing_for_ever(flows: Flows, store: redis.Redis) -> None:
    kept = kept_under(store, flows.variables["GATEWAY_REDIS__PREFIX"]).decode("latin-1")
    assert all(part in kept for part in ("code:second-factor", "links:activation", "links:reset", "checked-token"))
    assert readable_in(kept, flows.secrets, flows.codes) == []
    assert tokens_in(kept) == []
    assert kept_for_ever(store, flows.variables["GATEWAY_REDIS__PREFIX"]) == []


def test_what_happened_is_told(flows: Flows) -> None:
    told_of = {
        (each["event"], each["outcome"], each["reason"])
        for each in flows.served.events
        if each.get("surface") == "cyclos" and each["event"] != "request"
    }
    assert told_of == {
        ("sign_in_step", "done", "password"),
        ("sign_in", "done", "otp"),
        ("sign_in", "done", "access_client"),
        ("sign_in", "refused", "credentials"),
        ("sign_in", "refused", "no_second_proof"),
        ("code_sent", "done", "email"),
        ("code_sent", "done", "sms"),
        ("code_sent", "failed", "sms"),
        ("code_sent", "refused", "limit"),
        ("confirmation", "refused", "otp"),
        ("access_client", "done", "activated"),
        ("access_client", "done", "disconnected"),
        ("access_client", "refused", "code"),
        ("access_client", "refused", "token"),
        ("reset_asked", "done", None),
        ("password_set", "done", "link"),
    }


def test_requests_are_counted_by_their_operation(flows: Flows) -> None:
    told_of = {each["operation"] for each in flows.served.events if each["event"] == "request"}
    assert told_of >= {
        "validateSecondaryPassword",
        "newOtp",
        "activateClient",
        "disconnectCurrentClient",
        "forgottenPasswordRequest",
        "getDataForChangeForgottenPassword",
        "changeForgottenPassword",
    }
