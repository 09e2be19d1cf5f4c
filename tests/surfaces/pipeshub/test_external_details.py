"""What is told of an account to who proves an identity that is not its person's: nothing (security S13)."""

from tests.servers.gateway import served_gateway
from tests.servers.identity_provider import IdentityProvider
from tests.surfaces.conftest import Apart
from tests.surfaces.pipeshub.client import Pipeshub, refusal
from tests.surfaces.pipeshub.external import Firm, until_offered
from tests.surfaces.witness import Witness


def _told(pipeshub: Pipeshub, email: str, id_token: str) -> tuple[int, str]:
    answer = pipeshub.by_google(pipeshub.begun(email), id_token)
    return answer.status_code, answer.text


def test_another_person_s_identity_does_not_tell_what_the_account_needs(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    people = [
        forged.employ(),
        forged.employ(totp="a-generator-enrolled"),
        forged.employ(required_actions=("UPDATE_PASSWORD",)),
    ]
    for stranger in (forged.new_address(), forged.employ().email):
        told = {_told(pipeshub, each.email, foreign.token(stranger)) for each in people}
        assert [status for status, _ in told] == [400]


def test_a_linked_identity_does_not_tell_what_another_account_needs(
    pipeshub: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    stranger = forged.employ()
    forged.link(stranger, f"sub-of-{stranger.email}")
    person = forged.employ(totp="a-generator-enrolled")
    answer = pipeshub.by_google(pipeshub.begun(person.email), foreign.token(stranger.email))
    refusal(answer, 400, "VALIDATION_ERROR")


def test_concealed_another_person_s_identity_tells_nobody_who_has_an_account(
    concealing: Pipeshub, forged: Firm, foreign: IdentityProvider
) -> None:
    until_offered(concealing, forged, "google")
    linked = forged.employ()
    forged.link(linked, f"sub-of-{linked.email}")
    emails = [
        forged.employ().email,
        forged.employ(totp="a-generator-enrolled").email,
        forged.employ(enabled=False).email,
        forged.new_address(),
    ]
    for stranger in (forged.new_address(), linked.email):
        told = {_told(concealing, email, foreign.token(stranger)) for email in emails}
        assert [status for status, _ in told] == [400]


def test_concealed_a_disabled_account_s_own_identity_is_told_as_nobody_s(
    concealing: Pipeshub, forged: Firm, foreign: IdentityProvider, witness: Witness
) -> None:
    until_offered(concealing, forged, "google")
    person, nobody = forged.employ(), forged.new_address()
    forged.link(person, f"sub-of-{person.email}")
    witness.admin.update_user(person.id, {**witness.admin.get_user(person.id), "enabled": False})
    told = {_told(concealing, email, foreign.token(email)) for email in (person.email, nobody)}
    assert [status for status, _ in told] == [401]


def test_other_people_s_identities_count_for_the_address_that_sends_them(
    mailing_apart: Apart, forged: Firm, foreign: IdentityProvider
) -> None:
    variables = mailing_apart(LIMITS__FAILURES_PER_ADDRESS="3")
    with served_gateway(variables) as served, served.client() as client:
        pipeshub = Pipeshub(client)
        until_offered(pipeshub, forged, "google")
        person, stranger = forged.employ(), foreign.token(forged.new_address())
        token = pipeshub.begun(person.email)
        answers = [pipeshub.by_google(token, stranger) for _ in range(4)]
    assert [each.status_code for each in answers] == [400, 400, 400, 429]
