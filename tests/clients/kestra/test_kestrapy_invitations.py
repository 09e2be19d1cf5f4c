"""What Kestra's published client makes of invitations (contract sections 1.5, 1.6 and 4)."""

import json
import secrets
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import pytest

from tests.clients.kestra.sdk import Sdk, refusal
from tests.servers.gateway import served_gateway
from tests.servers.people import OrganizationMaker, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.kestra.services import service_token
from tests.surfaces.witness import Witness

_MODEL = "IAMInvitationControllerApiInvitationDetail"
_USER = {"firstName": "Ann", "lastName": "Example", "password": "Passw0rd!x"}


@pytest.fixture(scope="module")
def variables(apart: Apart) -> dict[str, str]:
    """The variables of a gateway whose commands are typed as well."""
    return apart()


@pytest.fixture(scope="module")
def client(sdk: Sdk, variables: dict[str, str]) -> Iterator[Sdk]:
    """The published client, that calls it."""
    with served_gateway(variables) as served:
        yield sdk.at(served.url)


def test_an_invitation_by_mail_is_used_with_a_new_account(
    client: Sdk,
    variables: dict[str, str],
    make_organization: OrganizationMaker,
    letters: KestraLetters,
    witness: Witness,
) -> None:
    acme, email = make_organization(), f"ann-{secrets.token_hex(5)}@example.test"
    group = witness.make_group()
    Inviting(variables).made(email, "--organization", acme.alias, "--group", group)
    secret = letters.invitation(email)
    refusal(client.accept(secret), 409)
    refusal(client.create(secret, **{**_USER, "password": "weak"}), 422)
    told = client.create(secret, **_USER).answer
    assert (told["id"], told["email"], told["status"]) == (secret, email, "ACCEPTED")
    (made,) = witness.accounts(email)
    assert witness.organizations(made["id"]) == {acme.alias}
    assert witness.groups(made["id"]) == {group}
    assert client.login_by_form(email, _USER["password"]).answer["username"] == email
    refusal(client.create(secret, **_USER), 409)


def test_a_service_invites_and_an_existing_person_accepts(
    client: Sdk,
    variables: dict[str, str],
    make_person: PersonMaker,
    make_organization: OrganizationMaker,
    letters: KestraLetters,
    witness: Witness,
) -> None:
    acme, person = make_organization(), make_person()
    token = service_token(variables)
    assert client.invite(acme.alias, token, email=person.email).answer is None
    refusal(client.invite(acme.alias, token, email=person.email), 409)
    refusal(client.invite(acme.alias, "x", email=person.email), 401)
    secret = letters.invitation(person.email)
    refusal(client.create(secret, **_USER), 409)
    assert client.accept(secret).answer["tenantId"] == acme.alias
    assert witness.organizations(person.id) == {acme.alias}
    other = f"bob-{secrets.token_hex(5)}@example.test"
    assert client.invite(acme.alias, token, email=other, createUserIfNotExist=True).answer is None
    assert witness.organizations(witness.accounts(other)[0]["id"]) == {acme.alias}
    refusal(client.accept("no-such-invitation"), 404)


def test_what_is_told_of_an_invitation_fits_the_client_s_own_model(
    client: Sdk,
    variables: dict[str, str],
    make_person: PersonMaker,
    make_organization: OrganizationMaker,
    witness: Witness,
) -> None:
    acme, person, email = make_organization(), make_person(), f"ann-{secrets.token_hex(5)}@example.test"
    inviting, grants = Inviting(variables), ("--realm-role", witness.make_role(), "--group", witness.make_group())
    printed = inviting.made(email, "--organization", acme.alias, *grants)
    handed = inviting.made(person.email, "--no-mail")
    (listed,) = map(json.loads, inviting("--list", "--organization", acme.alias).stdout.splitlines())
    used = [client.create(printed["id"], **_USER).answer, client.accept(handed["id"]).answer]
    for told in (printed, handed, listed, *used):
        assert _again(client.read(_MODEL, told)) == _again(told)


def _again(told: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is null, as the model does, and read its times."""
    times = {"sentAt", "expiredAt", "acceptedAt"}
    given = {name: value for name, value in told.items() if value is not None}
    return given | {name: datetime.fromisoformat(given[name]) for name in times & given.keys()}
