"""`newOtp`: where codes go, how many, and what is said when they do not arrive (contract section 8)."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest
import redis

from devstack.children import free_port
from gateway.state.keys import Keys
from tests.conftest import Mailbox, Stack
from tests.servers.gateway import watched_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.sms_provider import SmsProvider, sms_provider
from tests.servers.stored import only_key
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos, basic, refusal, require_empty, token_of
from tests.surfaces.cyclos.further import (
    OTP,
    REQUEST,
    CyclosLetters,
    ask_for_code,
    mailing_and_texting,
    sent,
    undelivered,
)
from tests.surfaces.logged import told_of
from tests.surfaces.mailing import mailing_through
from tests.surfaces.outages import in_time, recovered
from tests.surfaces.wire import wire_to
from tests.surfaces.witness import Witness


@dataclass(frozen=True, slots=True)
class Sending:
    """A gateway that sends codes, and asks for none."""

    cyclos: Cyclos
    provider: SmsProvider

    def by(self, person: Person) -> Cyclos:
        """Send a name and a password with every call."""
        return self.cyclos.by(Authorization=basic(person.username, person.password)["authorization"])


@pytest.fixture(scope="module")
def sending(cyclos_apart: Apart, stack: Stack) -> Iterator[Sending]:
    with (
        sms_provider() as provider,
        watched_gateway(cyclos_apart(SERVER__DEADLINE="5", **mailing_and_texting(stack, provider))) as served,
        served.client() as client,
    ):
        yield Sending(Cyclos(client), provider)


def test_a_signed_in_person_gets_a_code_to_confirm_something(
    sending: Sending, person: Person, letters: CyclosLetters
) -> None:
    session = sending.cyclos.by_session(token_of(sending.cyclos.login(person.username, person.password)))
    for count, who in enumerate((session, sending.by(person)), 1):
        answer = ask_for_code(who)
        assert (answer.status_code, answer.json()) == (200, [person.email]), answer.text
        assert len(letters.code(person, count)) == 6
        assert "confirm" in letters.text(person)
        assert "5 minutes" in letters.text(person)


def test_a_text_message_goes_to_the_number_that_the_realm_keeps(sending: Sending, make_person: PersonMaker) -> None:
    number = sending.provider.number()
    answer = ask_for_code(sending.by(make_person(phone=number)), "sms")
    assert (answer.status_code, answer.json()) == (200, [number]), answer.text
    assert len(sending.provider.code_to(number)) == 6
    assert "Account service" in sending.provider.texts_to(number)[-1]


def test_a_number_is_told_and_called_in_the_form_that_works_anywhere(
    cyclos_apart: Apart, stack: Stack, person: Person, witness: Witness
) -> None:
    with sms_provider() as provider:
        variables = cyclos_apart(CYCLOS__PHONE_ATTRIBUTE="telephone", **mailing_and_texting(stack, provider))
        number = provider.number()
        as_written = f"{number[:2]} ({number[2:5]}) {number[5:8]}-{number[8:]}"
        account = witness.admin.get_user(person.id)
        witness.admin.update_user(person.id, {**account, "attributes": {"telephone": [as_written]}})
        with watched_gateway(variables) as served, served.client() as client:
            answer = ask_for_code(Sending(Cyclos(client), provider).by(person), "sms")
        assert (answer.status_code, answer.json()) == (200, [number]), answer.text
        assert len(provider.texts_to(number)) == 1


def test_an_address_asks_for_no_more_than_so_many_codes_and_keys_an_hour(
    cyclos_apart: Apart, stack: Stack, make_person: PersonMaker, mailbox: Mailbox
) -> None:
    with sms_provider() as provider:
        variables = cyclos_apart(LIMITS__MAILS_PER_ADDRESS="3", **mailing_and_texting(stack, provider))
        with watched_gateway(variables) as served, served.client() as client:
            sending = Sending(Cyclos(client), provider)
            for person in (make_person(phone=provider.number(500)) for _ in range(3)):
                undelivered(ask_for_code(sending.by(person), "sms"), code="errorSendingSms", smsStatus="unexpected")
            other = make_person()
            refusal(ask_for_code(sending.by(other)), 422, code="maxItems", maxItems=5)
            answer = sent(sending.cyclos, "POST", REQUEST, {"user": other.username})
            require_empty(answer, 204)
            assert [each["reason"] for each in told_of(served, answer, "reset_asked")] == ["limit"]
    assert mailbox.count(other.email) == 0


def test_a_guest_gets_none(sending: Sending) -> None:
    for cyclos in (sending.cyclos, sending.cyclos.by(Authorization="Basic Og==")):
        refusal(ask_for_code(cyclos), 401, code="missingAuthorization")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({}, {"code": "missingParameter", "name": "medium"}),
        ({"medium": "pigeon"}, {"code": "dataConversion", "value": "pigeon"}),
        ({"medium": ""}, {"code": "dataConversion", "value": ""}),
        ({"medium": "EMAIL"}, {"code": "dataConversion", "value": "EMAIL"}),
    ],
)
def test_a_medium_is_one_of_two(
    sending: Sending, person: Person, query: dict[str, object], said: dict[str, object]
) -> None:
    for cyclos in (sending.by(person), sending.cyclos):
        refusal(cyclos.call("POST", OTP, query=query), 422, **said)


def test_what_reaches_nobody_is_no_medium(sending: Sending, make_person: PersonMaker) -> None:
    number = sending.provider.number()
    nowhere = (make_person(email="", phone=number), "email"), (make_person(), "sms")
    for person, medium in nowhere:
        said = refusal(ask_for_code(sending.by(person), medium), 422)
        assert (said["code"], said["properties"], list(said["propertyErrors"])) == (
            "validation",
            ["medium"],
            ["medium"],
        )
    assert sending.provider.texts_to(number) == []


def test_five_codes_in_ten_minutes_are_enough(
    sending: Sending, make_person: PersonMaker, letters: CyclosLetters, store: redis.Redis
) -> None:
    number = sending.provider.number()
    person = make_person(phone=number)
    for medium in ("email", "sms", "sms", "sms", "email"):
        assert ask_for_code(sending.by(person), medium).status_code == 200
    for medium in ("email", "sms"):
        refusal(ask_for_code(sending.by(person), medium), 422, code="maxItems", maxItems=5)
    window = only_key(store, f"*:limit:codes-sent:{person.id}")
    assert 500_000 < store.pttl(window) <= 600_000
    assert len(sending.provider.texts_to(number)) == 3
    assert letters.mailbox.count(person.email) == 2


def test_what_a_full_mailbox_keeps_away_is_no_code_too_many(
    cyclos_apart: Apart, stack: Stack, make_person: PersonMaker
) -> None:
    with sms_provider() as provider:
        variables = cyclos_apart(LIMITS__MAILS_PER_MAILBOX="1", **mailing_and_texting(stack, provider))
        person = make_person(phone=provider.number())
        with watched_gateway(variables) as served, served.client() as client:
            by_name = Sending(Cyclos(client), provider).by(person)
            assert ask_for_code(by_name).status_code == 200
            for _ in range(6):
                refusal(ask_for_code(by_name), 422, code="maxItems", maxItems=5)
            assert ask_for_code(by_name, "sms").status_code == 200


def test_a_password_that_waits_too_long_for_others_is_no_code_too_many(
    cyclos_apart: Apart, stack: Stack, person: Person, store: redis.Redis
) -> None:
    variables = cyclos_apart(LOCKOUT__MAX_FAILURES="1", **mailing_through(stack))
    with watched_gateway(variables) as served, served.client() as client:
        by_name = Cyclos(client).by(Authorization=basic(person.username, person.password)["authorization"])
        _, in_flight = Keys(variables["GATEWAY_REDIS__PREFIX"]).attempts("account", person.id)
        store.zadd(in_flight, {"another's try, which takes long": 2**50})
        refusal(in_time(ask_for_code(by_name)), 503)
        store.delete(in_flight)
        assert ask_for_code(by_name).status_code == 200


@pytest.mark.parametrize(
    ("status", "told"), [(400, "rejected"), (429, "rejected"), (500, "unexpected"), (302, "unexpected"), (0, "timeout")]
)
def test_what_the_provider_does_not_take_is_told(
    sending: Sending, make_person: PersonMaker, status: int, told: str
) -> None:
    by_name = sending.by(make_person(phone=sending.provider.number(status)))
    # A provider that is waited for leaves a second until the request itself is out of time.
    answer = recovered(partial(ask_for_code, by_name, "sms"))
    undelivered(answer, code="errorSendingSms", smsStatus=told)


def test_what_was_not_delivered_counts_for_nothing(sending: Sending, make_person: PersonMaker) -> None:
    person = make_person(phone=sending.provider.number(500))
    for _ in range(7):
        undelivered(ask_for_code(sending.by(person), "sms"), code="errorSendingSms", smsStatus="unexpected")


def test_what_no_mail_server_has_taken_counts_for_nothing(
    cyclos_apart: Apart, stack: Stack, person: Person, mailbox: Mailbox
) -> None:
    with wire_to(f"smtp://{stack.smtp_host}:{stack.smtp_port}") as (wire, _):
        variables = cyclos_apart(**{**mailing_through(stack), "MAIL__HOST": "127.0.0.1", "MAIL__PORT": str(wire.port)})
        with watched_gateway(variables) as served, served.client() as client:
            by_name = Cyclos(client).by(Authorization=basic(person.username, person.password)["authorization"])
            with wire.cut():
                for _ in range(6):
                    undelivered(ask_for_code(by_name), code="unexpected")
            assert ask_for_code(by_name).status_code == 200
    mailbox.wait_for_count(person.email, 1)


def test_a_provider_or_mail_server_out_of_reach_is_told(cyclos_apart: Apart, make_person: PersonMaker) -> None:
    settings = {
        "MAIL__HOST": "127.0.0.1",
        "MAIL__PORT": str(free_port()),
        "MAIL__SECURITY": "none",
        "MAIL__FROM_ADDRESS": "noreply@example.test",
        "SMS__URL": f"http://127.0.0.1:{free_port()}/messages",
    }
    person = make_person(phone="+15550100")
    with watched_gateway(cyclos_apart(**settings)) as served, served.client() as client:
        cyclos = Cyclos(client).by(Authorization=basic(person.username, person.password)["authorization"])
        undelivered(ask_for_code(cyclos, "sms"), code="errorSendingSms", smsStatus="gatewayUreachable")
        undelivered(ask_for_code(cyclos, "email"), code="unexpected")


def test_without_a_mail_server_and_a_provider_nothing_reaches_anybody(cyclos: Cyclos, make_person: PersonMaker) -> None:
    person = make_person(phone="+15550100")
    by_name = cyclos.by(Authorization=basic(person.username, person.password)["authorization"])
    for medium in ("email", "sms"):
        assert refusal(ask_for_code(by_name, medium), 422)["properties"] == ["medium"]
