"""Sign-in by SAML that is refused before the way to the provider (contract section 12)."""

import pytest

from tests.servers.people import Person, PersonMaker
from tests.surfaces.pipeshub.client import refusal
from tests.surfaces.pipeshub.people import SAML, Members
from tests.surfaces.pipeshub.saml import Saml
from tests.surfaces.saml_provider import SamlProvider
from tests.surfaces.witness import Witness


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a b@example.test", f"{'a' * 250}@example.test"])
def test_an_e_mail_that_is_none_is_invalid(saml: Saml, email: str) -> None:
    refusal(saml.leave(email), 400, "VALIDATION_ERROR")
    refusal(saml.pipeshub.http.get("/saml/signIn"), 400, "VALIDATION_ERROR")


def test_the_e_mail_must_be_the_one_it_began_with(saml: Saml, saml_person: Person, members: Members) -> None:
    token = saml.pipeshub.begun(saml_person.email)
    refusal(saml.leave(members(SAML).email, token), 400, "VALIDATION_ERROR")


def test_a_step_without_saml_is_refused(saml: Saml, make_person: PersonMaker) -> None:
    person = make_person()
    refusal(saml.leave(person.email), 400, "METHOD_NOT_ALLOWED")
    refusal(saml.leave(person.email, saml.pipeshub.begun(person.email)), 400, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize("token", ["made-up", "A" * 43, "\u00fc", "a\0b"])
def test_an_unknown_sign_in_is_not_found(saml: Saml, saml_person: Person, token: str) -> None:
    refusal(saml.leave(saml_person.email, token), 404, "SESSION_EXPIRED")


def test_an_unknown_e_mail_is_not_found(saml: Saml) -> None:
    refusal(saml.leave("nobody@example.test"), 404, "USER_NOT_FOUND")


def test_a_person_disabled_or_gone_meanwhile_is_not_found(saml: Saml, members: Members, witness: Witness) -> None:
    person = members(SAML)
    token = saml.pipeshub.begun(person.email)
    witness.admin.update_user(person.id, {"enabled": False})
    refusal(saml.leave(person.email, token), 404, "USER_NOT_FOUND")
    refusal(saml.leave(person.email), 404, "USER_NOT_FOUND")
    witness.admin.delete_user(person.id)
    refusal(saml.leave(person.email, token), 404, "USER_NOT_FOUND")


def test_a_provider_switched_off_is_not_found(saml: Saml, saml_person: Person, provider: SamlProvider) -> None:
    token = saml.pipeshub.begun(saml_person.email)
    with saml.without(provider, saml_person):
        refusal(saml.leave(saml_person.email, token), 404, "ORG_CONFIG_NOT_FOUND")
        refusal(saml.leave(saml_person.email), 404, "ORG_CONFIG_NOT_FOUND")
