from collections.abc import Iterator, Mapping

import pytest

from tests.clients.nap.generated import GeneratedClient, generated_client
from tests.conftest import Mailbox, Stack
from tests.servers.gateway import ServedGateway, watched_gateway
from tests.servers.patience import PATIENT
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting
from tests.surfaces.mailing import mailing_through
from tests.surfaces.nap.newcomers import Letters


@pytest.fixture(scope="session")
def variables(gateway_variables: Mapping[str, str], stack: Stack) -> dict[str, str]:
    """The variables of a gateway for people who sign in to organizations; it sends its own mails."""
    return Apart(gateway_variables)(NAP__MULTITENANCY="true", **mailing_through(stack), **PATIENT)


@pytest.fixture(scope="session")
def gateway(variables: Mapping[str, str]) -> Iterator[ServedGateway]:
    """The gateway; nothing that the tests do may be unexpected."""
    with watched_gateway(variables) as served:
        yield served


@pytest.fixture(scope="session")
def client(gateway: ServedGateway, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GeneratedClient]:
    """The generated client."""
    with generated_client(tmp_path_factory.mktemp("generated"), gateway.url) as running:
        yield running


@pytest.fixture(scope="session")
def inviting(variables: Mapping[str, str]) -> Inviting:
    """The command by which operators invite."""
    return Inviting(variables)


@pytest.fixture(scope="session")
def letters(mailbox: Mailbox) -> Letters:
    """Everybody's mails that verify an address."""
    return Letters(mailbox)
