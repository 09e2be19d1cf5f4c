import asyncio
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.domain.access_clients import AccessClient
from gateway.domain.errors import Unavailable
from gateway.domain.visits import NameKind, OpaqueSession, Principal
from gateway.settings import RedisSettings
from gateway.state.opaque_sessions import FoundSession, OpaqueSessions
from gateway.state.store import State
from tests.state.cutting import Cutter
from tests.state.opening import KEY, opened, redis_at
from tests.state.redis_servers import RedisServer

HOUR = timedelta(hours=1)
MINUTES = timedelta(minutes=10)
MOMENT = timedelta(milliseconds=60)
ALWAYS = timedelta(0)
ANN = OpaqueSession(
    "id-of-ann", Principal(NameKind.EMAIL, "Ånn@example.org"), None, None, "the-sid", "the-refresh-token", 1_700_000_000
)
BY_PROGRAM = replace(
    ANN, principal=None, access_client=AccessClient("an-id", "a till", ANN.account_id), organization_id="acme"
)
PENDING = replace(ANN, session_id="", refresh_token="")


@pytest.fixture
def sessions(state: State) -> OpaqueSessions:
    return state.opaque_sessions


async def _begun(sessions: OpaqueSessions, session: OpaqueSession = ANN, lasting: timedelta = HOUR) -> str:
    return await sessions.begin(session, lasting, pending_for=MINUTES)


async def _used(sessions: OpaqueSessions, token: str, word_counts: timedelta = HOUR) -> FoundSession:
    found = await sessions.use(token, word_counts)
    assert found is not None
    return found


@pytest.mark.parametrize("session", [ANN, BY_PROGRAM, PENDING], ids=["by name", "by program", "pending"])
async def test_a_session_is_found_as_it_was_begun(sessions: OpaqueSessions, session: OpaqueSession) -> None:
    token = await _begun(sessions, session)
    for _ in range(3):
        found = await _used(sessions, token)
        assert (found.session, found.is_due) == (session, False)
        assert found.session.is_pending == (session is PENDING)


async def test_tokens_are_long_and_alphanumeric_and_differ(sessions: OpaqueSessions) -> None:
    tokens = {await _begun(sessions) for _ in range(20)}
    assert len(tokens) == len({each[:32] for each in tokens}) == len({each[32:] for each in tokens}) == 20
    assert all(len(each) == 64 and each.isascii() and each.isalnum() for each in tokens)


@pytest.mark.parametrize("made_up", ["", "made-up", "\ud800", "A" * 64, "a:b}{c", "x" * 9000])
async def test_a_made_up_token_is_unknown(sessions: OpaqueSessions, made_up: str) -> None:
    assert await sessions.use(made_up, HOUR) is None


async def test_half_a_token_is_unknown(sessions: OpaqueSessions) -> None:
    token = await _begun(sessions)
    assert [await sessions.use(each, HOUR) for each in (token[:32], token[32:], token[32:] + token[:32])] == [None] * 3


async def test_every_use_renews_the_timeout(sessions: OpaqueSessions) -> None:
    token = await _begun(sessions, lasting=timedelta(milliseconds=600))
    for _ in range(4):
        await asyncio.sleep(0.25)
        await _used(sessions, token)
    await asyncio.sleep(0.8)
    assert await sessions.use(token, HOUR) is None


async def test_so_does_a_use_for_which_keycloak_was_asked(sessions: OpaqueSessions) -> None:
    token = await _begun(sessions, lasting=timedelta(milliseconds=600))
    for _ in range(4):
        await asyncio.sleep(0.25)
        assert await (await _used(sessions, token, ALWAYS)).goes_on("another")


async def test_a_use_that_does_not_go_on_renews_nothing(sessions: OpaqueSessions) -> None:
    token = await _begun(sessions, lasting=timedelta(milliseconds=600))
    for _ in range(3):
        await asyncio.sleep(0.25)
        if found := await sessions.use(token, ALWAYS):
            await found.give_back()
    assert await sessions.use(token, HOUR) is None


async def test_no_use_renews_what_awaits_a_second_proof(sessions: OpaqueSessions) -> None:
    token = await sessions.begin(PENDING, HOUR, pending_for=timedelta(milliseconds=600))
    for word_counts in (HOUR, ALWAYS, HOUR):
        await asyncio.sleep(0.25)
        if found := await sessions.use(token, word_counts):
            await found.goes_on()
    assert await sessions.use(token, HOUR) is None


async def test_keycloak_s_word_counts_for_a_while(sessions: OpaqueSessions) -> None:
    token = await _begun(sessions)
    await asyncio.sleep(0.1)
    assert not (await _used(sessions, token, HOUR)).is_due
    found = await _used(sessions, token, MOMENT)
    assert found.is_due
    assert await found.goes_on("the next refresh token")
    found = await _used(sessions, token, HOUR)
    assert (found.session, found.is_due) == (replace(ANN, refresh_token="the next refresh token"), False)


async def test_its_word_may_leave_everything_as_it_is(sessions: OpaqueSessions) -> None:
    token = await _begun(sessions, PENDING)
    assert await (await _used(sessions, token, ALWAYS)).goes_on()
    assert (await _used(sessions, token)).session == PENDING


async def test_of_many_at_once_one_asks_keycloak_and_the_others_wait(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as one, opened(redis_settings) as other:
        token = await _begun(one.opaque_sessions)
        await asyncio.sleep(2.1)
        asked = 0

        async def use(sessions: OpaqueSessions) -> None:
            nonlocal asked
            found = await _used(sessions, token, timedelta(seconds=2))
            if found.is_due:
                asked += 1
                await asyncio.sleep(0.05)
                assert await found.goes_on("the next")

        await asyncio.gather(*(use(each.opaque_sessions) for each in (one, other) * 20))
        assert asked == 1


async def test_whoever_gives_back_lets_the_next_one_ask(sessions: OpaqueSessions) -> None:
    token = await _begun(sessions)
    found = await _used(sessions, token, ALWAYS)
    waiting = asyncio.create_task(sessions.use(token, ALWAYS))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    await found.give_back()
    next_one = await waiting
    assert next_one is not None
    assert next_one.is_due


async def test_whoever_dies_with_the_turn_comes_too_late(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings, deadline=MOMENT) as impatient, opened(redis_settings) as patient:
        token = await _begun(patient.opaque_sessions)
        late = await _used(impatient.opaque_sessions, token, ALWAYS)
        found = await _used(patient.opaque_sessions, token, ALWAYS)
        assert not await late.goes_on("too late")
        assert await found.goes_on("in time")
        assert (await _used(patient.opaque_sessions, token)).session.refresh_token == "in time"


async def test_nobody_waits_beyond_the_deadline(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as holding, opened(redis_settings, deadline=MOMENT) as waiting:
        token = await _begun(holding.opaque_sessions)
        await _used(holding.opaque_sessions, token, ALWAYS)
        with pytest.raises(Unavailable):
            await waiting.opaque_sessions.use(token, ALWAYS)


async def test_what_has_ended_stays_ended(sessions: OpaqueSessions) -> None:
    token = await _begun(sessions)
    found = await _used(sessions, token, ALWAYS)
    for _ in range(2):
        await sessions.end_one(token)
    assert not await found.goes_on("the next")
    await found.give_back()
    assert not await sessions.complete(token, ANN)
    assert await sessions.use(token, HOUR) is None


async def test_a_second_proof_completes_a_session_once(sessions: OpaqueSessions) -> None:
    token = await sessions.begin(PENDING, HOUR, pending_for=timedelta(seconds=2))
    assert sorted(await asyncio.gather(*(sessions.complete(token, ANN) for _ in range(20)))) == [False] * 19 + [True]
    await asyncio.sleep(2.1)
    assert (await _used(sessions, token)).session == ANN


async def test_a_session_that_awaits_a_proof_can_be_ended_and_one_that_was_completed_goes_on(
    sessions: OpaqueSessions,
) -> None:
    ended, completed = await _begun(sessions, PENDING), await _begun(sessions, PENDING)
    assert await sessions.complete(completed, ANN)
    for token in (ended, completed, "made-up"):
        await sessions.end_pending(token)
    assert await sessions.use(ended, HOUR) is None
    assert not await sessions.complete(ended, ANN)
    assert (await _used(sessions, completed)).session == ANN


async def test_a_new_password_lets_no_session_be_completed_that_was_begun_before(state: State) -> None:
    sessions, person = state.opaque_sessions, f"id-{secrets.token_hex(4)}"
    pending, full = replace(PENDING, account_id=person), replace(ANN, account_id=person)
    before = await _begun(sessions, pending)
    await state.sign_in_sessions.end_all(person)
    await asyncio.sleep(0.01)
    after = await _begun(sessions, pending)
    assert not await sessions.complete(before, full)
    assert await sessions.complete(after, full)


async def test_a_new_password_ends_what_is_said_to_have_begun_before(state: State) -> None:
    sessions, person = state.opaque_sessions, f"id-{secrets.token_hex(4)}"
    begun = await sessions.now()
    await asyncio.sleep(0.01)
    await state.sign_in_sessions.end_all(person)
    await asyncio.sleep(0.01)
    pending = replace(PENDING, account_id=person)
    before = await sessions.begin(pending, HOUR, pending_for=MINUTES, begun=begun)
    after = await sessions.begin(pending, HOUR, pending_for=MINUTES, begun=await sessions.now())
    assert await sessions.use(before, HOUR) is None
    assert (await _used(sessions, after)).session == pending


async def test_a_new_password_ends_what_a_program_has_begun_for_ever(state: State) -> None:
    sessions, person = state.opaque_sessions, f"id-{secrets.token_hex(4)}"
    session = replace(BY_PROGRAM, account_id=person)
    before, by_name = await _begun(sessions, session), await _begun(sessions, replace(ANN, account_id=person))
    await state.sign_in_sessions.end_all(person)
    await asyncio.sleep(0.01)
    after = await _begun(sessions, session)
    assert await sessions.use(before, HOUR) is None
    assert (await _used(sessions, after)).session == session
    # Keycloak has a session of this one, and the deny list knows it.
    await _used(sessions, by_name)


async def test_only_what_awaits_a_proof_is_completed(sessions: OpaqueSessions) -> None:
    token = await _begun(sessions)
    assert not await sessions.complete(token, replace(ANN, account_id="id-of-eve"))
    assert not await sessions.complete("made-up", ANN)
    assert (await _used(sessions, token)).session == ANN


async def test_a_session_that_was_completed_meanwhile_is_not_thrown_back(sessions: OpaqueSessions) -> None:
    token = await _begun(sessions, PENDING)
    found = await _used(sessions, token, ALWAYS)
    assert await sessions.complete(token, ANN)
    assert await found.goes_on()
    assert (await _used(sessions, token)).session == ANN


async def test_what_an_account_has_begun_ends_with_its_sign_ins(state: State) -> None:
    sessions = state.opaque_sessions
    pending, others = await _begun(sessions, PENDING), await _begun(sessions, replace(PENDING, account_id="id-of-eve"))
    full = await _begun(sessions)
    await state.sign_in_sessions.end_all("id-of-ann")
    assert await sessions.use(pending, HOUR) is None
    assert await sessions.use(others, HOUR) is not None
    assert await sessions.use(full, HOUR) is not None
    await asyncio.sleep(0.01)
    assert await sessions.use(await _begun(sessions, PENDING), HOUR) is not None


async def test_nothing_can_be_read_in_redis_and_everything_ends(own_state: State, own_redis: RedisServer) -> None:
    tokens = [await _begun(own_state.opaque_sessions, each) for each in (ANN, BY_PROGRAM, PENDING)]
    keys = own_redis.ask("KEYS", "*")
    everything = "\n".join([*own_redis.everything(), *keys])
    secrets = [part for each in tokens for part in (each, each[:32], each[32:])]
    assert not [each for each in (*secrets, "the-refresh-token", "example.org", "id-of-ann") if each in everything]
    assert sorted(own_redis.ask("TTL", key) for key in keys) == pytest.approx([600, 3600, 3600], abs=2)


async def test_what_is_kept_opens_with_its_own_token_only(own_state: State, own_redis: RedisServer) -> None:
    sessions = own_state.opaque_sessions
    mine, others = await _begun(sessions), await _begun(sessions, replace(ANN, account_id="id-of-eve"))
    first, second = own_redis.ask("KEYS", "*")
    sealed = own_redis.ask("HGET", first, "sealed")
    own_redis.ask("HSET", first, "sealed", own_redis.ask("HGET", second, "sealed"))
    own_redis.ask("HSET", second, "sealed", sealed)
    assert [await sessions.use(token, HOUR) for token in (mine, others)] == [None, None]


async def test_a_session_outlives_a_new_secret_key_in_front(redis_settings: RedisSettings) -> None:
    async with opened(redis_settings) as before:
        token = await _begun(before.opaque_sessions)
    async with opened(redis_settings, keys=("B" * 43, KEY)) as after:
        assert (await _used(after.opaque_sessions, token)).session == ANN
    async with opened(redis_settings, keys=("B" * 43,)) as without:
        assert await without.opaque_sessions.use(token, HOUR) is None


@pytest.mark.parametrize(
    "written", [b'[3,"id-of-ann",null,null,null,"","",0]', b'[2,"id-of-ann",["card","1"],null,null,"","",0]']
)
async def test_of_another_version_there_is_no_session(own_state: State, own_redis: RedisServer, written: bytes) -> None:
    token = await _begun(own_state.opaque_sessions)
    (key,) = own_redis.ask("KEYS", "*")
    own_redis.ask("HSET", key, "sealed", own_state.secrets.seal("opaque-session", written, beside=token).decode())
    assert await own_state.opaque_sessions.use(token, HOUR) is None


async def test_a_turn_whose_answer_is_lost_is_given_back(own_redis: RedisServer) -> None:
    way = Cutter(own_redis.port)
    async with way.listening() as url, opened(redis_at(url)) as state:
        sessions = state.opaque_sessions
        token = await _begun(sessions)
        await (await _used(sessions, token, ALWAYS)).give_back()
        way.answers_to_cut = 1
        with pytest.raises(Unavailable):
            await sessions.use(token, ALWAYS)
        await sessions.end()
        assert (await _used(sessions, token, ALWAYS)).is_due


async def test_without_redis_nothing_is_found_and_nothing_begins(own_state: State, own_redis: RedisServer) -> None:
    sessions = own_state.opaque_sessions
    token = await _begun(sessions)
    found = await _used(sessions, token, ALWAYS)
    own_redis.kill()
    for asked in (sessions.use(token, HOUR), _begun(sessions), sessions.end_one(token), sessions.complete(token, ANN)):
        with pytest.raises(Unavailable):
            await asked
    await found.give_back()


async def test_a_redis_that_has_lost_everything_knows_no_session(own_state: State, own_redis: RedisServer) -> None:
    token = await _begun(own_state.opaque_sessions)
    own_redis.ask("FLUSHALL")
    assert await own_state.opaque_sessions.use(token, HOUR) is None
