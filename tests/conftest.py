"""Real servers for all tests: started once a run, also under `pytest -n`, or the ones that are named."""

import secrets
from collections.abc import Generator, Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, settings
from xdist.workermanage import WorkerController  # type: ignore[import-untyped]  # ships no types

from devstack.faults import StackFault
from devstack.stack import Stack
from tests.servers.mailbox import Mailbox
from tests.servers.people import Organization, OrganizationMaker, Person, PersonMaker
from tests.servers.realms import Realm, fresh_realm
from tests.servers.stacks import stack_for_tests
from tests.servers.staying_home import Home

__all__ = ["Mailbox", "Organization", "Person", "Realm", "Stack"]

# The same examples in every run, and no example fails for a slow machine.
settings.register_profile(
    "repeatable", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "thorough", settings.get_profile("repeatable"), derandomize=False, max_examples=5000, print_blob=True
)
settings.load_profile("repeatable")

_servers = pytest.StashKey[ExitStack]()
_stack = pytest.StashKey[Stack]()
_home = pytest.StashKey[Home]()


def pytest_configure_node(node: WorkerController) -> None:
    """Hand the addresses to a worker of xdist; the controller starts the servers for all of them."""
    node.workerinput["stack"] = _stack_of(node.config).variables


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what this process has started."""
    if _servers in config.stash:
        config.stash[_servers].close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Keep a test from going out; what its fixtures start may have to be fetched."""
    stash = item.config.stash
    if _home not in stash:
        stash[_home] = Home(_stack_of(item.config))
    with stash[_home].guarded():
        return (yield)


def _stack_of(config: pytest.Config) -> Stack:
    if _stack not in config.stash:
        given = Stack.of(getattr(config, "workerinput", {}).get("stack", {}))
        config.stash[_servers] = ExitStack()
        config.stash[_stack] = given or _started(config.stash[_servers])
    return config.stash[_stack]


def _started(servers: ExitStack) -> Stack:
    try:
        return servers.enter_context(stack_for_tests())
    except StackFault as fault:
        pytest.exit(str(fault), returncode=1)


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Run async tests on asyncio, as the gateway does."""
    return "asyncio"


@pytest.fixture(scope="session")
def stack(request: pytest.FixtureRequest) -> Stack:
    """Keycloak, Redis and the mail catcher; shared by everybody, so neither frozen nor emptied."""
    return _stack_of(request.config)


@pytest.fixture(scope="session")
def realm(stack: Stack) -> Iterator[Realm]:
    """A realm that only this worker uses."""
    with fresh_realm(stack) as made:
        yield made


@pytest.fixture(scope="session")
def gateway_variables(stack: Stack, realm: Realm) -> dict[str, str]:
    """The `GATEWAY_` variables that serve the realm, with a part of Redis that only this worker uses."""
    prefix = f"test-{secrets.token_hex(4)}:"
    return {**realm.variables, "GATEWAY_REDIS__URL": stack.redis_url, "GATEWAY_REDIS__PREFIX": prefix}


@pytest.fixture
def make_person(realm: Realm) -> PersonMaker:
    """Makes people with unique names."""
    return PersonMaker(realm)


@pytest.fixture
def make_organization(realm: Realm) -> OrganizationMaker:
    """Makes organizations with unique names."""
    return OrganizationMaker(realm)


@pytest.fixture(scope="session")
def mailbox(stack: Stack) -> Mailbox:
    """Everybody's mail."""
    return Mailbox(stack.mails)
