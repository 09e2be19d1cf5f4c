from collections.abc import Iterator, Mapping

import pytest

from tests.clients.cyclos.sdk import Sdk, running_sdk
from tests.servers.gateway import ServedGateway, watched_gateway
from tests.servers.patience import PATIENT
from tests.surfaces.conftest import Apart


@pytest.fixture(scope="session")
def variables(gateway_variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a gateway that serves the surface, also for networks; it asks Keycloak every time."""
    return Apart(gateway_variables)(CYCLOS__NETWORKS="true", CYCLOS__SESSION_RECHECK="0", **PATIENT)


@pytest.fixture(scope="session")
def gateway(variables: Mapping[str, str]) -> Iterator[ServedGateway]:
    """The gateway; nothing that the tests do may be unexpected."""
    with watched_gateway(variables) as served:
        yield served


@pytest.fixture(scope="session")
def sdk(gateway: ServedGateway) -> Iterator[Sdk]:
    """The published client."""
    with running_sdk(gateway.url) as running:
        yield running
