from collections.abc import Iterator, Mapping

import httpx
import pytest

from tests.servers.gateway import ServedGateway, watched_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.client import Cyclos


@pytest.fixture(scope="session")
def cyclos_variables(apart: Apart) -> dict[str, str]:
    """The variables of a gateway that serves the surface, also for networks; roles of the realm are told."""
    return apart(
        CYCLOS__ENABLED="true",
        CYCLOS__NETWORKS="true",
        CYCLOS__ADMINISTRATOR_ROLES="cyclos-admin",
        CYCLOS__SYSTEM_ADMINISTRATOR_ROLES="cyclos-system-admin",
        CYCLOS__BROKER_ROLES="cyclos-broker",
        CYCLOS__MEMBER_ROLES="cyclos-member",
        CYCLOS__OPERATOR_ROLES="cyclos-operator",
    )


@pytest.fixture(scope="session")
def cyclos_apart(cyclos_variables: Mapping[str, str]) -> Apart:
    """Variables for further gateways that do."""
    return Apart(cyclos_variables)


@pytest.fixture(scope="session")
def cyclos_gateway(cyclos_variables: Mapping[str, str]) -> Iterator[ServedGateway]:
    """The gateway that most tests share; nothing that they do may be unexpected."""
    with watched_gateway(cyclos_variables) as served:
        yield served


@pytest.fixture(scope="session")
def connections(cyclos_gateway: ServedGateway) -> Iterator[httpx.Client]:
    """Connections to it."""
    with cyclos_gateway.client() as client:
        yield client


@pytest.fixture
def cyclos(connections: httpx.Client) -> Cyclos:
    """The document's own client, without the cookies of any other test."""
    connections.cookies.clear()
    return Cyclos(connections)


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody with a password."""
    return make_person()
