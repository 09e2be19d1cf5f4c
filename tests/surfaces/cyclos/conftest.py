from collections.abc import Iterator, Mapping

import httpx
import pytest
import redis

from gateway.state.keys import Keys
from tests.conftest import Mailbox, Realm, Stack
from tests.servers.gateway import ServedGateway, watched_gateway
from tests.servers.people import Person, PersonMaker
from tests.servers.sms_provider import sms_provider
from tests.surfaces.conftest import Apart
from tests.surfaces.cyclos.asking import Asking
from tests.surfaces.cyclos.client import Cyclos
from tests.surfaces.cyclos.clients import Clients
from tests.surfaces.cyclos.forgetting import Forgetting
from tests.surfaces.cyclos.further import CyclosLetters, mailing_and_texting
from tests.surfaces.mailing import mailing_through
from tests.surfaces.post import Post


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


@pytest.fixture(scope="session")
def asking(cyclos_apart: Apart, stack: Stack) -> Iterator[Asking]:
    """A gateway that asks for a sent code beside the password; nothing that is done to it may be unexpected."""
    with sms_provider() as provider:
        variables = cyclos_apart(CYCLOS__SECONDARY_PASSWORD="otp", **mailing_and_texting(stack, provider))
        with watched_gateway(variables) as served, served.client() as client:
            yield Asking(served, Cyclos(client), provider, variables)


@pytest.fixture
def letters(mailbox: Mailbox) -> CyclosLetters:
    """What people find in their mail."""
    return CyclosLetters(mailbox)


@pytest.fixture(scope="session")
def clients(cyclos_apart: Apart, stack: Stack) -> Iterator[Clients]:
    """A gateway that asks Keycloak every time; nothing that is done to it may be unexpected."""
    variables = cyclos_apart(CYCLOS__SESSION_RECHECK="0", **mailing_through(stack))
    with watched_gateway(variables) as served, served.client() as client:
        yield Clients(served, Cyclos(client), variables)


@pytest.fixture(scope="session")
def forgetting(
    cyclos_apart: Apart, stack: Stack, mailbox: Mailbox, store: redis.Redis, realm: Realm
) -> Iterator[Forgetting]:
    """A gateway that mails keys; nothing that is done to it may be unexpected."""
    variables = cyclos_apart(
        CYCLOS__SESSION_RECHECK="300", CYCLOS__PRINCIPAL_TYPES="username,mobilePhone", **mailing_through(stack)
    )
    post = Post(store, Keys(variables["GATEWAY_REDIS__PREFIX"]).outbox, stack.mails, realm.name)
    with watched_gateway(variables) as served, served.client() as client:
        yield Forgetting(served, Cyclos(client), CyclosLetters(mailbox), variables, post)
