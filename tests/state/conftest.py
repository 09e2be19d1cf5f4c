import secrets
import uuid
from collections.abc import AsyncIterator, Iterator

import pytest

from devstack.stack import Stack
from gateway.settings import RedisSettings
from gateway.state.invitations import Invitations
from gateway.state.links import Links
from gateway.state.one_time_codes import OneTimeCodes
from gateway.state.opaque_sessions import OpaqueSessions
from gateway.state.sign_in_sessions import SignInSessions
from gateway.state.store import State
from gateway.state.subjects import Subject
from tests.state.opening import opened, patiently, redis_at
from tests.state.redis_servers import RedisServer, running_redis


@pytest.fixture(scope="session")
def redis_url(stack: Stack) -> str:
    return stack.redis_url


@pytest.fixture
def redis_settings(redis_url: str) -> RedisSettings:
    """Give every test a prefix of its own, as good as an empty Redis."""
    return patiently(redis_at(redis_url, f"test-{secrets.token_hex(6)}:"))


@pytest.fixture
async def state(redis_settings: RedisSettings) -> AsyncIterator[State]:
    async with opened(redis_settings) as opened_state:
        yield opened_state


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """Give a server that the test may freeze, kill and start again."""
    with running_redis() as server:
        yield server


@pytest.fixture
async def own_state(own_redis: RedisServer) -> AsyncIterator[State]:
    async with opened(patiently(redis_at(own_redis.url))) as opened_state:
        yield opened_state


@pytest.fixture
async def hurried_state(own_redis: RedisServer) -> AsyncIterator[State]:
    """With the time-outs an operator gets, for when the server is frozen."""
    async with opened(redis_at(own_redis.url)) as opened_state:
        yield opened_state


@pytest.fixture
def subject() -> Subject:
    """Somebody whom no other test knows."""
    return Subject.account(str(uuid.uuid4()))


@pytest.fixture
def codes(state: State) -> OneTimeCodes:
    return state.one_time_codes


@pytest.fixture
def links(state: State) -> Links:
    return state.links


@pytest.fixture
def invitations(state: State) -> Invitations:
    return state.invitations


@pytest.fixture
def sessions(state: State) -> OpaqueSessions:
    return state.opaque_sessions


@pytest.fixture
def sign_ins(state: State) -> SignInSessions:
    return state.sign_in_sessions
