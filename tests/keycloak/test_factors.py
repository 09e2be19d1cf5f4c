import asyncio

import pytest
from pydantic import SecretStr

from gateway.domain.errors import AccountNotReady, CredentialsRefused, Unavailable
from gateway.keycloak.realm import Realm
from gateway.settings import KeycloakSettings
from tests.keycloak.opening import changed, opened
from tests.keycloak.people import PersonMaker, RealmUnderTest
from tests.keycloak.proxy import Proxy
from tests.servers.generators import KEY, Generator

PASSWORD = "Passw0rd!x"


async def test_checked_password_leaves_no_session(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    await keycloak.factors.check_password(person.username, PASSWORD)
    assert realm.admin.get_sessions(person.id) == []


async def test_checking_a_wrong_password_is_refused(keycloak: Realm, make_person: PersonMaker) -> None:
    with pytest.raises(CredentialsRefused):
        await keycloak.factors.check_password(make_person().username, "wrong")


async def test_check_asks_for_no_second_factor(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person(totp="a-key-of-20-letters")
    await keycloak.factors.check_password(person.username, PASSWORD)
    with pytest.raises(CredentialsRefused):
        await keycloak.factors.check_password(person.username, "wrong")


async def test_right_password_of_an_account_that_is_not_ready_counts_as_right(
    keycloak: Realm, make_person: PersonMaker
) -> None:
    person = make_person(required_actions=["UPDATE_PASSWORD"])
    await keycloak.factors.check_password(person.username, PASSWORD)
    with pytest.raises(CredentialsRefused):
        await keycloak.factors.check_password(person.username, "wrong")


async def test_check_whose_caller_has_gone_leaves_no_session_either(
    settings: KeycloakSettings, proxy: Proxy, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person = make_person()
    async with opened(changed(settings, url=proxy.url)) as keycloak:
        proxy.hold_answers()
        check = asyncio.create_task(keycloak.factors.check_password(person.username, PASSWORD))
        while not await asyncio.to_thread(realm.admin.get_sessions, person.id):
            assert not check.done()
        check.cancel()
        with pytest.raises(asyncio.CancelledError):
            await check
        proxy.flow()
    assert realm.admin.get_sessions(person.id) == []


async def test_a_right_code_is_told_once_and_leaves_no_session(
    keycloak: Realm, realm: RealmUnderTest, make_person: PersonMaker
) -> None:
    person, code = make_person(totp=KEY), Generator().code()
    await keycloak.factors.prove_code(person.username, code)
    with pytest.raises(CredentialsRefused):
        await keycloak.factors.prove_code(person.username, code)
    assert realm.admin.get_sessions(person.id) == []


@pytest.mark.parametrize("code", ["", "000", "x", "\0", "9" * 64])
async def test_a_wrong_code_is_refused(keycloak: Realm, make_person: PersonMaker, code: str) -> None:
    with pytest.raises(CredentialsRefused):
        await keycloak.factors.prove_code(make_person(totp=KEY).username, code)


async def test_a_due_action_is_told_with_a_right_code(keycloak: Realm, make_person: PersonMaker) -> None:
    person = make_person(totp=KEY, required_actions=["UPDATE_PASSWORD"])
    with pytest.raises(AccountNotReady):
        await keycloak.factors.prove_code(person.username, Generator().code())


async def test_without_its_client_no_code_is_checked(settings: KeycloakSettings) -> None:
    async with opened(changed(settings, check_otp_client_secret=None)) as keycloak:
        assert not keycloak.factors.checks_codes
        with pytest.raises(Unavailable):
            await keycloak.factors.prove_code("ann", "123456")


async def test_a_wrong_secret_of_that_client_is_unavailable(
    settings: KeycloakSettings, make_person: PersonMaker
) -> None:
    async with opened(changed(settings, check_otp_client_secret=SecretStr("wrong" * 8))) as keycloak:
        with pytest.raises(Unavailable):
            await keycloak.factors.prove_code(make_person(totp=KEY).username, "123456")
