"""Keys that every request must carry, where any are set; and what `debug` tells (contract section 3)."""

import hashlib
from collections.abc import Callable, Iterator, Mapping

import httpx
import pytest

from tests.conftest import Mailbox
from tests.servers.gateway import served_gateway
from tests.servers.generators import KEY, Generator
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.nap.client import LOGIN, Nap, flow_id, refusal, tokens
from tests.surfaces.nap.newcomers import newcomer
from tests.surfaces.witness import Witness

# The same in every worker, whose tests must have the same names.
_KEYS = [hashlib.sha256(each).hexdigest() for each in (b"one", b"two")]
_HEADER = "X-NAP-API-Key"


@pytest.fixture(scope="module")
def guarded(nap_apart: Apart) -> Iterator[Nap]:
    """A gateway that demands a key."""
    with served_gateway(nap_apart(NAP__API_KEYS=",".join(_KEYS))) as served, served.client() as client:
        yield Nap(client)


@pytest.fixture(scope="module")
def debugging(nap_apart: Apart) -> Iterator[Nap]:
    """A gateway that tells more than callers need."""
    with served_gateway(nap_apart(NAP__DEBUG="true")) as served, served.client() as client:
        yield Nap(client)


@pytest.mark.parametrize("key", _KEYS, ids=["first", "second"])
def test_any_of_the_keys_opens(guarded: Nap, person: Person, key: str) -> None:
    caller = guarded.sending({_HEADER: key})
    told = tokens(caller.login(person.email, person.password))
    told = tokens(caller.refresh(told["refresh_token"]))
    assert caller.logout(told["session_token"]).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {_HEADER: ""},
        {_HEADER: "x"},
        {_HEADER: _KEYS[0][:-1]},
        {_HEADER: _KEYS[0] + "x"},
        {_HEADER: ",".join(_KEYS)},
    ],
)
def test_without_a_key_no_operation_does_anything(
    guarded: Nap, make_person: PersonMaker, witness: Witness, mailbox: Mailbox, headers: Mapping[str, str]
) -> None:
    person, factor = make_person(), make_person(totp=KEY)
    keyed = guarded.sending({_HEADER: _KEYS[0]})
    begun = flow_id(keyed.login(factor.email, factor.password))
    held = tokens(keyed.login(person.email, person.password))
    somebody, unverified = newcomer(), make_person(email_verified=False)
    caller, generator = guarded.sending(headers), Generator()
    calls: list[Callable[[], httpx.Response]] = [
        lambda: caller.login(person.email, person.password),
        lambda: caller.flow(begun),
        lambda: caller.complete(begun, code=generator.code()),
        lambda: caller.logout(held["session_token"]),
        lambda: caller.refresh(held["refresh_token"]),
        lambda: caller.signup(somebody.body()),
        lambda: caller.send(unverified.email),
        lambda: caller.verify("no-such-token"),
        lambda: caller.post(LOGIN, "no body at all"),
        lambda: caller.http.post("/api/auth/login/unknown", headers=dict(headers)),
        lambda: caller.http.delete(LOGIN, headers=dict(headers)),
    ]
    assert len({call().content for call in calls}) == 1
    refusal(calls[0](), 401)
    assert witness.sessions(person.id) == {held["session_id"]}
    assert not witness.sessions(factor.id)
    assert not witness.accounts(somebody.email)
    assert not mailbox.count(unverified.email)
    tokens(keyed.complete(begun, code=generator.code()))


def test_a_key_sent_twice_is_none(guarded: Nap) -> None:
    answer = guarded.http.post(LOGIN, headers=[(_HEADER, _KEYS[0]), (_HEADER, _KEYS[0])], content=b"{}")
    refusal(answer, 401)


def test_other_surfaces_ask_for_no_key(guarded: Nap, person: Person) -> None:
    login = {"user": person.username, "password": person.password}
    assert guarded.http.post("/api/iam/login", json=login).status_code == 200


def test_where_no_key_is_set_none_is_looked_at(nap: Nap, person: Person) -> None:
    tokens(nap.sending({_HEADER: "whatever"}).login(person.email, person.password))


def test_debug_names_reasons_and_members_and_repeats_nothing(debugging: Nap, make_person: PersonMaker) -> None:
    unverified = make_person(email_verified=False)
    answers = {
        "CredentialsRefused": debugging.login("nobody@example.test", "S3cret!marked"),
        "AddressNotVerified": debugging.login(unverified.email, unverified.password),
        "InvalidBody: body.email: Field required": debugging.post(LOGIN, {"password": "S3cret!marked"}),
        "UnknownPath": debugging.http.get("/api/auth/flow"),
    }
    for debug, answer in answers.items():
        assert answer.json()["debug"] == debug
        assert "S3cret" not in answer.text
