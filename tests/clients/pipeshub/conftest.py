from collections.abc import Iterator, Mapping

import pytest
import redis

from tests.clients.pipeshub.sdk import Sdk, running_sdk
from tests.clients.pipeshub.versions import NEW, OLD
from tests.conftest import Mailbox, Realm, Stack
from tests.servers.gateway import ServedGateway, watched_gateway
from tests.servers.patience import PATIENT
from tests.servers.people import OrganizationMaker, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.mailing import mailing_through
from tests.surfaces.pipeshub.client import Pipeshub
from tests.surfaces.pipeshub.people import Letters, Members


@pytest.fixture(scope="session")
def apart(gateway_variables: Mapping[str, str], stack: Stack) -> Apart:
    """Variables of gateways that send mails; all tests come from one address and guess a lot."""
    further = {"LIMITS__FAILURES_PER_ADDRESS": "100000", **PATIENT}
    return Apart(Apart(gateway_variables)(**mailing_through(stack), **further))


@pytest.fixture(scope="session")
def variables(apart: Apart) -> dict[str, str]:
    """The variables of the gateway that the tests share."""
    return apart()


@pytest.fixture(scope="session")
def gateway(variables: Mapping[str, str]) -> Iterator[ServedGateway]:
    """The gateway that the tests share; nothing that they do may be unexpected."""
    with watched_gateway(variables) as served:
        yield served


@pytest.fixture(scope="session")
def old_sdk(gateway: ServedGateway) -> Iterator[Sdk]:
    """The published client, 1.0."""
    with running_sdk(OLD, gateway.url) as sdk:
        yield sdk


@pytest.fixture(scope="session")
def new_sdk(gateway: ServedGateway) -> Iterator[Sdk]:
    """The published client, 1.7."""
    with running_sdk(NEW, gateway.url) as sdk:
        yield sdk


@pytest.fixture(params=["old_sdk", "new_sdk"])
def sdk(request: pytest.FixtureRequest) -> Sdk:
    """Each of them."""
    found: Sdk = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="session")
def page(gateway: ServedGateway) -> Iterator[Pipeshub]:
    """The organization's own page, for what a version of the client has no operation for."""
    with gateway.client() as client:
        yield Pipeshub(client)


@pytest.fixture(scope="session")
def members(realm: Realm) -> Members:
    """Makes people in organizations with certain steps."""
    return Members(realm, PersonMaker(realm), OrganizationMaker(realm))


@pytest.fixture(scope="session")
def letters(mailbox: Mailbox) -> Letters:
    """Everybody's codes and links."""
    return Letters(mailbox)


@pytest.fixture(scope="session")
def store(stack: Stack) -> Iterator[redis.Redis]:
    """Redis itself."""
    with redis.Redis.from_url(stack.redis_url) as connected:
        yield connected
