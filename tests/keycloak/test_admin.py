import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from gateway.domain.errors import Unavailable
from gateway.keycloak.admin import Admin, ServiceAccount
from gateway.keycloak.clients import clients_of
from gateway.keycloak.endpoints import Endpoints, is_alias, is_id, is_session_id, joined
from gateway.settings import KeycloakSettings
from tests.keycloak.opening import Clock, changed, connected
from tests.keycloak.people import RealmUnderTest, uuid_of_client
from tests.keycloak.proxy import Proxy

TOKEN = "POST /realms"


class Ticks:
    """Time that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Tell the time."""
        return self.now


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
async def account(settings: KeycloakSettings, proxy: Proxy, ticks: Ticks) -> AsyncIterator[ServiceAccount]:
    there = changed(settings, url=proxy.url)
    clients = clients_of(there, "", Clock())
    async with connected(there) as connection:
        yield ServiceAccount(connection, Endpoints(settings.realm), clients.admin, ticks)


@pytest.fixture
async def admin(settings: KeycloakSettings, proxy: Proxy, account: ServiceAccount) -> AsyncIterator[Admin]:
    async with connected(changed(settings, url=proxy.url)) as connection:
        yield Admin(connection, Endpoints(settings.realm), account)


async def test_twenty_first_calls_fetch_one_token(admin: Admin, proxy: Proxy) -> None:
    answers = await asyncio.gather(*(admin.get("users", params={"max": "1"}) for _ in range(20)))
    assert {answer.status for answer in answers} == {200}
    assert proxy.seen(TOKEN) == 1


async def test_token_is_renewed_when_four_fifths_of_its_life_are_over(account: ServiceAccount, ticks: Ticks) -> None:
    first = await account.token()
    ticks.now = 0.79 * 300
    assert await account.token() == first
    ticks.now = 0.81 * 300
    assert await account.token() != first


async def test_token_that_keycloak_refuses_is_fetched_anew_once(
    admin: Admin, account: ServiceAccount, proxy: Proxy, realm: RealmUnderTest
) -> None:
    refused = await account.token()
    form = {"client_id": "gateway-admin", "client_secret": realm.secrets["gateway-admin"], "token": refused}
    # The issuer is the address asked, so it has to be asked for this as well.
    async with httpx.AsyncClient(timeout=30) as client:
        answer = await client.post(f"{proxy.url}/realms/{realm.name}/protocol/openid-connect/revoke", data=form)
        assert answer.status_code == 200
    fetched = proxy.seen("openid-connect/token")
    answers = await asyncio.gather(*(admin.get("users", params={"max": "1"}) for _ in range(10)))
    assert {answer.status for answer in answers} == {200}
    assert proxy.seen("openid-connect/token") == fetched + 1


async def test_refused_client_is_unavailable(settings: KeycloakSettings) -> None:
    async with connected(settings) as connection:
        clients = clients_of(changed(settings, admin_client_id="nobody"), "", Clock())
        account = ServiceAccount(connection, Endpoints(settings.realm), clients.admin, Ticks())
        with pytest.raises(Unavailable):
            await account.token()


async def test_lacking_role_is_told_by_the_status(admin: Admin, realm: RealmUnderTest) -> None:
    answer = await admin.delete("clients", uuid_of_client(realm, "gateway"))
    assert answer.status == 403


@pytest.mark.parametrize("part", ["../../master", "a/b", "a?b=c", "a#b", "a%2fb", "a;b", "é", "a b", "\r\n"])
async def test_no_path_part_leaves_its_place(admin: Admin, proxy: Proxy, part: str) -> None:
    await admin.get("users", part, "groups")
    sent = proxy.requests[-1].removeprefix("GET ")
    assert sent.count("/") == 6
    assert not set(sent) & set("?#;")


@pytest.mark.parametrize("part", ["", ".", "..", "..."])
def test_no_path_part_is_nothing_or_dots(part: str) -> None:
    with pytest.raises(ValueError, match="not a path part"):
        joined(("users", part))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "../x",
        "0" * 36,
        "é" * 36,
        "00000000-0000-0000-0000-00000000000g",
        "00000000-0000-0000-0000-000000000000\n",
        "00000000-0000-0000-0000-000000000000/..",
        "{00000000-0000-0000-0000-000000000000}",
    ],
)
def test_what_is_no_uuid_is_no_id(text: str) -> None:
    assert not is_id(text)


@pytest.mark.parametrize("text", ["", "a b", "a/b", "a:b", 'a"b', "a\\b", "a\n", "a\0", "a?b", "x" * 256, "a%20"])
def test_what_keycloak_takes_for_no_alias_is_none(text: str) -> None:
    assert not is_alias(text)


def test_genuine_ids_and_aliases_are_recognised() -> None:
    assert is_id("74bde992-49fb-443d-8a37-593c53d060c9")
    assert is_session_id("qyQorM1MNDrFLD_I4g7Ca23I")
    assert is_session_id("74bde992-49fb-443d-8a37-593c53d060c9")
    assert not is_session_id("a/b")
    assert all(map(is_alias, ("acme", "ACME-2.0", "umläut", "a_b~c")))
