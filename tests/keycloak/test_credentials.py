from collections.abc import Iterator

import pytest

from gateway.domain.errors import AccountNotFound, CredentialsRefused, PasswordRefused, Unavailable
from gateway.keycloak.realm import Realm
from tests.keycloak.people import PersonMaker, RealmUnderTest

UNKNOWN = "00000000-0000-0000-0000-000000000000"
NEW = "An0ther!Password"


@pytest.fixture
def policy(realm: RealmUnderTest) -> Iterator[str]:
    """Put the realm's own policy back afterwards."""
    before = (realm.admin.get_realm(realm.name) or {})["passwordPolicy"]
    yield before
    realm.admin.update_realm(realm.name, {"passwordPolicy": before})


async def test_new_password_works_for_good_and_the_old_one_does_not(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    await keycloak.credentials.set_password(person.id, NEW)
    assert await keycloak.tokens.sign_in(person.username, NEW, offline=False) is not None
    with pytest.raises(CredentialsRefused):
        await keycloak.tokens.sign_in(person.username, person.password, offline=False)
    assert realm.admin.get_user(person.id)["requiredActions"] == []


@pytest.mark.parametrize("password", ["Pässwörd1!", "Passw0rd!😀e\u0301", " Passw0rd! ", "Passw0rd!\0x"])
async def test_password_is_set_unchanged(keycloak: Realm, make_person: PersonMaker, password: str) -> None:
    person = make_person(password=None)
    await keycloak.credentials.set_password(person.id, password)
    await keycloak.factors.check_password(person.username, password)


@pytest.mark.parametrize(
    ("password", "rule"),
    [
        ("", "The new password must not be empty"),
        ("Sh0rt!", "The new password must have at least 8 characters"),
        ("all-lower-case-1", "The new password must contain upper-case letters, at least 1"),
        ("ALL-UPPER-CASE-1", "The new password must contain lower-case letters, at least 1"),
        ("No-Digits-Here", "The new password must contain digits, at least 1"),
        ("NoSpecialChars1", "The new password does not have the form that is demanded of passwords"),
        ("Lone\ud800Surrogate1!", "The new password does not fulfil the rules for passwords"),
    ],
)
async def test_rule_of_the_realm_that_is_broken_is_told_in_our_words(
    keycloak: Realm, make_person: PersonMaker, password: str, rule: str
) -> None:
    person = make_person()
    with pytest.raises(PasswordRefused) as refusal:
        await keycloak.credentials.set_password(person.id, password)
    assert refusal.value.rule == rule
    await keycloak.factors.check_password(person.username, person.password)


@pytest.mark.parametrize(
    ("rules", "password", "rule"),
    [
        ("maxLength(12)", "x" * 13, "The new password must have at most 12 characters"),
        ("specialChars(2)", "only-one", "The new password must contain special characters, at least 2"),
        ("notUsername", "{username}", "The new password must not be the user name"),
        ("notContainsUsername", "my-{username}", "The new password must not contain the user name"),
        ("notEmail", "{email}", "The new password must not be the e-mail address"),
        ("passwordHistory(3)", "{password}", "The new password must differ from the last 3"),
    ],
)
@pytest.mark.usefixtures("policy")
async def test_other_rules_of_keycloak_are_told_as_well(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker, rules: str, password: str, rule: str
) -> None:
    person = make_person()
    realm.admin.update_realm(realm.name, {"passwordPolicy": rules})
    typed = password.format(username=person.username, email=person.email, password=person.password)
    with pytest.raises(PasswordRefused) as refusal:
        await keycloak.credentials.set_password(person.id, typed)
    assert refusal.value.rule == rule


async def test_required_action_of_a_temporary_password_ends(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    realm.admin.set_user_password(person.id, person.password, temporary=True)
    await keycloak.credentials.set_password(person.id, NEW)
    assert realm.admin.get_user(person.id)["requiredActions"] == []


@pytest.mark.parametrize("account_id", [UNKNOWN, "", "../users", f"{UNKNOWN}/..", f"{UNKNOWN}?x"])
async def test_unknown_account_is_not_found(keycloak: Realm, account_id: str) -> None:
    with pytest.raises(AccountNotFound):
        await keycloak.credentials.set_password(account_id, NEW)


async def test_what_is_no_id_is_not_found_without_asking(unreachable: Realm) -> None:
    with pytest.raises(AccountNotFound):
        await unreachable.credentials.set_password("../users", NEW)


async def test_keycloak_that_is_not_there_is_unavailable(unreachable: Realm) -> None:
    with pytest.raises(Unavailable):
        await unreachable.credentials.set_password(UNKNOWN, NEW)


async def test_who_can_prove_nothing_has_nothing(keycloak: Realm, make_person: PersonMaker) -> None:
    assert not await keycloak.credentials.has_any(make_person(password=None).id)
    assert await keycloak.credentials.has_any(make_person().id)
    assert await keycloak.credentials.has_any(make_person(password=None, factors=["webauthn-passwordless"]).id)
    assert not await keycloak.credentials.has_any(UNKNOWN)
