"""What an operator types: `gateway invite` (contract section 4.8)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from devstack.children import free_port
from tests.conftest import Mailbox
from tests.servers.people import Organization
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting
from tests.surfaces.kestra.client import Kestra
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.kestra.services import service_token
from tests.surfaces.nap.client import Nap, refusal, user_id
from tests.surfaces.nap.newcomers import newcomer
from tests.surfaces.witness import Witness


def test_invitations_are_made_listed_and_revoked(tenants: Nap, inviting: Inviting, acme: Organization) -> None:
    somebody, other = newcomer(), newcomer()
    options = ("--organization", acme.alias, "--role", "admin", "--expires", "3600", "--no-mail")
    told = inviting.made(somebody.email.upper(), *options)
    secret, link = told["id"], told.pop("link")
    assert len(secret) == 43
    assert told["email"] == somebody.email
    assert (told["tenantId"], told["role"], told["status"]) == (acme.alias, "admin", "PENDING")
    assert link == f"https://front.example/ui/invitation/{secret}"
    assert abs(_lasts(told) - timedelta(hours=1)) < timedelta(minutes=2)
    token = inviting.token(other.email, acme.alias)
    first, second = map(json.loads, inviting("--list", "--organization", acme.alias).stdout.splitlines())
    assert (first, second["email"], second["role"]) == ({**told, "id": None}, other.email, "member")
    revoked = inviting(somebody.email, "--organization", acme.alias, "--revoke")
    assert (revoked.returncode, revoked.stdout) == (0, f"revoked: {somebody.email}\n"), revoked.stderr
    refusal(tenants.signup(somebody.body(inviteToken=secret)), 401)
    user_id(tenants.signup(other.body(inviteToken=token)))
    (left,) = map(json.loads, inviting("--list", "--organization", acme.alias).stdout.splitlines())
    assert (left["email"], left["status"]) == (other.email, "ACCEPTED")
    assert not [each for each in (secret, token) if each in revoked.stderr + str(left)]


def test_an_invitation_is_good_for_seven_days_unless_that_is_said(inviting: Inviting, acme: Organization) -> None:
    told = inviting.made(newcomer().email, "--organization", acme.alias, "--no-mail")
    assert abs(_lasts(told) - timedelta(days=7)) < timedelta(minutes=2)


def test_an_invitation_to_no_organization_lets_in_nobody_who_would_have_to_sign_in_to_one(
    tenants: Nap, inviting: Inviting, witness: Witness
) -> None:
    somebody = newcomer()
    secret = inviting.made(somebody.email, "--no-mail")["id"]
    refusal(tenants.signup(somebody.body(inviteToken=secret)), 401)
    assert witness.accounts(somebody.email) == []
    assert Kestra(tenants.http).create(secret).is_success
    assert len(witness.accounts(somebody.email)) == 1


def test_a_service_s_invitation_gives_everything_here_and_is_used_on_the_other_surface_too(
    tenants: Nap, tenants_variables: Mapping[str, str], mailbox: Mailbox, witness: Witness, acme: Organization
) -> None:
    somebody, role, group, page = newcomer(), witness.make_role(), witness.make_group(), Kestra(tenants.http)
    path, service = witness.admin.get_group(group)["path"], service_token(tenants_variables)
    assert page.invite(acme.alias, service, email=somebody.email, roles=[{"id": role}], groups=[path]).is_success
    secret = KestraLetters(mailbox).invitation(somebody.email)
    made = user_id(tenants.signup(somebody.body(inviteToken=secret)))
    assert witness.organizations(made) == {acme.alias}
    assert witness.groups(made) == {group}
    assert role in witness.realm_roles(made)
    assert page.create(secret).status_code == httpx.codes.CONFLICT
    assert [each["id"] for each in witness.accounts(somebody.email)] == [made]


def test_whom_may_be_said_as_an_option_as_well(tenants: Nap, inviting: Inviting, acme: Organization) -> None:
    somebody = newcomer()
    told = inviting.made("--email", somebody.email, "--organization", acme.alias, "--no-mail")
    user_id(tenants.signup(somebody.body(inviteToken=told["id"])))
    revoked = inviting("--email", somebody.email, "--organization", acme.alias, "--revoke")
    assert (revoked.returncode, revoked.stdout) == (4, "")


def _lasts(told: Mapping[str, Any]) -> timedelta:
    return datetime.fromisoformat(told["expiredAt"]) - datetime.now(UTC)  # noqa: TID251 - compared with Redis' clock


def test_a_second_invitation_takes_the_place_of_the_first_only_if_that_is_said(
    tenants: Nap, inviting: Inviting, acme: Organization
) -> None:
    somebody = newcomer()
    first = inviting.token(somebody.email, acme.alias)
    again = inviting(somebody.email, "--organization", acme.alias)
    assert (again.returncode, again.stdout) == (3, "")
    assert "--replace" in again.stderr
    second = inviting.token(somebody.email, acme.alias, "--replace")
    refusal(tenants.signup(somebody.body(inviteToken=first)), 401)
    user_id(tenants.signup(somebody.body(inviteToken=second)))


def test_what_has_become_of_an_invitation_is_told(
    inviting: Inviting, nap_apart: Apart, tenants_variables: Mapping[str, str], acme: Organization
) -> None:
    email, options = newcomer().email, ("--organization", acme.alias)
    mailless = Inviting({**tenants_variables, "GATEWAY_MAIL__PORT": str(free_port())})
    assert mailless.told(email, *options) == [("failed", "mail")]
    assert inviting.told(email, *options, "--no-mail") == [("done", "made")]
    assert inviting.told(email, *options) == [("refused", "pending")]
    assert inviting.told(email, *options, "--revoke") == [("done", "revoked")]
    sparing = Inviting(nap_apart(LIMITS__MAILS_PER_MAILBOX="1"))
    assert sparing.told(email, *options) == [("done", "made")]
    assert sparing.told(email, *options, "--replace") == [("refused", "limit")]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("nobody", "--organization", "{}"), 2),
        (("", "--organization", "{}"), 2),
        (("a@b..c", "--organization", "{}", "--no-mail"), 2),
        (("a@example.test", "--email", "b@example.test", "--organization", "{}"), 2),
        (("a@example.test", "--organization", "{}", "--role", "king"), 2),
        (("a@example.test", "--organization", "{}", "--expires", "0"), 2),
        (("a@example.test", "--organization", "{}", "--expires", "P31D"), 2),
        (("a@example.test", "--organization", "{}", "--expires", "soon"), 2),
        (("a@example.test", "--organization", "{}", "--realm-role", "no-such-role"), 4),
        (("a@example.test", "--organization", "{}", "--group", "/no/such/group"), 4),
        (("a@example.test", "--organization", "{}", "--group", "/../users"), 4),
        (("no-such-invitation", "--revoke"), 4),
        (("--list", "--revoke", "--organization", "{}"), 2),
        (("a@example.test", "--organization", "no-such-organization"), 4),
        (("--list", "--organization", "no-such-organization"), 4),
        (("a@example.test", "--organization", "{}", "--revoke"), 4),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_said_and_not_done(
    inviting: Inviting, acme: Organization, arguments: tuple[str, ...], code: int
) -> None:
    done = inviting(*(each.format(acme.alias) for each in arguments))
    assert (done.returncode, done.stdout) == (code, "")
    assert done.stderr
    assert "Traceback" not in done.stderr
