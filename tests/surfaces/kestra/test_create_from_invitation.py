"""Accounts made by invitation (contract section 1.5)."""

import json
import secrets
import string
import time
from datetime import UTC, datetime

import httpx
import pytest

from tests.conftest import Mailbox
from tests.servers.people import Organization, OrganizationMaker, PersonMaker
from tests.servers.waiting import until
from tests.surfaces.inviting import Inviting, an_address
from tests.surfaces.kestra.client import JSON, Kestra, invitation, refusal, tokens
from tests.surfaces.kestra.conftest import IsUsed
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.parallel import at_once, undisturbed
from tests.surfaces.witness import Witness

PASSWORD = "Passw0rd!x"
_AT_ONCE = 50


def test_a_mailed_invitation_makes_an_account_that_is_in_everything_and_signs_in(
    kestra: Kestra, inviting: Inviting, letters: KestraLetters, witness: Witness, acme: Organization
) -> None:
    email, roles, groups = an_address(), witness.make_roles(2), witness.make_groups(2)
    options = ["--organization", acme.alias, "--role", "admin"]
    for role, group in zip([*roles, roles[0]], [*groups, groups[0]], strict=True):
        options += ["--realm-role", role, "--group", group]
    printed = inviting.made(email.title(), *options)
    assert "link" not in printed
    secret = letters.invitation(email)
    assert printed["id"] == secret
    told = invitation(kestra.create(secret, firstName=" Zoë ", lastName="李\u3000"))
    assert told == {**{name: each for name, each in printed.items() if name != "role"}, **_now(told)}
    assert (told["id"], told["email"], told["tenantId"], told["status"]) == (secret, email, acme.alias, "ACCEPTED")
    assert [each["name"] for each in told["roles"]] == roles
    assert [each["id"] for each in told["groups"]] == groups
    assert datetime.fromisoformat(told["sentAt"]) <= datetime.fromisoformat(told["acceptedAt"])
    (made,) = witness.accounts(email)
    assert (made["username"], made["email"], made["enabled"], made["emailVerified"]) == (email, email, True, True)
    assert (made["firstName"], made["lastName"]) == ("Zoë", "李")
    assert witness.organizations(made["id"]) == {acme.alias}
    assert witness.organization_groups(made["id"], acme.id) == {"admins"}
    assert witness.realm_roles(made["id"]) >= set(roles)
    assert witness.groups(made["id"]) == set(groups)
    assert witness.sessions(made["id"]) == set()
    assert tokens(kestra.login(email, PASSWORD))["username"] == email


def _now(told: dict[str, object]) -> dict[str, object]:
    """Tell what is new once an invitation is used."""
    assert abs(datetime.fromisoformat(str(told["acceptedAt"])) - datetime.now(UTC)).total_seconds() < 120  # noqa: TID251 - compared with the gateway's clock
    return {"status": "ACCEPTED", "acceptedAt": told["acceptedAt"]}


def test_an_address_whose_invitation_was_handed_over_is_not_verified(
    kestra: Kestra, inviting: Inviting, mailbox: Mailbox, witness: Witness
) -> None:
    email = an_address()
    printed = inviting.made(email, "--no-mail")
    assert printed["link"] == f"https://front.example/ui/invitation/{printed['id']}"
    told = invitation(kestra.create(printed["id"]))
    assert "link" not in told
    assert (told["sentAt"], told["tenantId"], told["roles"], told["groups"]) == (None, None, [], [])
    (made,) = witness.accounts(email)
    assert made["emailVerified"] is False
    assert witness.organizations(made["id"]) == set()
    assert mailbox.count(email) == 0


def test_the_mail_names_the_organization_and_the_day(
    inviting: Inviting, letters: KestraLetters, mailbox: Mailbox, make_organization: OrganizationMaker
) -> None:
    # Without digits: no mail repeats a name that could be taken for a code.
    acme = make_organization(alias="".join(secrets.choice(string.ascii_lowercase) for _ in range(12)))
    email = an_address()
    printed = inviting.made(email, "--organization", acme.alias, "--expires", "P2D")
    letters.invitation(email)
    for part in ("plain", "html"):
        text = mailbox.text(email, part=part)
        assert acme.name in text
        assert printed["expiredAt"][:10] in text


@pytest.mark.parametrize("name", ["no-such-invitation", "..%2e", "%2e%2e", "x" * 5000, "a%2Fb", "%FF", "%00", ""])
@pytest.mark.parametrize("kind", ["create", "accept"])
def test_what_is_no_invitation_is_not_found(kestra: Kestra, name: str, kind: str) -> None:
    answer = kestra.http.request(
        "POST",
        "/",
        content=json.dumps({"firstName": "A", "lastName": "B", "password": PASSWORD}),
        headers=JSON,
        extensions={"target": f"/api/v1/invitation/{kind}/{name}".encode()},
    )
    refusal(answer, 404)


def test_a_reset_token_is_no_invitation_and_the_other_way_round(
    kestra: Kestra, inviting: Inviting, letters: KestraLetters, make_person: PersonMaker
) -> None:
    person, secret = make_person(), inviting.made(an_address(), "--no-mail")["id"]
    assert kestra.forgot(person.email).is_success
    link = letters.token(person)
    refusal(kestra.create(link), 404)
    refusal(kestra.accept(link), 404)
    refusal(kestra.reset(secret, "An0ther!word"), 404)
    invitation(kestra.create(secret))


def test_a_revoked_invitation_is_not_found(kestra: Kestra, inviting: Inviting, witness: Witness) -> None:
    email = an_address()
    secret = inviting.made(email, "--no-mail")["id"]
    revoked = inviting("--revoke", secret)
    assert revoked.returncode == 0, revoked.stderr
    refusal(kestra.create(secret), 404)
    refusal(kestra.accept(secret), 404)
    assert witness.accounts(email) == []


def test_an_expired_invitation_is_gone(kestra: Kestra, inviting: Inviting, witness: Witness) -> None:
    email = an_address()
    secret = inviting.made(email, "--no-mail", "--expires", "1")["id"]
    time.sleep(1.2)
    refusal(kestra.create(secret), 410)
    refusal(kestra.accept(secret), 410)
    refusal(kestra.create(secret, firstName=""), 410)
    assert witness.accounts(email) == []


def test_an_invitation_works_once(kestra: Kestra, inviting: Inviting, witness: Witness) -> None:
    email = an_address()
    secret = inviting.made(email)["id"]
    invitation(kestra.create(secret))
    refusal(kestra.create(secret), 409)
    refusal(kestra.accept(secret), 409)
    assert len(witness.accounts(email)) == 1


@pytest.mark.parametrize("by", ["email", "username"])
def test_a_taken_address_is_told_before_fields_and_leaves_the_invitation(
    kestra: Kestra, inviting: Inviting, make_person: PersonMaker, witness: Witness, by: str
) -> None:
    email = an_address()
    taken = make_person(email=email) if by == "email" else make_person(username=email, email=f"other-{email}")
    secret = inviting.made(email, "--no-mail")["id"]
    refusal(kestra.create(secret), 409)
    refusal(kestra.create(secret, firstName=""), 409)
    witness.admin.delete_user(taken.id)
    invitation(kestra.create(secret))


def test_of_fifty_at_once_one_makes_the_account(kestra: Kestra, inviting: Inviting, witness: Witness) -> None:
    def race() -> list[httpx.Response]:
        email = an_address()
        secret = inviting.made(email, "--no-mail")["id"]
        answers = at_once([lambda: kestra.create(secret)] * _AT_ONCE)
        if any(each.is_success for each in answers):
            assert len(witness.accounts(email)) == 1
        return answers

    assert sorted(each.status_code for each in undisturbed(race)) == [200] + [409] * (_AT_ONCE - 1)


@pytest.mark.parametrize("is_gone", [True, False], ids=["deleted", "disabled"])
def test_an_organization_that_has_gone_is_a_conflict_and_leaves_the_invitation(
    kestra: Kestra,
    inviting: Inviting,
    witness: Witness,
    acme: Organization,
    is_used: IsUsed,
    *,
    is_gone: bool,
) -> None:
    email = an_address()
    secret = inviting.made(email, "--organization", acme.alias, "--no-mail")["id"]
    if is_gone:
        witness.admin.delete_organization(acme.id)
    else:
        witness.disable_organization(acme.id)
    refusal(kestra.create(secret), 409)
    assert (witness.accounts(email), is_used(secret)) == ([], False)
    if not is_gone:
        witness.enable_organization(acme.id)
        invitation(kestra.create(secret))
        assert is_used(secret)


@pytest.mark.parametrize("kind", ["role", "group"])
def test_a_role_or_group_that_has_gone_is_a_conflict_and_leaves_nobody(
    kestra: Kestra, inviting: Inviting, witness: Witness, kind: str
) -> None:
    email = an_address()
    name = witness.make_role() if kind == "role" else witness.make_group()
    secret = inviting.made(email, "--no-mail", "--realm-role" if kind == "role" else "--group", name)["id"]
    if kind == "role":
        witness.admin.delete_realm_role(name)
    else:
        witness.admin.delete_group(name)
    refusal(kestra.create(secret), 409)
    until(lambda: not witness.accounts(email))
