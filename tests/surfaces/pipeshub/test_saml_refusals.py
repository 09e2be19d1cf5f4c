"""What keeps a sign-in by SAML from going on, before the way to the provider and after it (contract section 12)."""

import secrets
import time
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
import redis

from gateway.state.keys import Keys
from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person
from tests.surfaces.conftest import Apart
from tests.surfaces.counted import security_events
from tests.surfaces.pipeshub.client import next_step, refusal
from tests.surfaces.pipeshub.people import SAML, Members
from tests.surfaces.pipeshub.saml import CALLBACK, PUBLIC_URL, Saml, failure, further_step, until_no_session
from tests.surfaces.saml_provider import SamlProvider
from tests.surfaces.witness import Witness

OR_PASSWORD = [["password", "samlSso"]]


@pytest.fixture(scope="module")
def concealing_gateway(brokering: Apart) -> Iterator[ServedGateway]:
    """A gateway that tells nobody who has an account, and wants SAML of everybody."""
    variables = brokering(PIPESHUB__CONCEAL_UNKNOWN_USERS="true", SIGN_IN__STEPS='[["samlSso", "password"]]')
    with served_gateway(variables) as served:
        yield served


@pytest.fixture
def concealed(concealing_gateway: ServedGateway) -> Iterator[Saml]:
    """A browser there."""
    with Saml.opened(concealing_gateway) as opened:
        yield opened


def _lock(saml: Saml, person: Person) -> None:
    token = saml.pipeshub.begun(person.email)
    for _ in range(5):
        refusal(saml.pipeshub.by_password(token, "wrong"), 401, "INVALID_CREDENTIALS")


def test_a_locked_account_is_told_so_before(saml: Saml, members: Members) -> None:
    person = members(OR_PASSWORD)
    token = saml.pipeshub.begun(person.email)
    _lock(saml, person)
    refusal(saml.leave(person.email, token), 403, "ACCOUNT_BLOCKED")
    refusal(saml.leave(person.email), 403, "ACCOUNT_BLOCKED")


def test_an_account_locked_meanwhile_is_told_so_after(
    saml: Saml, members: Members, provider: SamlProvider, witness: Witness
) -> None:
    person = members(OR_PASSWORD)
    provider.enrol(person)
    address = saml.through(saml.left(person.email), person)
    _lock(saml, person)
    assert failure(saml.arrive(address)) == "account_blocked"
    until_no_session(witness, person)


def test_somebody_else_at_the_provider_is_a_mismatch(
    saml: Saml, saml_person: Person, members: Members, provider: SamlProvider, witness: Witness
) -> None:
    stranger = members(SAML)
    provider.enrol(stranger)
    assert failure(saml.arrive(saml.through(saml.left(saml_person.email), stranger))) == "email_mismatch"
    until_no_session(witness, stranger)
    assert witness.sessions(saml_person.id) == set()


def test_somebody_else_cannot_prove_a_later_step(
    saml: Saml, members: Members, provider: SamlProvider, witness: Witness
) -> None:
    person, stranger = members([["password"], ["samlSso"]]), members(SAML)
    provider.enrol(stranger)
    token = saml.pipeshub.begun(person.email)
    next_step(saml.pipeshub.by_password(token, person.password))
    assert failure(saml.arrive(saml.through(saml.left(person.email, token), stranger))) == "email_mismatch"
    until_no_session(witness, stranger)


def test_a_password_at_keycloak_stands_for_no_provider(
    saml: Saml, saml_gateway: ServedGateway, members: Members, provider: SamlProvider, witness: Witness
) -> None:
    """The provider is named in the address, and who uses the browser can take it out."""
    person = members(SAML)
    address = saml.left(person.email).replace(f"kc_idp_hint={provider.alias}", "")
    page = saml.browser.visit(address)
    back = saml.sent_back(saml.browser.submit(page, username=person.username, password=person.password))
    assert failure(saml.arrive(back)) == "auth_failed"
    until_no_session(witness, person)
    told = [each for each in saml_gateway.events if each["event"] == "provider_has_not_vouched"]
    assert (told[-1]["expected"], told[-1]["told"]) == (provider.alias, None)


def test_an_unknown_e_mail_is_sent_away_and_answered_like_any_other_and_signs_nobody_in(
    concealed: Saml, members: Members, provider: SamlProvider, witness: Witness
) -> None:
    stranger = members(SAML)
    provider.enrol(stranger)
    for email in ("nobody@example.test", members(SAML).email, members(SAML, enabled=False).email):
        concealed.browser.cookies.clear()
        assert failure(concealed.arrive(concealed.through(concealed.left(email), stranger))) == "email_mismatch"
        until_no_session(witness, stranger)


def test_a_locked_account_is_concealed_until_the_provider_has_vouched(
    concealed: Saml, members: Members, provider: SamlProvider
) -> None:
    person = members(OR_PASSWORD)
    provider.enrol(person)
    _lock(concealed, person)
    assert failure(concealed.sign_in(person)) == "account_blocked"


def test_concealed_who_has_no_account_learns_so_from_the_provider_s_word_alone(
    concealed: Saml, provider: SamlProvider, witness: Witness
) -> None:
    name = f"newcomer-{secrets.token_hex(5)}"
    email = f"{name}@example.test"
    provider.know(name, email)
    newcomer = Person("", name, email, "")
    assert failure(concealed.sign_in(newcomer)) == "jit_disabled"
    # Keycloak has made an account on the way; the next sign-in is that of any other.
    (made,) = witness.accounts(email)
    until_no_session(witness, Person(made["id"], name, email, ""))


def test_a_sign_in_that_is_over_has_expired(saml: Saml, members: Members, provider: SamlProvider) -> None:
    person = members(OR_PASSWORD)
    provider.enrol(person)
    token = saml.pipeshub.begun(person.email)
    address = saml.through(saml.left(person.email, token), person)
    assert saml.pipeshub.by_password(token, person.password).status_code == 200
    assert failure(saml.arrive(address)) == "session_expired"


def test_a_sign_in_whose_life_has_ended_has_expired(
    brokering: Apart, store: redis.Redis, saml_person: Person, witness: Witness
) -> None:
    variables = brokering()
    with served_gateway(variables) as served, Saml.opened(served) as saml:
        token = saml.pipeshub.begun(saml_person.email)
        address = saml.through(saml.left(saml_person.email, token), saml_person)
        assert store.pexpire(Keys(variables["GATEWAY_REDIS__PREFIX"]).sign_in(token), 1)
        time.sleep(0.02)
        assert failure(saml.arrive(address)) == "session_expired"
    until_no_session(witness, saml_person)


def test_ten_minutes_later_the_way_back_fails(brokering: Apart, store: redis.Redis, saml_person: Person) -> None:
    variables = brokering()
    with served_gateway(variables) as served, Saml.opened(served) as saml:
        address = saml.through(saml.left(saml_person.email), saml_person)
        key = Keys(variables["GATEWAY_REDIS__PREFIX"]).browser_sign_in(parse_qs(urlsplit(address).query)["state"][0])
        assert 590 <= int(str(store.ttl(key))) <= 600
        store.pexpire(key, 1)
        time.sleep(0.02)
        assert failure(saml.arrive(address)) == "auth_failed"


def test_a_step_proven_otherwise_meanwhile_takes_no_saml(
    saml: Saml, members: Members, provider: SamlProvider, witness: Witness
) -> None:
    person = members([["password", "samlSso"], ["otp"]])
    provider.enrol(person)
    token = saml.pipeshub.begun(person.email)
    address = saml.through(saml.left(person.email, token), person)
    next_step(saml.pipeshub.by_password(token, person.password))
    assert failure(saml.arrive(address)) == "saml_sso_disabled"
    until_no_session(witness, person)


def test_a_provider_switched_off_meanwhile_is_told_so(
    saml: Saml, saml_person: Person, provider: SamlProvider, witness: Witness
) -> None:
    address = saml.through(saml.left(saml_person.email), saml_person)
    with saml.without(provider, saml_person):
        assert failure(saml.arrive(address)) == "saml_sso_disabled"
    until_no_session(witness, saml_person)


def test_a_second_factor_enrolled_in_keycloak_is_never_skipped(
    saml: Saml, members: Members, provider: SamlProvider, witness: Witness
) -> None:
    person = members(SAML, totp="a-key-of-twenty-char")
    provider.enrol(person)
    assert failure(saml.sign_in(person)) == "unknown"
    until_no_session(witness, person)


def test_a_failure_leaves_the_sign_in_where_it_stood(saml: Saml, members: Members, provider: SamlProvider) -> None:
    person, stranger = members([["samlSso"], ["otp"]]), members(SAML)
    for each in (person, stranger):
        provider.enrol(each)
    token = saml.pipeshub.begun(person.email)
    assert failure(saml.arrive(saml.through(saml.left(person.email, token), stranger))) == "email_mismatch"
    saml.browser.cookies.clear()
    assert further_step(saml.sign_in(person, token))[1] == 1


def test_failures_are_no_guesses(saml: Saml, saml_gateway: ServedGateway, members: Members) -> None:
    person = members(OR_PASSWORD)
    before = security_events(saml_gateway, "sign_in_step", outcome="refused", reason="token")
    for _ in range(6):
        state = parse_qs(urlsplit(saml.left(person.email)).query)["state"][0]
        assert failure(saml.arrive(f"{PUBLIC_URL}{CALLBACK}?state={state}&code=made-up")) == "auth_failed"
    assert saml.pipeshub.init(person.email).status_code == 200
    assert security_events(saml_gateway, "sign_in_step", outcome="refused", reason="token") == before + 6
