"""An external identity for an account that a stranger may have registered (security S18)."""

from tests.servers.identity_provider import IdentityProvider
from tests.servers.waiting import until
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.external import Firm, FirmMaker, Offer, until_offered
from tests.surfaces.pipeshub.external_realm import ExternalRealm
from tests.surfaces.pipeshub.people import Letters
from tests.surfaces.witness import Witness


def test_linking_takes_the_account_from_the_stranger(
    pipeshub: Pipeshub, genuine: Firm, external_realm: ExternalRealm, witness: Witness, letters: Letters
) -> None:
    person = genuine.employ(email_verified=False)
    genuine.link(person, "sub-of-the-stranger", "oauth")
    strangers = witness.tokens("gateway", grant_type="password", username=person.username, password=person.password)
    subject = external_realm.admit(person.email)
    fully(pipeshub.by_google(pipeshub.begun(person.email), external_realm.id_token(person.email)))
    assert not witness.password_is(person.username, person.password)
    assert not witness.refreshes(strangers["refresh_token"])
    assert pipeshub.refresh(strangers["refresh_token"]).status_code == 401
    assert genuine.links(person.id) == {(genuine.alias(), subject)}
    assert witness.admin.get_user(person.id)["emailVerified"]
    refusal(pipeshub.by_password(pipeshub.begun(person.email), person.password), 401, "INVALID_CREDENTIALS")
    assert "Somebody has just signed in" in letters.text(person)
    assert pipeshub.forgot(person.email).status_code == 200
    assert letters.token(person, 2)
    assert letters.mailbox.count(person.email) == 2


def test_the_stranger_s_identity_of_the_same_provider_goes_too(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    person = forged.employ(email_verified=False)
    forged.link(person, "sub-of-the-stranger")
    fully(pipeshub.by_google(pipeshub.begun(person.email), foreign.token(person.email)))
    assert forged.links(person.id) == {(forged.alias(), f"sub-of-{person.email}")}


def test_an_address_that_the_provider_has_not_verified_takes_nothing(
    pipeshub: Pipeshub, genuine: Firm, external_realm: ExternalRealm, witness: Witness
) -> None:
    person = genuine.employ(email_verified=False)
    external_realm.admit(person.email, verified=False)
    token = pipeshub.begun(person.email)
    refusal(pipeshub.by_google(token, external_realm.id_token(person.email)), 401, "INVALID_CREDENTIALS")
    assert witness.password_is(person.username, person.password)
    assert genuine.links(person.id) == set()


def test_an_enrolled_second_factor_keeps_the_account_as_it_is(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider, witness: Witness
) -> None:
    person = forged.employ(email_verified=False, totp="stranger-totp-key-20")
    refusal(pipeshub.by_google(pipeshub.begun(person.email), foreign.token(person.email)), 403, "ACCOUNT_NOT_READY")
    assert {each["type"] for each in witness.admin.get_credentials(person.id)} == {"password", "otp"}


def test_who_has_just_proven_the_password_keeps_it_and_is_not_linked(
    pipeshub: Pipeshub, make_firm: FirmMaker, external_realm: ExternalRealm, witness: Witness
) -> None:
    firm = make_firm([["password"], ["google"]], {"google": Offer(external_realm.config)})
    until(lambda: pipeshub.init(firm.employ().email).status_code == 200)
    person = firm.employ(email_verified=False)
    external_realm.admit(person.email)
    token = pipeshub.begun(person.email)
    assert next_step(pipeshub.by_password(token, person.password)) == (1, ["google"])
    fully(pipeshub.by_google(token, external_realm.id_token(person.email)))
    assert witness.password_is(person.username, person.password)
    assert firm.links(person.id) == set()


def test_as_a_later_step_it_takes_the_account_and_the_next_sign_in_is_the_owner_s(
    pipeshub: Pipeshub, make_firm: FirmMaker, external_realm: ExternalRealm, witness: Witness, letters: Letters
) -> None:
    firm = make_firm([["otp", "password"], ["google"]], {"google": Offer(external_realm.config)})
    until(lambda: pipeshub.init(firm.employ().email).status_code == 200)
    person = firm.employ(email_verified=False)
    external_realm.admit(person.email)
    for count, ends in ((1, True), (3, False)):
        letters.mailbox.wait_for_count(person.email, count - 1)
        token = pipeshub.begun(person.email)
        pipeshub.ask_code(person.email)
        next_step(pipeshub.by_code(token, letters.code(person, count)))
        answer = pipeshub.by_google(token, external_realm.id_token(person.email))
        if ends:
            refusal(answer, 404, "SESSION_EXPIRED")
        else:
            fully(answer)
    assert not witness.password_is(person.username, person.password)


def test_as_the_first_of_two_steps_it_takes_the_account_as_well(
    pipeshub: Pipeshub, make_firm: FirmMaker, external_realm: ExternalRealm, witness: Witness, letters: Letters
) -> None:
    firm = make_firm([["google"], ["otp"]], {"google": Offer(external_realm.config)})
    until_offered(pipeshub, firm, "google")
    person = firm.employ(email_verified=False)
    external_realm.admit(person.email)
    token = pipeshub.begun(person.email)
    assert next_step(pipeshub.by_google(token, external_realm.id_token(person.email))) == (1, ["otp"])
    assert "Somebody has just signed in" in letters.text(person)
    pipeshub.ask_code(person.email)
    fully(pipeshub.by_code(token, letters.code(person, 2)))
    assert not witness.password_is(person.username, person.password)
