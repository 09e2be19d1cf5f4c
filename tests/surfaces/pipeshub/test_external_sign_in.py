"""Signing in by what an identity provider has given to a page (contract sections 4 to 6 and 10)."""

import secrets

import httpx
import pytest

from tests.servers.gateway import ServedGateway
from tests.servers.identity_provider import IdentityProvider
from tests.surfaces.logged import events_of
from tests.surfaces.parallel import at_once, undisturbed
from tests.surfaces.pipeshub.client import Pipeshub, fully, next_step, refusal
from tests.surfaces.pipeshub.external import Firm, FirmMaker, Offer, until_offered
from tests.surfaces.pipeshub.external_realm import ExternalRealm
from tests.surfaces.pipeshub.people import Letters
from tests.surfaces.witness import Witness, claims


def _of(account: dict[str, str]) -> str:
    return str(claims(account["accessToken"])["sub"])


def test_a_genuine_id_token_signs_in_and_links_the_identity(
    pipeshub: Pipeshub, genuine: Firm, external_realm: ExternalRealm, witness: Witness, letters: Letters
) -> None:
    person = genuine.employ()
    subject = external_realm.admit(person.email)
    tokens, _ = (
        fully(pipeshub.by_google(pipeshub.begun(person.email), external_realm.id_token(person.email))) for _ in range(2)
    )
    assert _of(tokens) == person.id
    assert genuine.links(person.id) == {(genuine.alias(), subject)}
    assert witness.refreshes(tokens["refreshToken"], "gateway-verified")
    assert len(witness.sessions(person.id)) == 2
    assert witness.password_is(person.username, person.password)
    # Told once, when it was linked.
    assert "Somebody has just signed in" in letters.text(person)
    assert pipeshub.forgot(person.email).status_code == 200
    assert letters.token(person, 2)
    assert letters.mailbox.count(person.email) == 2


def test_a_genuine_access_token_signs_in_by_userinfo(
    pipeshub: Pipeshub, genuine: Firm, external_realm: ExternalRealm
) -> None:
    person = genuine.employ()
    subject = external_realm.admit(person.email)
    got = external_realm.tokens(person.email)
    alone = {"accessToken": got["access_token"]}
    assert _of(fully(pipeshub.authenticate(pipeshub.begun(person.email), "oauth", alone))) == person.id
    both = {**alone, "idToken": got["id_token"]}
    assert _of(fully(pipeshub.authenticate(pipeshub.begun(person.email), "oauth", both))) == person.id
    assert genuine.links(person.id) == {(genuine.alias("oauth"), subject)}


def test_tokens_of_another_kind_or_for_another_application_are_refused(
    pipeshub: Pipeshub, genuine: Firm, external_realm: ExternalRealm
) -> None:
    person = genuine.employ()
    external_realm.admit(person.email)
    own, others = external_realm.tokens(person.email), external_realm.others_tokens(person.email)
    token = pipeshub.begun(person.email)
    for each in (own["access_token"], own["refresh_token"], others["id_token"], others["access_token"]):
        refusal(pipeshub.by_google(token, each), 401, "INVALID_CREDENTIALS")
    mixed = {"accessToken": own["access_token"], "idToken": others["id_token"]}
    refusal(pipeshub.authenticate(token, "oauth", mixed), 401, "INVALID_CREDENTIALS")
    assert genuine.links(person.id) == set()


def test_an_id_token_of_our_own_realm_is_no_provider_s(pipeshub: Pipeshub, genuine: Firm, witness: Witness) -> None:
    person = genuine.employ()
    ours = witness.verified(person.username)["id_token"]
    refusal(pipeshub.by_google(pipeshub.begun(person.email), ours), 401, "INVALID_CREDENTIALS")


def test_google_s_own_answer_is_taken_as_well(pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider) -> None:
    person = forged.employ()
    answer = pipeshub.authenticate(
        pipeshub.begun(person.email), "google", {"credential": foreign.token(person.email), "select_by": "btn"}
    )
    assert _of(fully(answer)) == person.id


def test_an_identity_as_the_first_step_leaves_no_session(
    pipeshub: Pipeshub, make_firm: FirmMaker, external_realm: ExternalRealm, witness: Witness
) -> None:
    firm = make_firm([["google"], ["password"]], {"google": Offer(external_realm.config)})
    until_offered(pipeshub, firm, "google")
    person = firm.employ()
    external_realm.admit(person.email)
    token = pipeshub.begun(person.email)
    assert next_step(pipeshub.by_google(token, external_realm.id_token(person.email))) == (1, ["password"])
    assert witness.sessions(person.id) == set()
    refusal(pipeshub.by_google(token, external_realm.id_token(person.email)), 400, "METHOD_NOT_ALLOWED")
    fully(pipeshub.by_password(token, person.password))


def test_a_linked_identity_signs_in_with_another_address(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    person = forged.employ()
    forged.link(person, "sub-of-linked")
    token = foreign.token("elsewhere@example.test", sub="sub-of-linked")
    assert _of(fully(pipeshub.by_google(pipeshub.begun(person.email), token))) == person.id
    refusal(pipeshub.by_google(pipeshub.begun(forged.employ().email), token), 400, "VALIDATION_ERROR")


def test_another_person_s_identity_is_refused_whatever_its_address(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    owner, person = forged.employ(), forged.employ()
    forged.link(owner, f"sub-of-{person.email}")
    refusal(pipeshub.by_google(pipeshub.begun(person.email), foreign.token(person.email)), 400, "VALIDATION_ERROR")
    refusal(pipeshub.by_google(pipeshub.begun(person.email), foreign.token(owner.email)), 400, "VALIDATION_ERROR")
    assert forged.links(person.id) == set()


def test_an_identity_that_two_people_hold_signs_in_neither(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    people = [forged.employ(), forged.employ()]
    subject = f"sub-{secrets.token_hex(4)}"
    for person in people:
        forged.link(person, subject)
    for person in people:
        token = foreign.token(person.email, sub=subject)
        refusal(pipeshub.by_google(pipeshub.begun(person.email), token), 401, "INVALID_CREDENTIALS")


def test_an_address_that_has_passed_on_at_the_provider_does_not_open_the_account(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    person = forged.employ()
    forged.link(person, "sub-of-who-left")
    refusal(pipeshub.by_google(pipeshub.begun(person.email), foreign.token(person.email)), 400, "VALIDATION_ERROR")
    assert forged.links(person.id) == {(forged.alias(), "sub-of-who-left")}


def test_the_address_is_compared_in_lower_case(pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider) -> None:
    person = forged.employ()
    token = foreign.token(person.email.upper())
    assert _of(fully(pipeshub.by_google(pipeshub.begun(person.email.title()), token))) == person.id


@pytest.mark.parametrize(("totp", "actions"), [("a-generator-enrolled", ()), (None, ("UPDATE_PASSWORD",))])
def test_what_the_account_demands_besides_is_not_skipped(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider, totp: str | None, actions: tuple[str, ...]
) -> None:
    person = forged.employ(totp=totp, required_actions=actions)
    token = pipeshub.begun(person.email)
    refusal(pipeshub.by_google(token, foreign.token(person.email)), 403, "ACCOUNT_NOT_READY")
    assert forged.links(person.id) == set()


def test_refused_tokens_lock_nobody_and_are_told(
    pipeshub: Pipeshub, pipeshub_gateway: ServedGateway, forged: Firm, foreign: IdentityProvider
) -> None:
    person = forged.employ()
    token = pipeshub.begun(person.email)
    for _ in range(8):
        refusal(pipeshub.by_google(token, foreign.token(person.email, aud="another")), 401, "INVALID_CREDENTIALS")
    told = events_of(pipeshub_gateway, "sign_in_step", person.id)
    assert [(each["outcome"], each["reason"]) for each in told] == [("refused", "audience")] * 8
    fully(pipeshub.by_password(token, person.password))


def test_a_locked_account_stays_locked(pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider) -> None:
    person = forged.employ()
    token = pipeshub.begun(person.email)
    for _ in range(5):
        pipeshub.by_password(token, "wrong")
    refusal(pipeshub.by_google(token, foreign.token(person.email)), 403, "ACCOUNT_BLOCKED")
    assert forged.links(person.id) == set()


def test_a_complete_sign_in_clears_the_counter(pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider) -> None:
    person = forged.employ()
    for _ in range(2):
        token = pipeshub.begun(person.email)
        for _ in range(4):
            refusal(pipeshub.by_password(token, "wrong"), 401, "INVALID_CREDENTIALS")
        fully(pipeshub.by_google(token, foreign.token(person.email)))


def test_of_one_token_sent_often_at_once_one_wins(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider, witness: Witness
) -> None:
    def race() -> list[httpx.Response]:
        person = forged.employ()
        token, proof = pipeshub.begun(person.email), foreign.token(person.email)
        answers = at_once([lambda: pipeshub.by_google(token, proof)] * 8)
        assert sum(each.status_code == 200 for each in answers) <= 1
        assert len(witness.sessions(person.id)) <= 1
        return answers

    answers = undisturbed(race)
    assert sorted(each.status_code for each in answers) == [200, *[404] * 7]


def test_an_unknown_or_disabled_account_is_not_found(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider, witness: Witness
) -> None:
    refusal(pipeshub.init(forged.new_address()), 404, "USER_NOT_FOUND")
    person = forged.employ()
    token = pipeshub.begun(person.email)
    witness.admin.update_user(person.id, {**witness.admin.get_user(person.id), "enabled": False})
    refusal(pipeshub.by_google(token, foreign.token(person.email)), 404, "USER_NOT_FOUND")


def test_where_unknown_addresses_are_concealed_a_good_token_tells_nothing(
    concealing: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    until_offered(concealing, forged, "google")
    email = forged.new_address()
    token = concealing.begun(email)
    refusal(concealing.by_google(token, foreign.token(email)), 401, "INVALID_CREDENTIALS")
    assert forged.account(email) is None
