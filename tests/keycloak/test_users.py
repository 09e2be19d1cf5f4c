import secrets
from datetime import timedelta

import anyio
import pytest

from gateway.domain.errors import CredentialsRefused, Unavailable
from gateway.domain.mails import MailOutcome
from gateway.keycloak.realm import Realm
from tests.keycloak.changing import realm_changed
from tests.keycloak.people import PersonMaker, RealmUnderTest, account_of
from tests.keycloak.proxy import Proxy
from tests.servers.mailbox import Mailbox
from tests.servers.people import Person

UNKNOWN = "00000000-0000-0000-0000-000000000000"
NO_IDS = ["", "x", "../users", UNKNOWN.upper() + "/..", f"{UNKNOWN}\n", "00000000-0000-0000-0000-00000000000G"]


async def test_person_is_found_by_user_name_and_by_address(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person()
    assert await keycloak.users.find(person.username) == account_of(person)
    assert await keycloak.users.find(person.email) == account_of(person)


async def test_disabled_person_is_found_and_told_to_be_so(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person(enabled=False)
    assert await keycloak.users.find(person.username) == account_of(person, enabled=False)


async def test_person_without_address_has_none(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person(email="")
    assert await keycloak.users.find(person.username) == account_of(person)


async def test_spelling_of_the_stored_name_does_not_matter(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person(username="Ann-Of-The-Tests", email="Ann.Of.The.Tests@Example.TEST")
    for spelling in ("ann-of-the-tests", "ann.of.the.tests@example.test"):
        found = await keycloak.users.find(spelling)
        assert found is not None
        assert found.id == person.id


@pytest.mark.parametrize(
    "change", ["{}x", "x{}", "{}*", "*", "%", "_", "{}%", "{} ", "{}@", "@{}", "{}\u0131", "\u212a{}"]
)
async def test_other_names_are_nobodys(keycloak: Realm, make_person: PersonMaker, change: str) -> None:
    assert await keycloak.users.find(change.format(make_person().username)) is None


async def test_look_alike_that_keycloak_takes_for_the_name_is_nobodys(
    keycloak: Realm, make_person: PersonMaker
) -> None:
    person = make_person(username=f"kelvin-{secrets.token_hex(4)}")
    look_alike = "\u212a" + person.username[1:]
    assert await keycloak.users.find(look_alike) is None
    assert await keycloak.users.find(f"{look_alike}@example.test") is None


async def test_underscore_is_no_wildcard(keycloak: Realm, make_person: PersonMaker) -> None:
    name = make_person().username
    assert await keycloak.users.find("_" + name[1:]) is None
    assert await keycloak.users.find(f"_{name[1:]}@example.test") is None


async def test_first_letters_find_nobody(keycloak: Realm, make_person: PersonMaker) -> None:
    assert await keycloak.users.find(make_person().username[:-1]) is None


async def test_name_that_keycloak_does_not_even_look_for_is_nobodys(keycloak: Realm) -> None:
    assert await keycloak.users.find("an\0n") is None


async def test_accented_and_plain_names_are_different_people(keycloak: Realm, make_person: PersonMaker) -> None:
    accented = make_person(username="rené-of-the-tests", email="rene-1@example.test")
    assert await keycloak.users.find("rené-of-the-tests") == account_of(accented)
    assert await keycloak.users.find("rene-of-the-tests") is None


async def test_user_name_with_an_at_sign_is_found(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person(username="at@name-of-the-tests", email="elsewhere@example.test")
    assert await keycloak.users.find("at@name-of-the-tests") == account_of(person)


async def test_finding_costs_one_call(proxied: Realm, proxy: Proxy, make_person: PersonMaker) -> None:
    person = make_person()
    await proxied.users.find(person.email)
    before = len(proxy.requests)
    for name in (person.username, person.email, "nobody-has-this-name"):
        await proxied.users.find(name)
    assert len(proxy.requests) == before + 3


async def test_address_is_no_name_where_the_realm_says_so(
    proxied: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    realm.admin.update_realm(realm.name, {"loginWithEmailAllowed": False})
    try:
        assert await proxied.users.find(person.email) is None
        assert await proxied.users.find(person.username) == account_of(person)
    finally:
        realm.admin.update_realm(realm.name, {"loginWithEmailAllowed": True})


async def test_account_is_got_by_id(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person()
    assert await keycloak.users.get(person.id) == account_of(person)
    assert await keycloak.users.get(UNKNOWN) is None


@pytest.mark.parametrize("odd", NO_IDS)
async def test_what_is_no_id_is_nobodys_without_asking(unreachable: Realm, odd: str) -> None:
    assert await unreachable.users.get(odd) is None
    assert not await unreachable.administrators.include(odd)
    assert await unreachable.users.send_reset_mail(odd, timedelta(minutes=5)) is MailOutcome.IMPOSSIBLE
    await unreachable.users.lift_lock(odd)


async def test_reset_mail_goes_to_the_stored_address(
    keycloak: Realm, make_person: PersonMaker, mailbox: Mailbox
) -> None:
    person = make_person()
    assert await keycloak.users.send_reset_mail(person.id, timedelta(minutes=10)) is MailOutcome.SENT
    text = mailbox.text(person.email)
    assert "/login-actions/action-token?" in text
    assert "10 minutes" in text
    assert mailbox.count(person.email) == 1


async def test_reset_mail_is_impossible_for_the_disabled_the_addressless_and_the_unknown(
    keycloak: Realm, make_person: PersonMaker
) -> None:
    for account_id in (make_person(enabled=False).id, make_person(email="").id, UNKNOWN):
        assert await keycloak.users.send_reset_mail(account_id, timedelta(minutes=5)) is MailOutcome.IMPOSSIBLE


async def test_dead_mail_server_is_told_and_closes_no_door(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    server = (realm.admin.get_realm(realm.name) or {})["smtpServer"]
    realm.admin.update_realm(realm.name, {"smtpServer": {**server, "port": "1"}})
    try:
        for _ in range(6):
            assert await keycloak.users.send_reset_mail(person.id, timedelta(minutes=5)) is MailOutcome.FAILED
    finally:
        realm.admin.update_realm(realm.name, {"smtpServer": server})
    assert await keycloak.users.get(person.id)


async def test_lifted_lock_lets_the_right_password_in(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    protection = {"bruteForceProtected": True, "failureFactor": 1, "quickLoginCheckMilliSeconds": 0}
    realm.admin.update_realm(realm.name, {**protection, "waitIncrementSeconds": 300})
    try:
        assert await _tries(keycloak, person, "wrong") == "refused"
        await _locked(realm, person)
        assert await _tries(keycloak, person, person.password) == "refused"
        await keycloak.users.lift_lock(person.id)
        assert await _tries(keycloak, person, person.password) == "signed in"
    finally:
        realm.admin.update_realm(realm.name, {"bruteForceProtected": False})


async def _locked(realm: RealmUnderTest, person: Person) -> None:
    """Wait for Keycloak's detection, which counts in the background."""
    with anyio.fail_after(20):
        while not realm.admin.get_bruteforce_detection_status(person.id)["disabled"]:  # noqa: ASYNC110 - it tells nobody
            await anyio.sleep(0.05)


async def _tries(keycloak: Realm, person: Person, password: str) -> str:
    try:
        await keycloak.tokens.sign_in(person.username, password, offline=False)
    except CredentialsRefused:
        return "refused"
    return "signed in"


async def test_every_call_says_unavailable_when_keycloak_is_not_there(unreachable: Realm) -> None:
    users = unreachable.users
    for call in (
        users.find("ann"),
        users.find("ann@example.test"),
        users.find_by_username("ann"),
        users.get(UNKNOWN),
        users.send_reset_mail(UNKNOWN, timedelta(minutes=5)),
        unreachable.administrators.include(UNKNOWN),
        users.lift_lock(UNKNOWN),
    ):
        with pytest.raises(Unavailable):
            await call


async def test_a_verified_address_takes_away_keycloaks_own_demand_and_no_other(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person(email_verified=False, required_actions=["VERIFY_EMAIL", "UPDATE_PASSWORD"])
    before = realm.admin.get_user(person.id)
    await keycloak.users.mark_email_verified(person.id)
    expected = {**before, "emailVerified": True, "requiredActions": ["UPDATE_PASSWORD"]}
    assert realm.admin.get_user(person.id) == expected


async def test_the_only_holder_of_a_name_is_found_by_either(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person()
    for name in (person.username, person.email):
        assert await keycloak.users.find_only(name) == account_of(person)
    namesake = f"same-{person.email}"
    same = make_person(username=namesake, email=namesake)
    assert await keycloak.users.find_only(namesake) == account_of(same)
    assert await keycloak.users.find_only(f"no-{person.email}") is None


async def test_a_name_that_is_one_s_address_and_another_s_user_name_has_no_only_holder(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    # Keycloak keeps people apart who are named like others' addresses; a directory, or an older version, may not.
    name = f"{secrets.token_hex(4)}@example.test"
    with realm_changed(realm, loginWithEmailAllowed=False, duplicateEmailsAllowed=True):
        make_person(username=name, email=f"x{name}")
        make_person(email=name)
        assert await keycloak.users.find_only(name) is None


async def test_an_address_of_two_people_has_no_only_holder(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    name = f"{secrets.token_hex(4)}@example.test"
    with realm_changed(realm, loginWithEmailAllowed=False, duplicateEmailsAllowed=True):
        make_person(email=name)
        make_person(email=name)
        assert await keycloak.users.find_only(name) is None


async def test_a_user_name_is_looked_for_among_user_names_only(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person()
    assert await keycloak.users.find_by_username(person.username) == account_of(person)
    assert await keycloak.users.find_by_username(person.email) is None
