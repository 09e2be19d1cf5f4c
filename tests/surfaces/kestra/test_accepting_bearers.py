"""Who accepts an invitation: the invited person's own bearer, or none where none is required (contract section 1.6)."""

from collections.abc import Iterator

import httpx
import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import Organization, Person
from tests.servers.waiting import until
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting
from tests.surfaces.kestra.client import Kestra, invitation, refusal
from tests.surfaces.witness import Witness


def test_the_invited_person_s_own_bearer_is_fine(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization
) -> None:
    secret = inviting.token(person.email, acme.alias)
    invitation(kestra.accept(secret, witness.verified(person.username)["access_token"]))
    assert witness.organizations(person.id) == {acme.alias}


def test_another_person_s_bearer_is_forbidden(
    kestra: Kestra, inviting: Inviting, person: Person, passer_by: str, witness: Witness, acme: Organization
) -> None:
    secret = inviting.token(person.email, acme.alias)
    refusal(kestra.accept(secret, passer_by), 403)
    assert witness.organizations(person.id) == set()
    invitation(kestra.accept(secret))


def test_a_bearer_that_is_no_good_is_told_before_the_invitation_is_looked_at(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization
) -> None:
    secret, session = inviting.token(person.email, acme.alias), witness.verified(person.username)
    witness.end_session(session["session_state"])
    for bearer in ("x", session["access_token"], session["refresh_token"], session["id_token"]):
        refusal(kestra.accept(secret, bearer), 401)
        refusal(kestra.accept("no-such-invitation", bearer), 401)
    assert witness.organizations(person.id) == set()


@pytest.mark.parametrize("offered", [["Bearer x", "Bearer x"], ["Basic eDp5", "Bearer x"], ["Bearer"], ["bearer"]])
def test_a_bearer_that_is_none_or_not_alone_is_no_good(
    kestra: Kestra, inviting: Inviting, person: Person, witness: Witness, acme: Organization, offered: list[str]
) -> None:
    secret = inviting.token(person.email, acme.alias)
    headers = [("authorization", each) for each in offered]
    refusal(kestra.http.post(f"/api/v1/invitation/accept/{secret}", headers=headers), 401)
    assert witness.organizations(person.id) == set()
    invitation(kestra.accept(secret))


@pytest.mark.parametrize("scheme", ["Basic eDp5", "Digest x", "x"])
def test_other_schemes_are_ignored(
    kestra: Kestra, inviting: Inviting, person: Person, acme: Organization, scheme: str
) -> None:
    secret = inviting.token(person.email, acme.alias)
    invitation(kestra.http.post(f"/api/v1/invitation/accept/{secret}", headers={"authorization": scheme}))


@pytest.fixture(scope="module")
def strict(kestra_apart: Apart) -> Iterator[tuple[Kestra, Inviting]]:
    """A gateway that wants people to be signed in to accept."""
    variables = kestra_apart(KESTRA__ACCEPT_REQUIRES_LOGIN="true")
    with served_gateway(variables) as served, served.client() as client:
        yield Kestra(client), Inviting(variables)


def test_where_a_login_is_required_nobody_accepts_without_one(
    strict: tuple[Kestra, Inviting], person: Person, passer_by: str, witness: Witness, acme: Organization
) -> None:
    kestra, inviting = strict
    refusal(kestra.accept("no-such-invitation"), 404)
    secret = inviting.token(person.email, acme.alias)
    refusal(kestra.accept(secret), 401)
    refusal(kestra.accept(secret, passer_by), 403)
    assert witness.organizations(person.id) == set()
    invitation(kestra.accept(secret, witness.verified(person.username)["access_token"]))
    assert witness.organizations(person.id) == {acme.alias}


def test_what_has_become_of_an_invitation_is_told_before_who_asks_is_looked_at(
    strict: tuple[Kestra, Inviting], person: Person, passer_by: str, witness: Witness, acme: Organization
) -> None:
    kestra, inviting = strict
    secret = inviting.token(person.email, acme.alias)
    invitation(kestra.accept(secret, witness.verified(person.username)["access_token"]))
    over = inviting.token(f"no-{person.email}", acme.alias, "--expires", "PT1S")
    until(lambda: kestra.accept(over).status_code != httpx.codes.UNAUTHORIZED)
    for bearer in (None, passer_by):
        refusal(kestra.accept(secret, bearer), 409)
        refusal(kestra.accept(over, bearer), 410)
