from collections.abc import Iterator, Mapping

import httpx
import pytest

from tests.clients.kestra.sdk import Sdk, running_sdk
from tests.conftest import Mailbox, Realm, Stack
from tests.servers.gateway import ServedGateway, watched_gateway
from tests.servers.patience import PATIENT
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.mailing import mailing_through
from tests.surfaces.witness import Witness


@pytest.fixture(scope="session")
def apart(gateway_variables: Mapping[str, str], stack: Stack) -> Apart:
    """Variables of gateways that mail links and codes; all tests come from one address and guess a lot."""
    further = {
        "LIMITS__FAILURES_PER_ADDRESS": "100000",
        "KESTRA__PASSWORDLESS": "true",
        "KESTRA__RESET_MAX_REQUESTS": "100000",
        "KESTRA__CODE_MAX_REQUESTS": "100000",
    }
    return Apart(Apart(gateway_variables)(**mailing_through(stack), **further, **PATIENT))


@pytest.fixture(scope="session")
def gateway(apart: Apart) -> Iterator[ServedGateway]:
    """The gateway that the tests share; nothing that they do may be unexpected."""
    with watched_gateway(apart()) as served:
        yield served


@pytest.fixture(scope="session")
def sdk(gateway: ServedGateway) -> Iterator[Sdk]:
    """The published client."""
    with running_sdk(gateway.url) as running:
        yield running


@pytest.fixture(scope="session")
def letters(mailbox: Mailbox) -> KestraLetters:
    """Everybody's codes and links."""
    return KestraLetters(mailbox)


@pytest.fixture(scope="session")
def witness(realm: Realm, stack: Stack) -> Iterator[Witness]:
    """Keycloak itself."""
    with httpx.Client(base_url=stack.keycloak_url, timeout=15) as client:
        yield Witness(realm.admin, client, realm.name, realm.secrets)
