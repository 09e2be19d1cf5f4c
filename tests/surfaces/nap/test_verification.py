"""Addresses proven by a link in a mail (contract sections 4.6 and 4.7)."""

from collections.abc import Iterator, Mapping

import pytest
import redis

from devstack.children import free_port
from gateway.domain.purposes import LinkPurpose
from gateway.state.keys import Keys
from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.logged import told_of
from tests.surfaces.nap.client import Nap, login_refusal, refusal, succeeded, tokens, user_id
from tests.surfaces.nap.newcomers import PASSWORD, Letters, newcomer
from tests.surfaces.parallel import at_once
from tests.surfaces.witness import Witness


@pytest.fixture
def unverified(make_person: PersonMaker) -> Person:
    """Somebody whose address nobody has proven."""
    return make_person(email_verified=False)


@pytest.fixture(scope="module")
def mailless_variables(nap_apart: Apart) -> dict[str, str]:
    """The variables of a gateway whose mail server does not answer."""
    return nap_apart(MAIL__PORT=str(free_port()))


@pytest.fixture(scope="module")
def mailless_gateway(mailless_variables: Mapping[str, str]) -> Iterator[ServedGateway]:
    """That gateway."""
    with served_gateway(mailless_variables) as served:
        yield served


def _is_verified(witness: Witness, person: Person) -> bool:
    return bool(witness.admin.get_user(person.id)["emailVerified"])


def _take_back(witness: Witness, person: Person) -> None:
    """Have Keycloak say again that nobody has proven the address: nothing but the link itself is judged then."""
    witness.admin.update_user(person.id, {**witness.admin.get_user(person.id), "emailVerified": False})


def test_the_link_in_the_mail_verifies_the_address(
    nap: Nap, nap_gateway: ServedGateway, letters: Letters, unverified: Person, witness: Witness
) -> None:
    succeeded(nap.send(unverified.email.upper()))
    token = letters.token(unverified.email)
    assert len(token) == 43
    login_refusal(nap.login(unverified.email, unverified.password), verification=True)
    answer = nap.verify(token)
    succeeded(answer)
    assert [each["account"] for each in told_of(nap_gateway, answer, "address_verified")] == [unverified.id]
    assert _is_verified(witness, unverified)
    assert witness.sessions(unverified.id) == set()
    tokens(nap.login(unverified.email, unverified.password))


def test_whoever_signs_up_gets_mail_and_then_in(nap: Nap, letters: Letters) -> None:
    somebody = newcomer()
    user_id(nap.signup(somebody.body()))
    succeeded(nap.send(somebody.email))
    succeeded(nap.verify(letters.token(somebody.email)))
    tokens(nap.login(somebody.email, PASSWORD))


def test_everything_but_the_verification_stays_as_it_is(
    nap: Nap, letters: Letters, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person(email_verified=False, required_actions=["VERIFY_EMAIL", "UPDATE_PASSWORD"])
    before = witness.admin.get_user(person.id)
    succeeded(nap.send(person.email))
    succeeded(nap.verify(letters.token(person.email)))
    after = witness.admin.get_user(person.id)
    assert after == {**before, "emailVerified": True, "requiredActions": ["UPDATE_PASSWORD"]}
    assert witness.password_is(person.username, person.password)


def test_the_mail_names_the_service_the_person_and_the_time(nap: Nap, mailbox: Mailbox, unverified: Person) -> None:
    succeeded(nap.send(unverified.email))
    for part in ("plain", "html"):
        text = mailbox.text(unverified.email, part=part)
        assert not [each for each in ("Account service", "Test Person", "24 hours") if each not in text]


def test_a_name_addresses_nobody_and_leads_nowhere(nap: Nap, mailbox: Mailbox, letters: Letters) -> None:
    somebody, other = newcomer(), newcomer()
    user_id(nap.signup(somebody.body(firstName=f"Ann, {other.email}, Bcc:", lastName="https:evil.example")))
    succeeded(nap.send(somebody.email))
    assert letters.token(somebody.email)
    assert mailbox.wait_for(somebody.email)["to"] == somebody.email
    assert mailbox.count(other.email) == 0


def test_every_link_works_until_one_has_worked(
    nap: Nap, letters: Letters, unverified: Person, witness: Witness
) -> None:
    held = []
    for count in (1, 2, 3):
        succeeded(nap.send(unverified.email))
        held.append(letters.token(unverified.email, count))
    succeeded(nap.verify(held[1]))
    for token in held:
        refusal(nap.verify(token), 400)
    _take_back(witness, unverified)
    for token in held:
        refusal(nap.verify(token), 400)
    assert not _is_verified(witness, unverified)


def test_a_link_works_for_a_day_and_no_longer(
    nap: Nap, nap_variables: Mapping[str, str], letters: Letters, unverified: Person, store: redis.Redis
) -> None:
    succeeded(nap.send(unverified.email))
    token = letters.token(unverified.email)
    key = Keys(nap_variables["GATEWAY_REDIS__PREFIX"]).link(LinkPurpose.VERIFY, token)
    assert int(store.ttl(key)) == pytest.approx(24 * 3600, abs=60)
    assert store.pexpire(key, 1)
    until(lambda: not store.exists(key))
    refusal(nap.verify(token), 400)


def test_a_link_that_is_used_twice_at_once_works_once(nap: Nap, letters: Letters, unverified: Person) -> None:
    succeeded(nap.send(unverified.email))
    token = letters.token(unverified.email)
    answers = at_once([lambda: nap.verify(token)] * 20)
    assert sorted(each.status_code for each in answers) == [200, *[400] * 19]


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 1024, "A" * 1025, "../..", "ünknown"])
def test_what_is_no_token_is_a_400(nap: Nap, token: str) -> None:
    refusal(nap.verify(token), 400)


@pytest.mark.parametrize("body", [{}, {"token": ""}, {"token": None}, {"token": 1}, {"token": ["x"]}])
def test_a_token_that_is_not_there_is_a_400(nap: Nap, body: Mapping[str, object]) -> None:
    refusal(nap.post("/api/auth/verify-email/verify", body), 400)


@pytest.mark.parametrize("body", [{}, {"email": ""}, {"email": None}, {"email": 1}, {"email": "nobody"}])
def test_an_address_that_is_none_is_a_400(nap: Nap, body: Mapping[str, object]) -> None:
    refusal(nap.post("/api/auth/verify-email/send", body), 400)


def test_nobody_is_mailed_who_has_nothing_to_prove(
    nap: Nap, make_person: PersonMaker, mailbox: Mailbox, person: Person
) -> None:
    disabled = make_person(email_verified=False, enabled=False)
    for address in (person.email, disabled.email, newcomer().email):
        refusal(nap.send(address), 400)
        assert mailbox.count(address) == 0


@pytest.mark.parametrize("change", ["deleted", "disabled", "another address", "verified otherwise"])
def test_a_link_does_not_outlive_what_it_was_for(
    nap: Nap, letters: Letters, unverified: Person, witness: Witness, change: str
) -> None:
    succeeded(nap.send(unverified.email))
    token = letters.token(unverified.email)
    changes: dict[str, dict[str, object]] = {
        "disabled": {"enabled": False},
        "another address": {"email": f"other-{unverified.email}"},
        "verified otherwise": {"emailVerified": True},
    }
    if change == "deleted":
        witness.admin.delete_user(unverified.id)
    else:
        whole = witness.admin.get_user(unverified.id)
        witness.admin.update_user(unverified.id, {**whole, **changes[change]})
    refusal(nap.verify(token), 400)
    if change in ("disabled", "another address"):
        assert not _is_verified(witness, unverified)


def test_a_link_whose_account_has_come_back_works(
    nap: Nap, letters: Letters, unverified: Person, witness: Witness
) -> None:
    succeeded(nap.send(unverified.email))
    token = letters.token(unverified.email)
    for enabled, status in ((False, 400), (True, 200)):
        witness.admin.update_user(unverified.id, {**witness.admin.get_user(unverified.id), "enabled": enabled})
        assert nap.verify(token).status_code == status


@pytest.mark.parametrize("is_known", [True, False])
def test_the_fourth_mail_within_a_quarter_of_an_hour_is_a_429(
    nap: Nap, unverified: Person, mailbox: Mailbox, *, is_known: bool
) -> None:
    address = unverified.email if is_known else newcomer().email
    for spelling in (address, address.upper(), address.title()):
        assert nap.send(spelling).status_code == (200 if is_known else 400)
    answer = nap.send(address)
    refusal(answer, 429)
    assert 0 < int(answer.headers["retry-after"]) <= 900
    assert mailbox.count(address) == (3 if is_known else 0)


def test_many_at_once_send_no_more_than_three_mails(nap: Nap, unverified: Person, mailbox: Mailbox) -> None:
    answers = at_once([lambda: nap.send(unverified.email)] * 12)
    assert sorted(each.status_code for each in answers) == [*[200] * 3, *[429] * 9]
    assert mailbox.count(unverified.email) == 3


def test_a_mailbox_that_has_had_enough_for_a_day_is_a_429_until_the_day_is_over(
    nap_apart: Apart, unverified: Person, mailbox: Mailbox
) -> None:
    variables = nap_apart(LIMITS__MAILS_PER_MAILBOX_AND_DAY="2")
    with served_gateway(variables) as served, served.client() as client:
        nap = Nap(client)
        for _ in range(2):
            succeeded(nap.send(unverified.email))
        answer = nap.send(unverified.email)
        refusal(answer, 429)
        assert [each["reason"] for each in told_of(served, answer, "verification_mail")] == ["limit"]
    assert 80_000 < int(answer.headers["retry-after"]) <= 86_400
    assert mailbox.count(unverified.email) == 2


def test_a_mail_that_cannot_be_sent_is_a_500_and_its_link_worthless(
    mailless_gateway: ServedGateway, mailless_variables: Mapping[str, str], unverified: Person, store: redis.Redis
) -> None:
    with mailless_gateway.client() as client:
        answer = Nap(client).send(unverified.email)
    refusal(answer, 500)
    (told,) = told_of(mailless_gateway, answer, "verification_mail")
    assert (told["outcome"], told["account"]) == ("failed", unverified.id)
    assert "retry-after" not in answer.headers
    prefix = mailless_variables["GATEWAY_REDIS__PREFIX"]
    assert store.keys(f"{prefix}*:link:verify:*")
    assert store.zcard(Keys(prefix).good_links("account", unverified.id, LinkPurpose.VERIFY)) == 0


def test_no_header_of_the_request_is_part_of_the_link(nap: Nap, letters: Letters, unverified: Person) -> None:
    forwarded = {"x-forwarded-host": "evil.example", "forwarded": "host=evil.example", "origin": "https://evil.example"}
    succeeded(nap.sending(forwarded).send(unverified.email))
    assert letters.token(unverified.email)
