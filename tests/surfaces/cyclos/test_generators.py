"""Codes of a generator as secondary passwords (contract section 8)."""

from collections.abc import Iterator, Mapping
from functools import partial

import httpx
import pytest

from tests.conftest import Stack
from tests.servers.gateway import watched_gateway
from tests.servers.generators import KEY, Generator
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import JSON, Cyclos, refusal, require_empty, token_of, told
from tests.surfaces.cyclos.further import ODD_PASSWORDS, SECOND, TOTP_TYPE, ask_for_code, give, require_proof
from tests.surfaces.mailing import mailing_through
from tests.surfaces.parallel import at_once, undisturbed
from tests.surfaces.witness import Witness


@pytest.fixture(scope="module")
def variables(cyclos_apart: Apart, stack: Stack) -> dict[str, str]:
    return cyclos_apart(CYCLOS__SECONDARY_PASSWORD="totp", **mailing_through(stack))


@pytest.fixture(scope="module")
def asking(variables: Mapping[str, str]) -> Iterator[Cyclos]:
    with watched_gateway(variables) as served, served.client() as client:
        yield Cyclos(client)


@pytest.fixture
def owner(make_person: PersonMaker) -> Person:
    """Somebody with a generator."""
    return make_person(totp=KEY)


@pytest.fixture
def own_detection(witness: Witness) -> Iterator[None]:
    """Keycloak locks accounts by itself."""
    with witness.own_detection():
        yield


def _pending(asking: Cyclos, person: Person) -> Cyclos:
    return asking.by_session(token_of(asking.login(person.username, person.password)))


def test_a_code_of_the_generator_makes_a_full_session(asking: Cyclos, owner: Person, witness: Witness) -> None:
    pending = _pending(asking, owner)
    said = told(pending.auth())
    assert said["pendingSecondaryPassword"] is True
    assert said["secondaryPasswordType"] == {**TOTP_TYPE, "global": False, "mode": "script"}
    assert told(pending.call("GET", SECOND)) == {
        **TOTP_TYPE,
        "inputMethod": "textBox",
        "mode": "script",
        "hasActivePassword": True,
        "confirmationPasswordOncePerSession": False,
        "minLength": 6,
        "maxLength": 6,
    }
    assert witness.sessions(owner.id) == set()
    require_empty(give(pending, Generator().code()), 204)
    assert told(pending.auth())["pendingSecondaryPassword"] is False
    assert len(witness.sessions(owner.id)) == 1


def test_a_code_is_good_once(asking: Cyclos, owner: Person) -> None:
    generator = Generator()
    first, second = _pending(asking, owner), _pending(asking, owner)
    code = generator.code()
    require_empty(give(first, code), 204)
    require_proof(give(second, code), TOTP_TYPE)
    require_empty(give(second, generator.code()), 204)


def test_of_two_at_once_one_completes_the_login(asking: Cyclos, make_person: PersonMaker, witness: Witness) -> None:
    owners = []

    def race() -> list[httpx.Response]:
        owners.append(make_person(totp=KEY))
        return at_once([partial(give, _pending(asking, owners[-1]), Generator().code())] * 3)

    assert sorted(each.status_code for each in undisturbed(race)) == [204, 403, 403]
    assert len(witness.sessions(owners[-1].id)) == 1


@pytest.mark.parametrize("odd", ODD_PASSWORDS, ids=lambda odd: ascii(odd[:12]))
def test_what_is_no_code_is_a_wrong_one(asking: Cyclos, owner: Person, odd: str) -> None:
    pending = _pending(asking, owner)
    answer = pending.http.post(SECOND, content=odd.encode(), headers={**JSON, **pending.default})
    require_proof(answer, TOTP_TYPE)


@pytest.mark.usefixtures("own_detection")
def test_codes_that_follow_one_another_pass_keycloak_s_own_detection(
    variables: Mapping[str, str], owner: Person
) -> None:
    # The gateway asks at the start whether the realm has it on.
    with watched_gateway(variables) as served, served.client() as client:
        generator = Generator()
        for _ in range(3):
            require_empty(give(_pending(Cyclos(client), owner), generator.code()), 204)


def test_the_fifth_wrong_code_ends_the_session(asking: Cyclos, owner: Person, witness: Witness) -> None:
    pending, generator = _pending(asking, owner), Generator()
    for _ in range(4):
        require_proof(give(pending, generator.wrong_code()), TOTP_TYPE)
    require_proof(give(pending, generator.wrong_code()), TOTP_TYPE, blocked=True)
    refusal(give(pending, generator.code()), 401, code="loggedOut")
    assert witness.sessions(owner.id) == set()


def test_no_code_is_sent_for_a_login(asking: Cyclos, owner: Person) -> None:
    refusal(ask_for_code(_pending(asking, owner)), 403, code="illegalAction")


def test_who_has_no_generator_has_no_secondary_password(asking: Cyclos, person: Person, witness: Witness) -> None:
    answer = asking.login(person.username, person.password)
    whole = {**TOTP_TYPE, "global": False, "mode": "script"}
    refusal(answer, 401, code="login", missingSecondaryPassword=whole)
    refusal(asking.login(person.username, "Wr0ng!word"), 401, code="login")
    assert witness.sessions(person.id) == set()


def test_a_generator_that_was_taken_away_meanwhile_proves_nothing(
    asking: Cyclos, owner: Person, witness: Witness
) -> None:
    pending = _pending(asking, owner)
    witness.remove_generators(owner.id)
    require_proof(give(pending, Generator().code()), TOTP_TYPE)
    assert told(pending.call("GET", SECOND))["hasActivePassword"] is False


@pytest.mark.parametrize("factor", ["webauthn", "recovery-authn-codes"])
def test_another_second_factor_is_not_skipped(asking: Cyclos, make_person: PersonMaker, factor: str) -> None:
    person = make_person(totp=KEY, factors=[factor])
    refusal(asking.login(person.username, person.password), 401, code="login")
