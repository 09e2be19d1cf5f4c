"""Signing up where everybody may (contract section 4.8)."""

import pytest

from tests.conftest import Mailbox
from tests.servers.gateway import ServedGateway
from tests.servers.people import OrganizationMaker, Person
from tests.surfaces.logged import told_of
from tests.surfaces.nap.client import Nap, login_refusal, refusal, succeeded, user_id
from tests.surfaces.nap.newcomers import PASSWORD, Letters, newcomer
from tests.surfaces.parallel import at_once
from tests.surfaces.witness import Witness


def test_a_newcomer_gets_the_account_that_was_asked_for(nap: Nap, witness: Witness) -> None:
    somebody = newcomer()
    made = user_id(nap.signup(somebody.body()))
    (account,) = witness.accounts(somebody.email)
    told = ("id", "username", "email", "firstName", "lastName", "enabled", "emailVerified", "requiredActions")
    assert {name: account.get(name) for name in told} == {
        "id": made,
        "username": somebody.email,
        "email": somebody.email,
        "firstName": "Zoë",
        "lastName": "李",
        "enabled": True,
        "emailVerified": False,
        "requiredActions": [],
    }
    assert witness.password_is(somebody.email, PASSWORD)
    assert witness.sessions(made) == set()


def test_no_mail_is_sent_and_nobody_signs_in_before_the_address_is_verified(
    nap: Nap, nap_gateway: ServedGateway, letters: Letters, mailbox: Mailbox
) -> None:
    somebody = newcomer()
    answer = nap.signup(somebody.body())
    login_refusal(nap.login(somebody.email, PASSWORD), verification=True)
    assert mailbox.count(somebody.email) == 0
    # Whatever else had been on its way would come before the mail that is asked for.
    succeeded(nap.send(somebody.email))
    letters.token(somebody.email)
    assert mailbox.count(somebody.email) == 1
    (told,) = told_of(nap_gateway, answer, "account_created")
    assert (told["outcome"], told["reason"], told["account"]) == ("done", "sign_up", user_id(answer))
    assert somebody.email not in nap_gateway.log


@pytest.mark.parametrize("spelling", [str.upper, str.title])
def test_an_address_counts_in_lower_case(nap: Nap, witness: Witness, spelling: type[str]) -> None:
    somebody = newcomer()
    made = user_id(nap.signup(somebody.body(email=spelling(somebody.email))))
    assert [each["username"] for each in witness.accounts(somebody.email)] == [somebody.email]
    refusal(nap.signup(somebody.body()), 400)
    assert [each["id"] for each in witness.accounts(somebody.email)] == [made]


@pytest.mark.parametrize("spelling", [str, str.upper])
def test_an_address_that_is_taken_is_a_400(nap: Nap, person: Person, witness: Witness, spelling: type[str]) -> None:
    somebody = newcomer()
    refusal(nap.signup(somebody.body(email=spelling(person.email))), 400)
    assert [each["id"] for each in witness.accounts(person.email)] == [person.id]
    assert witness.password_is(person.email, person.password)


@pytest.mark.parametrize(
    "changed",
    [
        *({name: None} for name in ("email", "password", "confirmPassword", "firstName", "lastName")),
        *({name: ""} for name in ("email", "password", "confirmPassword", "firstName", "lastName")),
        *({name: 1} for name in ("email", "password", "confirmPassword", "firstName", "lastName", "inviteToken")),
        {"email": "nobody"},
        {"email": "a@example.test, b@example.test"},
        {"firstName": " \t"},
        {"lastName": "\u3000"},
        {"confirmPassword": "Passw0rd!y"},
        {"password": "Passw0!", "confirmPassword": "Passw0!"},
        {"password": "Aa1!" * 8 + "x", "confirmPassword": "Aa1!" * 8 + "x"},
        {"password": "passw0rd!x", "confirmPassword": "passw0rd!x"},
        {"firstName": "<script>"},
        {"lastName": "two\r\nlines"},
        {"firstName": "n\0ul"},
        {"lastName": "x" * 256},
        {"email": "{{7*7}}@example.test"},
    ],
    ids=str,
)
def test_what_is_not_valid_is_a_400_and_makes_nobody(nap: Nap, witness: Witness, changed: dict[str, object]) -> None:
    somebody = newcomer()
    refusal(nap.signup(somebody.body(**changed)), 400)
    assert witness.accounts(somebody.email) == []


def test_a_rule_of_the_realms_policy_is_told(nap: Nap) -> None:
    body = newcomer().body(password="passw0rd!x", confirmPassword="passw0rd!x")
    assert "upper-case" in refusal(nap.signup(body), 400)


@pytest.mark.parametrize("password", ["Passw0r!", "Aa1!" * 8, "Pässw0rd-🔑", "  Passw0r!  "])
def test_a_password_of_8_to_32_characters_is_taken_as_it_is(nap: Nap, witness: Witness, password: str) -> None:
    somebody = newcomer()
    user_id(nap.signup(somebody.body(password=password, confirmPassword=password)))
    assert witness.password_is(somebody.email, password)


def test_nobody_smuggles_more_than_is_documented(nap: Nap, witness: Witness) -> None:
    somebody = newcomer()
    smuggled = {
        "emailVerified": True,
        "enabled": False,
        "userId": "00000000-0000-0000-0000-000000000000",
        "username": "root",
        "roles": ["admin"],
        "realmRoles": ["admin"],
        "groups": ["/admins"],
        "requiredActions": ["CONFIGURE_TOTP"],
    }
    made = user_id(nap.signup(somebody.body(**smuggled)))
    (account,) = witness.accounts(somebody.email)
    assert (account["id"], account["username"], account["emailVerified"]) == (made, somebody.email, False)
    assert (account["enabled"], account["requiredActions"]) == (True, [])
    ordinary = {f"default-roles-{witness.realm}"}
    assert {each["name"] for each in witness.admin.get_realm_roles_of_user(made)} == ordinary
    assert witness.admin.get_user_groups(made) == []


def test_an_invitation_is_not_even_looked_at(nap: Nap) -> None:
    user_id(nap.signup(newcomer().body(inviteToken="no-such-invitation")))


def test_everybody_joins_the_default_organization(
    nap: Nap, witness: Witness, make_organization: OrganizationMaker
) -> None:
    default = make_organization(alias="default")
    try:
        made = user_id(nap.signup(newcomer().body()))
        assert witness.organizations(made) == {"default"}
        witness.disable_organization(default.id)
        assert witness.organizations(user_id(nap.signup(newcomer().body()))) == set()
    finally:
        witness.admin.delete_organization(default.id)


def test_of_two_at_once_for_one_address_one_gets_it(nap: Nap, witness: Witness) -> None:
    somebody = newcomer()
    answers = at_once([lambda: nap.signup(somebody.body())] * 8)
    assert sorted(each.status_code for each in answers) == [200, *[400] * 7]
    (account,) = witness.accounts(somebody.email)
    assert [user_id(each) for each in answers if each.is_success] == [account["id"]]
