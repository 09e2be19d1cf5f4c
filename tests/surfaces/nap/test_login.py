"""Log in (contract section 4.1)."""

import secrets
from datetime import UTC, datetime

import pytest

from tests.servers.generators import KEY
from tests.servers.people import Person, PersonMaker
from tests.surfaces.nap.client import LOGIN, Nap, flow_id, login_refusal, refusal, tokens, unwrapped
from tests.surfaces.nap.people import Members, flow_ids_are_unguessable
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.witness import Witness, claims

_WRONG = "Wr0ng!word"


def test_a_right_password_gives_the_wrapped_tokens_of_one_session(nap: Nap, person: Person, witness: Witness) -> None:
    answer = nap.login(person.email, person.password)
    told = tokens(answer)
    assert answer.json().keys() == {"message", "requireEmailVerification", "tokens"}
    assert answer.json()["requireEmailVerification"] is False
    access = claims(unwrapped(told["session_token"]))
    assert access["sub"] == person.id
    assert witness.sessions(person.id) == {told["session_id"]} == {access["sid"]}
    assert witness.refreshes(unwrapped(told["refresh_token"]))


def test_expiries_are_those_of_the_tokens(nap: Nap, person: Person) -> None:
    told = nap.signed_in(person.email, person.password)
    for kind in ("session", "refresh"):
        expiry = told[f"{kind}_token_expiry"]
        assert expiry == _moment(claims(unwrapped(told[f"{kind}_token"]))["exp"])


@pytest.mark.parametrize("spelling", [str.upper, str.title])
def test_the_case_of_an_address_does_not_matter(nap: Nap, person: Person, spelling: object) -> None:
    assert callable(spelling)
    assert (
        claims(unwrapped(nap.signed_in(spelling(person.email), person.password)["session_token"]))["sub"] == person.id
    )


@pytest.mark.parametrize("password", ["  Pässw0rd! 李  ", "Pässw0rd-🔑"])
def test_a_password_is_passed_on_unchanged(nap: Nap, make_person: PersonMaker, password: str) -> None:
    person, coded = make_person(password=password), make_person(password=password, totp=KEY)
    tokens(nap.login(person.email, password))
    flow_id(nap.login(coded.email, password))
    for each in (person, coded):
        for changed in {password.strip(), f"{password} ", password.lower()} - {password}:
            refusal(nap.login(each.email, changed), 401)


def test_two_logins_are_two_sessions(nap: Nap, person: Person, witness: Witness) -> None:
    ids = {nap.signed_in(person.email, person.password)["session_id"] for _ in range(2)}
    assert len(ids) == 2
    assert witness.sessions(person.id) == ids


def test_without_organizations_membership_does_not_matter(nap: Nap, members: Members) -> None:
    for count in (0, 1, 2):
        told = nap.signed_in(*members(count).credentials)
        assert "organization" not in claims(unwrapped(told["session_token"]))


def test_who_may_not_sign_in_is_told_nothing(nap: Nap, make_person: PersonMaker, witness: Witness) -> None:
    person, disabled, without = make_person(), make_person(enabled=False), make_person(password=None)
    locked = make_person()
    for _ in range(5):
        refusal(nap.login(locked.email, _WRONG), 401)
    answers = [
        nap.login(person.email, _WRONG),
        nap.login("nobody-at-all@example.test", _WRONG),
        nap.login(disabled.email, disabled.password),
        nap.login(without.email, _WRONG),
        nap.login(locked.email, locked.password),
        nap.login(person.email, "x" * 10_000),
        nap.login(person.email, "\x01\x1b[31m"),
    ]
    for answer in answers:
        refusal(answer, 401)
        assert answer.content == answers[0].content
        assert sorted(answer.headers) == sorted(answers[0].headers)
    assert not witness.sessions(person.id) | witness.sessions(locked.id)


def test_details_are_told_after_the_right_password_only(nap: Nap, tenants: Nap, make_person: PersonMaker) -> None:
    for options in ({"email_verified": False}, {"required_actions": ["UPDATE_PASSWORD"]}, {"totp": KEY}):
        person = make_person(**options)
        refusal(nap.login(person.email, _WRONG), 401)
        refusal(tenants.login(person.email, _WRONG), 401)


def test_an_address_that_is_not_verified_is_a_403(nap: Nap, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person(email_verified=False)
    login_refusal(nap.login(person.email, person.password), verification=True)
    assert not witness.sessions(person.id)


@pytest.mark.parametrize(
    ("organizations", "factor"), [(1, {"totp": KEY}), (2, {}), (2, {"totp": KEY})], ids=["code", "choice", "both"]
)
def test_an_unverified_address_goes_before_organizations_and_a_second_factor(
    nap: Nap, tenants: Nap, members: Members, witness: Witness, organizations: int, factor: dict[str, str]
) -> None:
    member = members(organizations, email_verified=False, **factor)
    for served in (nap, tenants):
        login_refusal(served.login(*member.credentials), verification=True)
    assert not witness.sessions(member.person.id)


def test_a_realm_that_demands_verified_addresses_makes_no_difference(
    nap: Nap, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person(email_verified=False)
    with witness.realm_with(verifyEmail=True):
        login_refusal(nap.login(person.email, person.password), verification=True)


def test_an_action_that_is_due_is_another_403(nap: Nap, make_person: PersonMaker, witness: Witness) -> None:
    person = make_person(required_actions=["UPDATE_PASSWORD"])
    login_refusal(nap.login(person.email, person.password), verification=False)
    assert not witness.sessions(person.id)


def test_an_unverified_address_goes_before_an_action(nap: Nap, make_person: PersonMaker) -> None:
    person = make_person(email_verified=False, required_actions=["UPDATE_PASSWORD"])
    login_refusal(nap.login(person.email, person.password), verification=True)


@pytest.mark.parametrize("organizations", [0, 1, 2])
def test_an_action_goes_before_the_organizations(
    tenants: Nap, members: Members, witness: Witness, organizations: int
) -> None:
    member = members(organizations, required_actions=["UPDATE_PASSWORD"])
    answer = tenants.login(*member.credentials)
    login_refusal(answer, verification=False)
    assert answer.json()["message"] == "The account needs an action first"
    assert not witness.sessions(member.person.id)


def test_a_member_of_no_organization_is_a_403(tenants: Nap, members: Members, witness: Witness) -> None:
    member = members(0)
    login_refusal(tenants.login(*member.credentials), verification=False)
    assert not witness.sessions(member.person.id)


def test_an_organization_that_is_switched_off_does_not_count(tenants: Nap, members: Members, witness: Witness) -> None:
    member = members(2)
    off, kept = member.organizations
    witness.disable_organization(off.id)
    told = tokens(tenants.login(*member.credentials))
    assert claims(unwrapped(told["session_token"]))["organization"] == [kept.alias]
    witness.disable_organization(kept.id)
    login_refusal(tenants.login(*member.credentials), verification=False)


def test_the_tokens_of_a_member_of_one_organization_are_for_that_one(tenants: Nap, members: Members) -> None:
    member = members(1)
    told = tokens(tenants.login(*member.credentials))
    for token in ("session_token", "refresh_token"):
        assert f"organization:{member.organizations[0].alias}" in claims(unwrapped(told[token]))["scope"]
    assert claims(unwrapped(told["session_token"]))["organization"] == [member.organizations[0].alias]


def test_a_member_of_two_organizations_gets_a_flow_and_no_session(
    tenants: Nap, members: Members, witness: Witness
) -> None:
    member = members(2)
    assert flow_ids_are_unguessable(flow_id(tenants.login(*member.credentials)))
    assert not witness.sessions(member.person.id)


@pytest.mark.parametrize("organizations", [0, 1, 2])
def test_a_second_factor_is_never_skipped(
    nap: Nap, tenants: Nap, members: Members, witness: Witness, organizations: int
) -> None:
    member = members(organizations, totp=KEY)
    flow_id(nap.login(*member.credentials))
    if organizations:
        flow_id(tenants.login(*member.credentials))
    else:
        login_refusal(tenants.login(*member.credentials), verification=False)
    assert not witness.sessions(member.person.id)


def test_every_login_has_a_flow_of_its_own(tenants: Nap, members: Members) -> None:
    member = members(2)
    assert flow_id(tenants.login(*member.credentials)) != flow_id(tenants.login(*member.credentials))


@pytest.mark.parametrize("name", ["email", "password"])
@pytest.mark.parametrize("value", [None, "", 1, True, [], {}])
def test_a_member_that_is_missing_or_of_another_type_is_a_400(nap: Nap, name: str, value: object) -> None:
    body = {"email": "nobody@example.test", "password": "x", name: value}
    refusal(nap.post(LOGIN, body), 400)
    del body[name]
    refusal(nap.post(LOGIN, body), 400)


@pytest.mark.parametrize(
    "address",
    [
        *("x", "x@", "@x", "a b@example.test", "a@b@c.test", "a@b.test\n", "x" * 251 + "@b.c"),
        *("a@b..c", "a@-b.c", ".a@b.c", '"a"@b.c', "a\\b@b.c"),
    ],
)
def test_what_is_no_address_is_a_400(nap: Nap, address: str) -> None:
    refusal(nap.login(address, "x"), 400)


def test_an_account_that_no_mail_goes_to_signs_in_where_any_address_is_taken(
    nap: Nap, make_person: PersonMaker
) -> None:
    name = f"person-{secrets.token_hex(5)}"
    person = make_person(username=name, email=f'"{name}"@example.test')
    refusal(nap.login(person.email, person.password), 400)
    assert Pipeshub(nap.http).sign_in(person.email, person.password)


def test_where_to_return_to_may_have_2048_characters(nap: Nap, person: Person) -> None:
    tokens(nap.login(person.email, person.password, flowReturnTo="x" * 2048))
    refusal(nap.login(person.email, person.password, flowReturnTo="x" * 2049), 400)
    refusal(nap.login(person.email, person.password, flowReturnTo=1), 400)


def test_further_members_change_nothing(nap: Nap, person: Person, make_person: PersonMaker) -> None:
    other = make_person()
    further = {"userId": other.id, "scope": "offline_access", "orgId": "x", "code": "1", "requireEmailVerification": 1}
    told = tokens(nap.login(person.email, person.password, **further))
    access = claims(unwrapped(told["session_token"]))
    assert access["sub"] == person.id
    assert "offline_access" not in access["scope"].split()


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
