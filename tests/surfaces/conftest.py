import secrets
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass

import httpx
import pytest
import redis

from gateway.state.keys import Keys
from tests.conftest import Realm, Stack
from tests.servers.gateway import ServedGateway, watched_gateway
from tests.servers.patience import PATIENT, named
from tests.servers.people import Organization, OrganizationMaker, PersonMaker
from tests.surfaces import foreign_realm as foreign
from tests.surfaces import realm_key as realm_keys
from tests.surfaces.foreign_realm import ForeignRealm
from tests.surfaces.post import Post
from tests.surfaces.realm_key import RealmKey
from tests.surfaces.witness import Witness

# All tests come from one address and guess a lot; the floor is low, so that hundreds of refusals stay quick.
_FOR_TESTS = {
    "GATEWAY_LIMITS__FAILURES_PER_ADDRESS": "100000",
    "GATEWAY_LIMITS__MAILS_PER_ADDRESS": "100000",
    "GATEWAY_LIMITS__REFUSAL_FLOOR": "0.03",
    "GATEWAY_LIMITS__REFUSAL_JITTER": "0.005",
}

_LINES_SHOWN = 40


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the end of the shared gateway's log beside a failure."""
    report = yield
    served = getattr(item, "funcargs", {}).get("gateway")
    if report.failed and isinstance(served, ServedGateway):
        report.sections.append(("the gateway's log", "\n".join(served.log.splitlines()[-_LINES_SHOWN:])))
    return report


@dataclass(frozen=True, slots=True)
class Apart:
    """Variables of a gateway of a test's own, which shares no counter with any other."""

    variables: Mapping[str, str]

    def __call__(self, **changed: str) -> dict[str, str]:
        """Change variables, named without `GATEWAY_`."""
        prefix = f"{self.variables['GATEWAY_REDIS__PREFIX']}{secrets.token_hex(4)}:"
        return {**self.variables, "GATEWAY_REDIS__PREFIX": prefix, **named(changed)}


@pytest.fixture(scope="session")
def quick_variables(gateway_variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of `gateway`."""
    return {**gateway_variables, **_FOR_TESTS, **named(PATIENT)}


@pytest.fixture(scope="session")
def apart(quick_variables: Mapping[str, str]) -> Apart:
    """Variables for further gateways."""
    return Apart(quick_variables)


@pytest.fixture(scope="session")
def realm_key(witness: Witness) -> Iterator[RealmKey]:
    """A key of the realm's, in our hands; there before the gateway reads the realm's keys."""
    with realm_keys.added(witness.admin, witness.realm) as key:
        yield key


@pytest.fixture(scope="session")
def gateway(quick_variables: Mapping[str, str], realm_key: RealmKey) -> Iterator[ServedGateway]:
    """The gateway that all tests share which need no other; nothing that they do may be unexpected."""
    with watched_gateway(quick_variables) as served:
        yield served


@pytest.fixture(scope="session")
def http(gateway: ServedGateway) -> Iterator[httpx.Client]:
    """Connections to it."""
    with gateway.client() as client:
        yield client


@pytest.fixture(scope="session")
def witness(realm: Realm, stack: Stack) -> Iterator[Witness]:
    """Keycloak itself."""
    with httpx.Client(base_url=stack.keycloak_url, timeout=15) as client:
        yield Witness(realm.admin, client, realm.name, realm.secrets)


@pytest.fixture(scope="session")
def passer_by(realm: Realm, witness: Witness) -> str:
    """The access token of somebody who has nothing to do with anything."""
    person = PersonMaker(realm)()
    return str(witness.verified(person.username)["access_token"])


@pytest.fixture(scope="session")
def foreign_realm(witness: Witness) -> Iterator[ForeignRealm]:
    """Another realm on the same Keycloak."""
    with foreign.made(witness.admin, witness.http) as made:
        yield made


@pytest.fixture(scope="session")
def store(stack: Stack) -> Iterator[redis.Redis]:
    """Redis itself."""
    with redis.Redis.from_url(stack.redis_url) as connected:
        yield connected


@pytest.fixture(scope="session")
def post(store: redis.Redis, quick_variables: Mapping[str, str], stack: Stack, realm: Realm) -> Post:
    """What the gateway that all tests share has mailed."""
    return Post(store, Keys(quick_variables["GATEWAY_REDIS__PREFIX"]).outbox, stack.mails, realm.name)


@pytest.fixture
def acme(make_organization: OrganizationMaker) -> Organization:
    """Some organization, with a group of administrators."""
    return make_organization()


@pytest.fixture
def listed_provider(witness: Witness) -> Iterator[str]:
    """A provider of identities, whose links Keycloak therefore lists."""
    alias = f"provider-{secrets.token_hex(4)}"
    config = {"clientId": "gateway", "clientSecret": "none"}
    witness.admin.create_idp({"alias": alias, "providerId": "google", "enabled": True, "config": config})
    yield alias
    witness.admin.delete_idp(alias)
