"""From an invitation to the end of the session, each effect seen in Keycloak (contract, all of section 4)."""

import time
from collections.abc import Iterator, Mapping, Sequence

import pytest

from tests.servers.gateway import served_gateway
from tests.servers.people import Organization, OrganizationMaker, Person
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting
from tests.surfaces.nap.client import Nap, flow_id, login_refusal, refusal, succeeded, tokens, unwrapped, user_id
from tests.surfaces.nap.newcomers import PASSWORD, Letters, newcomer
from tests.surfaces.witness import Witness, claims

_GRACE = 1.0


@pytest.fixture(scope="module")
def variables(nap_apart: Apart) -> dict[str, str]:
    """The variables of a gateway that soon takes a refresh token that comes again for a stolen one."""
    return nap_apart(NAP__MULTITENANCY="true", NAP__REFRESH_GRACE=str(_GRACE))


@pytest.fixture(scope="module")
def brief(variables: Mapping[str, str]) -> Iterator[Nap]:
    """The document's own client there."""
    with served_gateway(variables) as served, served.client() as client:
        yield Nap(client)


def test_an_invited_person_goes_all_the_way(
    brief: Nap,
    variables: Mapping[str, str],
    letters: Letters,
    witness: Witness,
    make_organization: OrganizationMaker,
) -> None:
    acme = make_organization()
    person = _invited(brief, Inviting(variables), acme, witness)
    _verified(brief, letters, person, witness)
    offered = (acme, make_organization(members=[person]))
    held = [_signed_in(brief, person, offered, witness)]
    for _ in range(2):
        held.append(tokens(brief.refresh(held[-1]["refresh_token"])))
    for each in held:
        assert claims(unwrapped(each["session_token"]))["organization"] == [offered[1].alias]
    assert witness.sessions(person.id) == {each["session_id"] for each in held}
    time.sleep(_GRACE + 0.5)
    refusal(brief.refresh(held[0]["refresh_token"]), 401)
    assert witness.sessions(person.id) == set()
    refusal(brief.refresh(held[-1]["refresh_token"]), 401)
    left = _signed_in(brief, person, offered, witness)
    succeeded(brief.logout(left["session_token"]))
    assert witness.sessions(person.id) == set()
    refusal(brief.refresh(left["refresh_token"]), 401)


def _invited(brief: Nap, inviting: Inviting, organization: Organization, witness: Witness) -> Person:
    """Have somebody sign up by an invitation, as an administrator of the organization."""
    somebody = newcomer()
    token = inviting.token(somebody.email, organization.alias, "--role", "admin")
    made = user_id(brief.signup(somebody.body(inviteToken=token)))
    assert [(each["id"], each["emailVerified"]) for each in witness.accounts(somebody.email)] == [(made, False)]
    assert witness.organizations(made) == {organization.alias}
    assert witness.organization_groups(made, organization.id) == {"admins"}
    return Person(made, somebody.email, somebody.email, PASSWORD)


def _verified(brief: Nap, letters: Letters, person: Person, witness: Witness) -> None:
    """Have somebody prove the address by the link of a mail."""
    login_refusal(brief.login(person.email, person.password), verification=True)
    succeeded(brief.send(person.email))
    succeeded(brief.verify(letters.token(person.email)))
    assert [(each["id"], each["emailVerified"]) for each in witness.accounts(person.email)] == [(person.id, True)]
    assert witness.sessions(person.id) == set()


def _signed_in(brief: Nap, person: Person, offered: Sequence[Organization], witness: Witness) -> dict[str, str]:
    """Sign in to the last of the organizations."""
    begun = flow_id(brief.login(person.email, person.password))
    choices = {(each["id"], each["slug"]) for each in brief.flow(begun).json()["orgs"]}
    assert choices == {(each.id, each.alias) for each in offered}
    assert witness.sessions(person.id) == set()
    return tokens(brief.complete(begun, orgId=offered[-1].id))
