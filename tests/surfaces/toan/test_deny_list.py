"""What the gateway ends is refused without asking Keycloak, too: the deny list is told (design section 2)."""

import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import pytest
import redis

from gateway.domain.callers import Caller
from gateway.domain.errors import NotSignedIn
from gateway.identity.bearers import Bearers
from gateway.identity.foretold import RESUMED_FOR
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.settings import load
from gateway.state.keys import Keys
from gateway.state.store import State
from gateway.web.metrics import Metrics
from tests.servers.gateway import served_gateway
from tests.surfaces.conftest import Apart
from tests.surfaces.toan.answers import require_done
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.people import Member

_NEW = "N3w!password"
_LIFETIME = timedelta(hours=2)
_TAKEN_AT_MOST = 60_000
_NO_KEY = -2


@dataclass(frozen=True, slots=True)
class Remembering:
    """A gateway and its keys in Redis."""

    toan: Toan
    keys: Keys


@pytest.fixture
async def bearers(quick_variables: Mapping[str, str]) -> AsyncIterator[Bearers]:
    """The local check of a gateway beside the shared one, on the same Redis."""
    settings = load(quick_variables)
    state_of = State.open(
        settings.redis,
        settings.lockout,
        settings.limits,
        secret_keys=settings.secret_keys,
        deadline=settings.server.deadline,
    )
    clock = time.time  # noqa: TID251 - Keycloak reads the machine's clock as well
    async with Realm.open(settings.keycloak, clock) as realm, state_of as state:
        yield Bearers(realm, state, SecurityEvents(Metrics().events))


async def _is_taken(bearers: Bearers, access_token: str) -> bool:
    caller = Caller(address="127.0.0.1", surface="toan", bearer=access_token)
    try:
        await bearers.verified(caller)
    except NotSignedIn:
        return False
    return True


@pytest.fixture(scope="module")
def remembering(apart: Apart) -> Iterator[Remembering]:
    """A gateway whose realm has access tokens of another lifetime than most."""
    variables = apart(KEYCLOAK__ACCESS_TOKEN_LIFETIME=str(int(_LIFETIME.total_seconds())))
    with served_gateway(variables) as served, served.client() as client:
        yield Remembering(Toan(client), Keys(variables["GATEWAY_REDIS__PREFIX"]))


@pytest.mark.parametrize("remember_me", [False, True])
async def test_logout_is_remembered_as_long_as_an_access_token_lives(
    remembering: Remembering, store: redis.Redis, member: Member, *, remember_me: bool
) -> None:
    person, toan = member.person, remembering.toan
    ended = toan.sign_in(person.username, person.password, remember_me=remember_me)
    require_done(toan.logout(ended.refresh_token))
    _require_left(store, remembering.keys.ended_session(ended.session_state), _LIFETIME)


async def test_other_sessions_are_remembered_as_long_as_it_is_tried_to_end_them(
    remembering: Remembering, store: redis.Redis, member: Member
) -> None:
    person, keys = member.person, remembering.keys
    other, own = (remembering.toan.sign_in(person.username, person.password) for _ in range(2))
    changing = remembering.toan.bearing(own.access_token)
    require_done(changing.change(person.password, _NEW, org=member.org.alias))
    _require_left(store, keys.ended_session(other.session_state), _LIFETIME)
    _require_left(store, keys.ended_account(person.id), max(_LIFETIME, RESUMED_FOR))
    assert store.pttl(keys.ended_session(own.session_state)) == _NO_KEY


async def test_lifetime_longer_than_that_counts_for_all_of_them(
    apart: Apart, store: redis.Redis, administrator: Member
) -> None:
    longer = RESUMED_FOR * 2
    variables = apart(KEYCLOAK__ACCESS_TOKEN_LIFETIME=str(int(longer.total_seconds())))
    with served_gateway(variables) as served, served.client() as client:
        calls = Toan(client).bearing(administrator.tokens.access_token)
        target = administrator.colleague
        require_done(calls.change_of_user(target.id, _NEW, org=administrator.org.alias))
    _require_left(store, Keys(variables["GATEWAY_REDIS__PREFIX"]).ended_account(target.id), longer)


def _require_left(store: redis.Redis, key: str, lifetime: timedelta) -> None:
    """Demand that a key lives on for a lifetime, less what the test has taken."""
    whole = lifetime.total_seconds() * 1000
    assert whole - _TAKEN_AT_MOST < store.pttl(key) <= whole


@pytest.mark.parametrize("remember_me", [False, True])
async def test_logout_is_on_it(bearers: Bearers, toan: Toan, member: Member, *, remember_me: bool) -> None:
    person = member.person
    ended = toan.sign_in(person.username, person.password, remember_me=remember_me)
    assert await _is_taken(bearers, ended.access_token)
    require_done(toan.logout(ended.refresh_token))
    assert not await _is_taken(bearers, ended.access_token)
    assert await _is_taken(bearers, member.tokens.access_token)


@pytest.mark.parametrize("remember_me", [False, True])
async def test_change_puts_every_other_session_on_it(
    bearers: Bearers, toan: Toan, member: Member, *, remember_me: bool
) -> None:
    person = member.person
    other = toan.sign_in(person.username, person.password, remember_me=remember_me)
    assert await _is_taken(bearers, other.access_token)
    require_done(member.toan.change(person.password, _NEW, org=member.org.alias))
    assert not await _is_taken(bearers, other.access_token)
    assert await _is_taken(bearers, member.tokens.access_token)
    assert await _is_taken(bearers, toan.sign_in(person.username, _NEW).access_token)


@pytest.mark.parametrize("remember_me", [False, True])
async def test_password_set_by_an_administrator_puts_every_session_of_the_target_on_it(
    bearers: Bearers, toan: Toan, administrator: Member, *, remember_me: bool
) -> None:
    target = administrator.colleague
    ended = toan.sign_in(target.username, target.password, remember_me=remember_me)
    assert await _is_taken(bearers, ended.access_token)
    require_done(administrator.toan.change_of_user(target.id, _NEW, org=administrator.org.alias))
    assert not await _is_taken(bearers, ended.access_token)
    assert await _is_taken(bearers, administrator.tokens.access_token)
