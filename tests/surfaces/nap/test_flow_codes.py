"""Codes of a generator by which a flow is completed (contract section 4.3)."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
import redis

from gateway.state.keys import Keys
from tests.servers.gateway import served_gateway
from tests.servers.generators import KEY, Generator
from tests.servers.people import PersonMaker
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.nap.client import Nap, flow_id, refusal, tokens, unwrapped
from tests.surfaces.nap.people import Members
from tests.surfaces.parallel import at_once
from tests.surfaces.witness import Witness, claims


def test_a_code_signs_in_where_nobody_chooses(nap: Nap, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person(totp=KEY)
    begun = flow_id(nap.login(person.email, person.password))
    told = nap.flow(begun).json()
    assert (told["mfaRequired"], told["mfaVerified"], "orgs" in told) == (True, False, False)
    granted = tokens(nap.complete(begun, code=Generator().code()))
    assert witness.sessions(person.id) == {granted["session_id"]}


@pytest.mark.parametrize("organizations", [1, 2])
def test_a_security_key_that_nobody_can_be_asked_for_is_not_skipped(
    tenants: Nap, members: Members, witness: Witness, organizations: int
) -> None:
    member = members(organizations, factors=["webauthn"])
    refusal(tenants.login(*member.credentials), 401)
    until(lambda: witness.sessions(member.person.id) == set())


def test_a_code_is_as_good_as_a_security_key(nap: Nap, make_person: PersonMaker) -> None:
    person = make_person(totp=KEY, factors=["webauthn"])
    tokens(nap.complete(flow_id(nap.login(person.email, person.password)), code=Generator().code()))


def test_a_code_signs_in_to_the_one_organization(tenants: Nap, members: Members) -> None:
    member = members(1, totp=KEY)
    begun = flow_id(tenants.login(*member.credentials))
    assert "orgs" not in tenants.flow(begun).json()
    told = tokens(tenants.complete(begun, code=Generator().code()))
    assert claims(unwrapped(told["session_token"]))["organization"] == [member.organizations[0].alias]


def test_a_code_and_a_choice_go_together(tenants: Nap, members: Members) -> None:
    member, generator = members(2, totp=KEY), Generator()
    chosen = member.organizations[1]
    begun = flow_id(tenants.login(*member.credentials))
    told = tenants.flow(begun).json()
    assert (told["mfaRequired"], len(told["orgs"])) == (True, 2)
    for given in ({"orgId": chosen.id}, {"orgId": chosen.id, "code": ""}, {"code": generator.wrong_code()}):
        refusal(tenants.complete(begun, **given), 400)
    told = tokens(tenants.complete(begun, orgId=chosen.alias, code=generator.code()))
    assert claims(unwrapped(told["session_token"]))["organization"] == [chosen.alias]


@pytest.mark.parametrize("wrong", ["000", "x", "123 456", "\uff11\uff12\uff13\uff14\uff15\uff16", "\x01", "9" * 64])
def test_what_is_no_code_is_a_wrong_one(nap: Nap, make_person: PersonMaker, wrong: str) -> None:
    person = make_person(totp=KEY)
    begun = flow_id(nap.login(person.email, person.password))
    refusal(nap.complete(begun, code=wrong), 401)
    tokens(nap.complete(begun, code=Generator().code()))


def test_a_code_works_once(nap: Nap, make_person: PersonMaker) -> None:
    person = make_person(totp=KEY)
    first, second = (flow_id(nap.login(person.email, person.password)) for _ in range(2))
    code = Generator().code()
    tokens(nap.complete(first, code=code))
    refusal(nap.complete(second, code=code), 401)


def test_of_two_completions_with_one_code_one_signs_in(nap: Nap, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person(totp=KEY)
    begun, code = flow_id(nap.login(person.email, person.password)), Generator().code()
    answers = at_once([lambda: nap.complete(begun, code=code)] * 4)
    statuses = sorted(each.status_code for each in answers)
    assert statuses[0] == 200
    # Whoever waits too long for his turn is told to come again; nothing of his was evaluated.
    assert set(statuses[1:]) <= {400, 401, 429}
    assert len(witness.sessions(person.id)) == 1


def test_a_code_generator_of_another_person_is_of_no_use(nap: Nap, make_person: PersonMaker) -> None:
    person = make_person(totp=KEY)
    begun = flow_id(nap.login(person.email, person.password))
    refusal(nap.complete(begun, code=Generator("another-key-of-20-ch").code()), 401)


@pytest.mark.parametrize("enrolled", [{"totp": KEY}, {"factors": ["webauthn"]}], ids=["generator", "security key"])
def test_a_factor_that_was_enrolled_meanwhile_is_not_skipped(
    tenants: Nap, members: Members, witness: Witness, enrolled: dict[str, Any]
) -> None:
    member = members(2)
    begun = flow_id(tenants.login(*member.credentials))
    members.make_person.enrol(member.person, **enrolled)
    refusal(tenants.complete(begun, orgId=member.organizations[0].id), 401)
    assert not witness.sessions(member.person.id)


def test_a_generator_that_is_gone_ends_the_way(nap: Nap, members: Members, witness: Witness) -> None:
    gone = members(0, totp=KEY)
    begun = flow_id(nap.login(*gone.credentials))
    witness.remove_generators(gone.person.id)
    refusal(nap.complete(begun, code="123456"), 401)
    tokens(nap.login(*gone.credentials))


@pytest.fixture(scope="module")
def lenient(nap_apart: Apart) -> Iterator[Nap]:
    """A gateway whose lock-out bears more than a flow does."""
    with served_gateway(nap_apart(LOCKOUT__MAX_FAILURES="20")) as served, served.client() as client:
        yield Nap(client)


def test_the_fifth_wrong_code_ends_a_flow(lenient: Nap, make_person: PersonMaker) -> None:
    person, generator = make_person(totp=KEY), Generator()
    begun = flow_id(lenient.login(person.email, person.password))
    for _ in range(5):
        refusal(lenient.complete(begun, code=generator.wrong_code()), 401)
    refusal(lenient.flow(begun), 400)
    refusal(lenient.complete(begun, code=generator.code()), 400)


def test_no_use_of_a_flow_makes_its_life_longer(
    nap: Nap, nap_variables: Mapping[str, str], make_person: PersonMaker, store: redis.Redis
) -> None:
    person = make_person(totp=KEY)
    begun = flow_id(nap.login(person.email, person.password))
    key = Keys(nap_variables["GATEWAY_REDIS__PREFIX"]).sign_in(begun)
    assert 500_000 < store.pttl(key) <= 600_000
    store.pexpire(key, 100_000)  # most of it is over
    assert nap.flow(begun).status_code == 200
    refusal(nap.complete(begun, code=Generator().wrong_code()), 401)
    assert 0 < store.pttl(key) <= 100_000


def test_a_flow_ends_with_its_life(nap_apart: Apart, make_person: PersonMaker) -> None:
    person = make_person(totp=KEY)
    with served_gateway(nap_apart(NAP__FLOW_LIFETIME="1")) as served, served.client() as client:
        brief = Nap(client)
        begun = flow_id(brief.login(person.email, person.password))
        time.sleep(1.2)
        refusal(brief.flow(begun), 400)
        refusal(brief.complete(begun, code=Generator().code()), 400)


def test_wrong_codes_and_wrong_passwords_lock_together(nap: Nap, make_person: PersonMaker, witness: Witness) -> None:
    person, generator = make_person(totp=KEY), Generator()
    begun = flow_id(nap.login(person.email, person.password))
    answers: list[httpx.Response] = [nap.complete(begun, code=generator.wrong_code()) for _ in range(3)]
    answers += [nap.login(person.email, "Wr0ng!word") for _ in range(2)]
    for answer in answers:
        refusal(answer, 401)
    refusal(nap.complete(begun, code=generator.code()), 401)
    refusal(nap.login(person.email, person.password), 401)
    assert not witness.sessions(person.id)


def test_a_right_password_does_not_buy_more_guesses_at_the_code(nap: Nap, make_person: PersonMaker) -> None:
    person, generator = make_person(totp=KEY), Generator()
    for _ in range(5):
        begun = flow_id(nap.login(person.email, person.password))
        refusal(nap.complete(begun, code=generator.wrong_code()), 401)
    refusal(nap.login(person.email, person.password), 401)
    refusal(nap.complete(begun, code=generator.code()), 401)


def test_a_complete_sign_in_clears_the_count(nap: Nap, make_person: PersonMaker) -> None:
    person, generator = make_person(totp=KEY), Generator()
    for _ in range(2):
        for _ in range(3):
            refusal(nap.login(person.email, "Wr0ng!word"), 401)
        tokens(nap.complete(flow_id(nap.login(person.email, person.password)), code=generator.code()))


def test_of_many_guesses_at_once_five_are_evaluated(nap: Nap, make_person: PersonMaker, witness: Witness) -> None:
    person, generator = make_person(totp=KEY), Generator()
    begun = flow_id(nap.login(person.email, person.password))
    wrong = generator.wrong_code()

    def nobody_is_to_come_again() -> bool:
        statuses = {each.status_code for each in at_once([lambda: nap.complete(begun, code=wrong)] * 20)}
        assert statuses <= {400, 401, 429}
        return 429 not in statuses

    with witness.realm_with(eventsEnabled=True):
        # Whoever waits too long for a place is; nothing of his was evaluated.
        until(nobody_is_to_come_again, within=60)
        assert witness.failed_sign_ins(person.id) == 5
    refusal(nap.login(person.email, person.password), 401)
    assert not witness.sessions(person.id)
