from collections.abc import Iterator, Mapping

import httpx
import pytest

from tests.conftest import Mailbox, Realm, Stack
from tests.servers.gateway import ServedGateway, watched_gateway
from tests.servers.people import OrganizationMaker, Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting
from tests.surfaces.mailing import mailing_through
from tests.surfaces.nap.client import Nap
from tests.surfaces.nap.newcomers import Letters
from tests.surfaces.nap.people import Members
from tests.surfaces.realm_key import RealmKey


@pytest.fixture(scope="session")
def nap_variables(apart: Apart, stack: Stack) -> dict[str, str]:
    """The variables of a gateway for people who sign in without choosing; it sends its own mails."""
    return apart(
        **mailing_through(stack),
    )


@pytest.fixture(scope="session")
def nap_apart(nap_variables: Mapping[str, str]) -> Apart:
    """Variables for further gateways."""
    return Apart(nap_variables)


@pytest.fixture(scope="session")
def nap_gateway(nap_variables: Mapping[str, str], realm_key: RealmKey) -> Iterator[ServedGateway]:
    """The gateway that most tests share; nothing that they do may be unexpected."""
    with watched_gateway(nap_variables) as served:
        yield served


@pytest.fixture(scope="session")
def tenants_variables(nap_apart: Apart) -> dict[str, str]:
    """The variables of one for people who sign in to organizations."""
    return nap_apart(NAP__MULTITENANCY="true")


@pytest.fixture(scope="session")
def tenants_gateway(tenants_variables: Mapping[str, str], realm_key: RealmKey) -> Iterator[ServedGateway]:
    """The gateway of those."""
    with watched_gateway(tenants_variables) as served:
        yield served


@pytest.fixture(scope="session")
def connections(nap_gateway: ServedGateway) -> Iterator[httpx.Client]:
    """Connections to the one without organizations."""
    with nap_gateway.client() as client:
        yield client


@pytest.fixture(scope="session")
def nap(connections: httpx.Client) -> Nap:
    """The document's own client, where nobody chooses an organization."""
    return Nap(connections)


@pytest.fixture(scope="session")
def tenants(tenants_gateway: ServedGateway) -> Iterator[Nap]:
    """The document's own client, where people sign in to organizations."""
    with tenants_gateway.client() as client:
        yield Nap(client)


@pytest.fixture(scope="session")
def members(realm: Realm) -> Members:
    """Makes people in organizations."""
    return Members(PersonMaker(realm), OrganizationMaker(realm))


@pytest.fixture(scope="session")
def inviting(tenants_variables: Mapping[str, str]) -> Inviting:
    """The command by which operators invite."""
    return Inviting(tenants_variables)


@pytest.fixture(scope="session")
def letters(mailbox: Mailbox) -> Letters:
    """Everybody's mails that verify an address."""
    return Letters(mailbox)


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody with a password."""
    return make_person()
