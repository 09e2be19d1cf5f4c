"""What is told of everything that is done or refused here (security S49)."""

import re
from collections.abc import Callable
from functools import partial

import httpx
import pytest

from tests.servers.gateway import ServedGateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.counted import security_events
from tests.surfaces.logged import told_of
from tests.surfaces.nap.client import Nap, flow_id, succeeded, tokens, user_id
from tests.surfaces.nap.newcomers import Letters, newcomer
from tests.surfaces.nap.people import Members
from tests.surfaces.parallel import at_once
from tests.surfaces.witness import Witness

_DIGEST = re.compile(r"[0-9a-f]{12}")
_ROUNDS = 5

Told = tuple[str, str | None, str]
"""Outcome, reason and account."""


def _told(gateway: ServedGateway, answer: httpx.Response, event: str) -> Told:
    """Read the one event of a kind that an answer's own request brought about."""
    (told,) = told_of(gateway, answer, event)
    assert (told["surface"], told["address"]) == ("nap", "127.0.0.1")
    return told["outcome"], told["reason"], told["account"]


def _told_and_counted(
    gateway: ServedGateway, call: Callable[[], httpx.Response], event: str, reason: str, status: int
) -> str:
    """Demand that a call is refused, told and counted; return whom that is told of."""
    labels = {"outcome": "refused", "reason": reason, "surface": "nap"}
    before = security_events(gateway, event, **labels)
    answer = call()
    assert answer.status_code == status, answer.text
    outcome, why, account = _told(gateway, answer, event)
    assert (outcome, why) == ("refused", reason)
    assert security_events(gateway, event, **labels) == before + 1
    return account


def test_a_sign_in_is_told_at_its_steps_and_at_its_end(
    tenants: Nap, tenants_gateway: ServedGateway, members: Members
) -> None:
    member, chooser = members(1), members(2)
    answer = tenants.login(*member.credentials)
    tokens(answer)
    assert _told(tenants_gateway, answer, "sign_in") == ("done", None, member.person.id)
    answer = tenants.login(*chooser.credentials)
    begun = flow_id(answer)
    assert _told(tenants_gateway, answer, "sign_in_step") == ("done", "password", chooser.person.id)
    assert told_of(tenants_gateway, answer, "sign_in") == []
    answer = tenants.complete(begun, orgId=chooser.organizations[0].id)
    tokens(answer)
    assert _told(tenants_gateway, answer, "sign_in") == ("done", None, chooser.person.id)


@pytest.mark.parametrize(
    ("organizations", "options", "reason"),
    [
        (1, {"email_verified": False}, "address_not_verified"),
        (1, {"required_actions": ["UPDATE_PASSWORD"]}, "action_required"),
        (0, {}, "no_organization"),
    ],
)
def test_a_right_password_that_does_not_sign_in_is_told(
    tenants: Nap,
    tenants_gateway: ServedGateway,
    members: Members,
    organizations: int,
    options: dict[str, object],
    reason: str,
) -> None:
    member = members(organizations, **options)
    account = _told_and_counted(tenants_gateway, lambda: tenants.login(*member.credentials), "sign_in", reason, 403)
    assert account == member.person.id


@pytest.mark.parametrize("change", ["left", "deleted"])
def test_a_flow_whose_account_has_changed_is_told(
    tenants: Nap, tenants_gateway: ServedGateway, members: Members, witness: Witness, change: str
) -> None:
    member = members(2)
    chosen = member.organizations[0].id
    begun = flow_id(tenants.login(*member.credentials))
    if change == "left":
        witness.leave(member.person.id, chosen)
    else:
        witness.admin.delete_user(member.person.id)
    account = _told_and_counted(
        tenants_gateway, lambda: tenants.complete(begun, orgId=chosen), "sign_in", "changed", 401
    )
    assert account == member.person.id


def test_a_flow_that_another_has_finished_meanwhile_is_told(
    tenants: Nap, tenants_gateway: ServedGateway, members: Members
) -> None:
    member, late = members(2), list[httpx.Response]()
    # Who comes when all is over finds no flow, and nothing is told of him: in one round that may be everybody.
    for _ in range(_ROUNDS):
        begun = flow_id(tenants.login(*member.credentials))
        answers = at_once([partial(tenants.complete, begun, orgId=member.organizations[0].id)] * 12)
        assert sorted(each.status_code for each in answers) == [200] + [400] * 11
        late += [each for each in answers if each.status_code == 400 and told_of(tenants_gateway, each, "sign_in")]
        if late:
            break
    assert {_told(tenants_gateway, each, "sign_in") for each in late} == {("refused", "finished", member.person.id)}


def test_a_sign_up_is_told(nap: Nap, nap_gateway: ServedGateway) -> None:
    answer = nap.signup(newcomer().body())
    assert _told(nap_gateway, answer, "account_created") == ("done", "sign_up", user_id(answer))


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"email": "{taken}"}, "address_taken"),
        ({"firstName": "<b>"}, "person"),
        ({"password": "passw0rd!x", "confirmPassword": "passw0rd!x"}, "password"),
    ],
)
def test_a_sign_up_that_keycloak_refuses_is_told(
    nap: Nap, nap_gateway: ServedGateway, person: Person, changed: dict[str, str], reason: str
) -> None:
    body = newcomer().body(**{name: each.format(taken=person.email) for name, each in changed.items()})
    account = _told_and_counted(nap_gateway, lambda: nap.signup(body), "account_created", reason, 400)
    assert _DIGEST.fullmatch(account)


def test_a_sign_up_that_nothing_lets_in_is_told(tenants: Nap, tenants_gateway: ServedGateway) -> None:
    body = newcomer().body(inviteToken="no-such-invitation")
    account = _told_and_counted(tenants_gateway, lambda: tenants.signup(body), "account_created", "invitation", 401)
    assert _DIGEST.fullmatch(account)


def test_a_verification_and_its_mail_are_told(
    nap: Nap, nap_gateway: ServedGateway, letters: Letters, make_person: PersonMaker
) -> None:
    person = make_person(email_verified=False)
    answer = nap.send(person.email)
    succeeded(answer)
    assert _told(nap_gateway, answer, "verification_mail") == ("done", None, person.id)
    token = letters.token(person.email)
    answer = nap.verify(token)
    succeeded(answer)
    assert _told(nap_gateway, answer, "address_verified") == ("done", None, person.id)
    used = _told_and_counted(nap_gateway, lambda: nap.verify(token), "address_verified", "link", 400)
    assert used == "none"


def test_a_sign_out_is_told(nap: Nap, nap_gateway: ServedGateway, person: Person) -> None:
    for kind in ("session_token", "refresh_token"):
        held = nap.signed_in(person.email, person.password)
        answer = nap.logout(**{kind: held[kind]})
        succeeded(answer)
        assert _told(nap_gateway, answer, "sign_out") == ("done", None, person.id)


def test_a_sign_out_that_is_refused_is_told(nap: Nap, nap_gateway: ServedGateway) -> None:
    account = _told_and_counted(nap_gateway, lambda: nap.logout("garbage", "garbage"), "sign_out", "expired", 401)
    assert account == "none"
