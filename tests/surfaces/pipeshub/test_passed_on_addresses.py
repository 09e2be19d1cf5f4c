"""An address that passes to another account while somebody signs in with it (contract section 6, security S27)."""

import pytest

from tests.servers.people import Person, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.external import FirmMaker, Offer
from tests.surfaces.pipeshub.external_realm import ExternalRealm
from tests.surfaces.pipeshub.people import PASSWORD, Letters, Members
from tests.surfaces.witness import Witness, claims

_OTHERS = "0thers!Word"


@pytest.fixture
def colleagues(members: Members, make_person: PersonMaker) -> tuple[Person, Person]:
    """Two members of one organization, who sign in by password and then by a code."""
    organization = members.make_organization()
    members.set_steps(organization, '[["password"],["otp"]]')
    return make_person(organizations=[organization]), make_person(organizations=[organization], password=_OTHERS)


def _pass_on(witness: Witness, person: Person, other: Person) -> None:
    """Give somebody another address, and the old one to somebody else."""
    for each, email in ((person, f"new-{person.email}"), (other, person.email)):
        witness.admin.update_user(each.id, {**witness.admin.get_user(each.id), "email": email})


def test_before_a_step_is_proven_whoever_has_the_address_signs_in(
    pipeshub: Pipeshub, members: Members, make_person: PersonMaker, witness: Witness
) -> None:
    person, other = members(PASSWORD), make_person(password=_OTHERS)
    token = pipeshub.begun(person.email)
    _pass_on(witness, person, other)
    refusal(pipeshub.by_password(token, person.password), 401, "INVALID_CREDENTIALS")
    assert claims(fully(pipeshub.by_password(token, _OTHERS))["accessToken"])["sub"] == other.id
    assert witness.sessions(person.id) == set()


def test_a_proven_step_binds_the_sign_in_to_the_account_and_not_to_the_address(
    pipeshub: Pipeshub, colleagues: tuple[Person, Person], letters: Letters, witness: Witness
) -> None:
    person, other = colleagues
    token = pipeshub.begun(person.email)
    assert next_step(pipeshub.by_password(token, person.password)) == (1, ["otp"])
    _pass_on(witness, person, other)
    assert pipeshub.ask_code(person.email).status_code == 200
    others_code = letters.code(person)
    refusal(pipeshub.by_code(token, others_code), 401, "INVALID_CREDENTIALS")
    assert witness.sessions(other.id) == set()
    moved = Person(person.id, person.username, f"new-{person.email}", person.password)
    assert pipeshub.ask_code(moved.email).status_code == 200
    tokens = fully(pipeshub.by_code(token, letters.code(moved)))
    assert claims(tokens["accessToken"])["sub"] == person.id
    assert witness.sessions(other.id) == set()


def test_the_new_owner_s_identity_completes_nobody_else_s_sign_in(
    pipeshub: Pipeshub, make_firm: FirmMaker, external_realm: ExternalRealm, witness: Witness
) -> None:
    firm = make_firm([["password"], ["google"]], {"google": Offer(external_realm.config)})
    until(lambda: pipeshub.init(firm.employ().email).status_code == 200)
    person, other = firm.employ(), firm.employ(password=_OTHERS)
    token = pipeshub.begun(person.email)
    assert next_step(pipeshub.by_password(token, person.password)) == (1, ["google"])
    _pass_on(witness, person, other)
    moved = f"new-{person.email}"
    for email in (person.email, moved):
        external_realm.admit(email)
    refusal(pipeshub.by_google(token, external_realm.id_token(person.email)), 400, "VALIDATION_ERROR")
    assert firm.links(person.id) == firm.links(other.id) == set()
    told = fully(pipeshub.by_google(token, external_realm.id_token(moved)))
    assert claims(told["accessToken"])["sub"] == person.id


def test_the_new_owner_proves_every_step_himself(
    pipeshub: Pipeshub, colleagues: tuple[Person, Person], letters: Letters, witness: Witness
) -> None:
    person, other = colleagues
    token = pipeshub.begun(person.email)
    next_step(pipeshub.by_password(token, person.password))
    _pass_on(witness, person, other)
    refusal(pipeshub.by_password(token, _OTHERS), 400, "METHOD_NOT_ALLOWED")
    anew = pipeshub.begun(person.email)
    assert next_step(pipeshub.by_password(anew, _OTHERS)) == (1, ["otp"])
    assert pipeshub.ask_code(person.email).status_code == 200
    assert claims(fully(pipeshub.by_code(anew, letters.code(person)))["accessToken"])["sub"] == other.id


def test_a_code_asked_for_before_is_no_code_of_the_new_owner(
    pipeshub: Pipeshub, colleagues: tuple[Person, Person], letters: Letters, witness: Witness
) -> None:
    person, other = colleagues
    assert pipeshub.ask_code(person.email).status_code == 200
    code = letters.code(person)
    _pass_on(witness, person, other)
    token = pipeshub.begun(person.email)
    next_step(pipeshub.by_password(token, _OTHERS))
    refusal(pipeshub.by_code(token, code), 401, "INVALID_CREDENTIALS")
    assert witness.sessions(person.id) | witness.sessions(other.id) == set()
