"""What the gateway ends is refused without asking Keycloak, too: the deny list is told (design section 2)."""

import time
from collections.abc import AsyncIterator, Mapping

import pytest

from gateway.domain.callers import Caller
from gateway.domain.errors import NotSignedIn
from gateway.identity.bearers import Bearers
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.settings import load
from gateway.state.store import State
from gateway.web.metrics import Metrics
from tests.surfaces.toan.answers import require_done
from tests.surfaces.toan.client import Toan
from tests.surfaces.toan.people import Member

pytestmark = pytest.mark.anyio

_NEW = "N3w!password"


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
    caller = Caller(address="127.0.0.1", surface="toan", request_id="test", bearer=access_token)
    try:
        await bearers.verified(caller)
    except NotSignedIn:
        return False
    return True


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
