from collections.abc import Callable, Iterator, Mapping
from functools import partial

import httpx
import pytest
import redis

from gateway.state.keys import Keys
from tests.conftest import Mailbox, Stack
from tests.servers.gateway import ServedGateway, watched_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.inviting import Inviting
from tests.surfaces.kestra.client import Kestra, require_done
from tests.surfaces.kestra.letters import KestraLetters
from tests.surfaces.kestra.services import service_token
from tests.surfaces.mailing import mailing_through
from tests.surfaces.post import until_empty

Settled = Callable[[], None]
IsUsed = Callable[[str], bool]


@pytest.fixture(scope="session")
def kestra_variables(apart: Apart, stack: Stack) -> dict[str, str]:
    """The variables of a gateway that mails links and codes; all tests come from one address."""
    return apart(
        **mailing_through(stack),
        KESTRA__PASSWORDLESS="true",
        KESTRA__RESET_MAX_REQUESTS="100000",
        KESTRA__CODE_MAX_REQUESTS="100000",
    )


@pytest.fixture(scope="session")
def kestra_apart(kestra_variables: Mapping[str, str]) -> Apart:
    """Variables for further gateways that do."""
    return Apart(kestra_variables)


@pytest.fixture(scope="session")
def kestra_gateway(kestra_variables: Mapping[str, str]) -> Iterator[ServedGateway]:
    """The gateway that most tests share; nothing that they do may be unexpected."""
    with watched_gateway(kestra_variables) as served:
        yield served


@pytest.fixture(scope="session")
def connections(kestra_gateway: ServedGateway) -> Iterator[httpx.Client]:
    """Connections to it."""
    with kestra_gateway.client() as client:
        yield client


@pytest.fixture(scope="session")
def kestra(connections: httpx.Client) -> Kestra:
    """The document's own client."""
    return Kestra(connections)


@pytest.fixture(scope="session")
def letters(mailbox: Mailbox) -> KestraLetters:
    """Everybody's codes and links."""
    return KestraLetters(mailbox)


@pytest.fixture
def person(make_person: PersonMaker) -> Person:
    """Somebody with a password."""
    return make_person()


@pytest.fixture
def link(kestra: Kestra, person: Person, letters: KestraLetters) -> str:
    """The token of a link that was mailed to that person."""
    require_done(kestra.forgot(person.email))
    return letters.token(person)


@pytest.fixture(scope="session")
def settled(store: redis.Redis, kestra_variables: Mapping[str, str]) -> Settled:
    """Waits until the shared gateway has nothing left to mail."""
    return settled_at(store, kestra_variables)


def settled_at(store: redis.Redis, variables: Mapping[str, str]) -> Settled:
    """Make what waits until a gateway has nothing left to mail."""
    return partial(until_empty, store, Keys(variables["GATEWAY_REDIS__PREFIX"]).outbox)


@pytest.fixture(scope="session")
def end_pause(store: redis.Redis, kestra_variables: Mapping[str, str]) -> Callable[[str], None]:
    """Ends the pauses between mails to an account, as time would."""

    def end(account_id: str) -> None:
        found = list(store.scan_iter(f"{kestra_variables['GATEWAY_REDIS__PREFIX']}*:pause:*:{account_id}"))
        assert found
        store.delete(*found)

    return end


@pytest.fixture(scope="session")
def inviting(kestra_variables: Mapping[str, str]) -> Inviting:
    """The command by which operators invite."""
    return Inviting(kestra_variables)


@pytest.fixture(scope="session")
def service(kestra_variables: Mapping[str, str]) -> str:
    """The token of a service that may invite."""
    return service_token(kestra_variables)


@pytest.fixture(scope="session")
def is_used(store: redis.Redis, kestra_variables: Mapping[str, str]) -> IsUsed:
    """Says whether an invitation was used, as Redis has it."""
    keys = Keys(kestra_variables["GATEWAY_REDIS__PREFIX"])

    def ask(secret: str) -> bool:
        record = keys.invitation(secret)[0]
        assert store.exists(record)
        return bool(store.hexists(record, "accepted_at"))

    return ask
