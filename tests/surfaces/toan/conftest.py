import time
from collections.abc import Iterator

import httpx
import pytest

from tests.conftest import Realm, Stack
from tests.servers.gateway import served_gateway
from tests.servers.people import OrganizationMaker, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.outages import Wired, wired_gateway
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.low_limits import LOW
from tests.surfaces.toan.people import Member, Members
from tests.surfaces.witness import Witness, claims


@pytest.fixture(scope="session")
def toan(http: httpx.Client) -> Toan:
    """The document's own client, without a bearer."""
    return Toan(http)


@pytest.fixture(scope="session")
def members(toan: Toan, witness: Witness, realm: Realm) -> Members:
    """Makes people in organizations."""
    return Members(toan, witness, PersonMaker(realm), OrganizationMaker(realm))


@pytest.fixture
def member(members: Members) -> Member:
    """A member of an organization, without rights."""
    return members.plain()


@pytest.fixture
def administrator(members: Members) -> Member:
    """An administrator of an organization."""
    return members.administrator()


@pytest.fixture(scope="session")
def steady(members: Members) -> Member:
    """An administrator of an organization, for tests in which nothing may change."""
    return members.administrator()


@pytest.fixture
def platform_administrator(members: Members) -> Member:
    """Somebody with `manage-users`, who is a member of no organization."""
    return members.platform_administrator()


@pytest.fixture(scope="session")
def caller(toan: Toan, passer_by: str) -> Toan:
    """Somebody whose bearer is good, so that only the request can be wrong."""
    return toan.bearing(passer_by)


@pytest.fixture(scope="session")
def expired(toan: Toan, witness: Witness, realm: Realm) -> str:
    """An access token that has expired; its session lives on."""
    person = PersonMaker(realm)()
    with witness.client_with("gateway", access__token__lifespan="1"):
        token = toan.sign_in(person.username, person.password).access_token
    told = claims(token)
    # Both count in whole seconds, and a token is good in the very second of its end.
    time.sleep(told["exp"] - told["iat"] + 1.1)
    return token


@pytest.fixture(scope="session")
def steady_platform_administrator(members: Members) -> Member:
    """A platform administrator, for tests in which nothing may change."""
    return members.platform_administrator()


@pytest.fixture(scope="session")
def wired(apart: Apart, stack: Stack) -> Iterator[Wired[Toan]]:
    """A gateway behind wires."""
    with wired_gateway(apart, stack, Toan) as served:
        yield served


@pytest.fixture
def direct(apart: Apart) -> Iterator[Toan]:
    """A gateway that trusts no proxy, and has counted nothing yet."""
    with served_gateway(apart(**LOW)) as served, served.client() as client:
        yield Toan(client)


@pytest.fixture(scope="module")
def trusting(apart: Apart) -> dict[str, str]:
    """Variables of a gateway behind proxies on loopback, in 10.0.0.0/8 and in fd00::/8."""
    return apart(**LOW, SERVER__TRUSTED_PROXIES="127.0.0.0/8,10.0.0.0/8,fd00::/8")


@pytest.fixture(scope="module")
def proxied(trusting: dict[str, str]) -> Iterator[Toan]:
    """That gateway."""
    with served_gateway(trusting) as served, served.client() as client:
        yield Toan(client)
