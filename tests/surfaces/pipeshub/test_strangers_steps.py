"""Several steps of an account that a stranger may have registered with somebody else's address (security S18)."""

import pytest

from tests.servers.people import Person
from tests.servers.waiting import until
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.external import FirmMaker, Offer, until_offered
from tests.surfaces.pipeshub.external_realm import ExternalRealm
from tests.surfaces.pipeshub.people import Letters, Members
from tests.surfaces.pipeshub.saml import Saml, failure, further_step, signed_in, until_no_session
from tests.surfaces.saml_provider import SamlProvider
from tests.surfaces.witness import Witness


def _is_taken_over(witness: Witness, person: Person, alias: str) -> bool:
    account = witness.admin.get_user(person.id)
    links = [each["identityProvider"] for each in witness.admin.get_user_social_logins(person.id)]
    is_known = witness.password_is(person.username, person.password)
    return bool(account["emailVerified"]) and not is_known and links == [alias]


def test_a_code_after_a_provider_s_word_takes_the_account_from_the_stranger(
    saml: Saml, members: Members, provider: SamlProvider, letters: Letters, witness: Witness
) -> None:
    person = members([["samlSso"], ["otp"]], email_verified=False)
    provider.enrol(person)
    strangers = witness.tokens("gateway", grant_type="password", username=person.username, password=person.password)
    token, _ = further_step(saml.sign_in(person, saml.pipeshub.begun(person.email)))
    assert not witness.admin.get_user(person.id)["emailVerified"]
    saml.pipeshub.ask_code(person.email)
    code = letters.code(person)
    # It ends this sign-in with whatever else was the stranger's; the next one is the owner's, with the same code.
    refusal(saml.pipeshub.by_code(token, code), 404, "SESSION_EXPIRED")
    assert _is_taken_over(witness, person, provider.alias)
    assert not witness.refreshes(strangers["refresh_token"])
    saml.browser.cookies.clear()
    token, _ = further_step(saml.sign_in(person, saml.pipeshub.begun(person.email)))
    fully(saml.pipeshub.by_code(token, code))
    assert _is_taken_over(witness, person, provider.alias)


@pytest.mark.parametrize("first", [["otp"], ["password", "otp"]])
def test_a_provider_s_word_after_a_code_takes_the_account_from_the_stranger(
    saml: Saml, members: Members, provider: SamlProvider, letters: Letters, witness: Witness, first: list[str]
) -> None:
    person = members([first, ["samlSso"]], email_verified=False)
    provider.enrol(person)
    saml.pipeshub.ask_code(person.email)
    token = saml.pipeshub.begun(person.email)
    next_step(saml.pipeshub.by_code(token, letters.code(person)))
    assert witness.password_is(person.username, person.password)
    assert failure(saml.sign_in(person, token)) == "session_expired"
    assert _is_taken_over(witness, person, provider.alias)
    until_no_session(witness, person)
    saml.browser.cookies.clear()
    token = saml.pipeshub.begun(person.email)
    assert "Somebody has just signed in" in letters.text(person, 2)
    saml.pipeshub.ask_code(person.email)
    next_step(saml.pipeshub.by_code(token, letters.code(person, 3)))
    signed_in(saml.sign_in(person, token))


def test_so_does_an_identity_that_was_linked_before(
    pipeshub: Pipeshub, make_firm: FirmMaker, external_realm: ExternalRealm, letters: Letters, witness: Witness
) -> None:
    firm = make_firm([["otp"], ["google"]], {"google": Offer(external_realm.config)})
    until(lambda: pipeshub.init(firm.employ().email).status_code == 200)
    person = firm.employ(email_verified=False)
    firm.link(person, external_realm.admit(person.email))
    pipeshub.ask_code(person.email)
    token = pipeshub.begun(person.email)
    next_step(pipeshub.by_code(token, letters.code(person)))
    refusal(pipeshub.by_google(token, external_realm.id_token(person.email)), 404, "SESSION_EXPIRED")
    assert _is_taken_over(witness, person, firm.alias())


def test_a_password_that_was_one_way_of_several_is_not_taken_from_who_has_proven_it(
    pipeshub: Pipeshub, make_firm: FirmMaker, external_realm: ExternalRealm, letters: Letters, witness: Witness
) -> None:
    firm = make_firm([["password", "google"], ["otp"]], {"google": Offer(external_realm.config)})
    until_offered(pipeshub, firm, "google")
    person = firm.employ(email_verified=False)
    token = pipeshub.begun(person.email)
    next_step(pipeshub.by_password(token, person.password))
    pipeshub.ask_code(person.email)
    fully(pipeshub.by_code(token, letters.code(person)))
    assert witness.password_is(person.username, person.password)


@pytest.mark.parametrize("steps", [[["samlSso"]], [["password"], ["samlSso"]], [["password", "otp"], ["samlSso"]]])
def test_a_provider_s_word_alone_or_after_the_password_takes_nothing(
    saml: Saml, members: Members, provider: SamlProvider, witness: Witness, steps: list[list[str]]
) -> None:
    person = members(steps, email_verified=False)
    provider.enrol(person)
    token = saml.pipeshub.begun(person.email)
    if len(steps) > 1:
        next_step(saml.pipeshub.by_password(token, person.password))
    signed_in(saml.sign_in(person, token))
    assert witness.password_is(person.username, person.password)
    assert not witness.admin.get_user(person.id)["emailVerified"]
